#include "tests/bench/largest/shapes.hpp"

#include <array>
#include <cstdio>

#include <protozero/pbf_writer.hpp>

#include "tests/bench/support/cluster.hpp"
#include "tests/bench/support/kube_bytes.hpp"

namespace knm::bench {
namespace {

using Writer = protozero::pbf_writer;
using Kind = Encoded::Kind;

constexpr const char* ns = "team-0";
// The sum of all annotations of an object: TotalAnnotationSizeLimitB of k8s.io/apimachinery/pkg/api/validation.
constexpr std::size_t annotation_bytes = 256 * 1024 - 100;
// The part of a request that an object can use.
constexpr std::size_t object_bytes = 1'400'000;
// pkg/apis/discovery/validation: maxEndpoints, maxAddresses, maxPorts.
constexpr std::size_t max_endpoints = 1000, max_addresses = 100, max_ports = 20'000;
// The ports of a Service have no own limit; a server accepted this many.
constexpr std::size_t service_ports = 25'000;

std::size_t scaled(std::size_t most, double share) {
  return static_cast<std::size_t>(static_cast<double>(most) * share);
}

std::string uid(char kind, std::size_t number) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "1a26e57%c-0000-4000-8000-%012zx", kind, number);
  return text.data();
}

k8s::ObjectMeta meta(char kind, std::size_t number, std::string name) {
  k8s::ObjectMeta out;
  out.ns = ns;
  out.name = std::move(name);
  out.uid = uid(kind, number);
  out.resource_version = 1;
  out.creation_timestamp = 1'700'000'000;
  return out;
}

k8s::Pod pod(std::size_t copy) {
  k8s::Pod out;
  out.meta = meta('a', copy, "pod-" + std::to_string(copy));
  out.meta.labels = {{"name", "tier-" + std::to_string(copy)}};
  out.phase = k8s::PodPhase::running;
  return out;
}

std::vector<Encoded> annotated(std::size_t copy, std::string value, const char* key = "uses") {
  auto out = pod(copy);
  out.meta.annotations = {{key, std::move(value)}};
  return {{Kind::pod, encode(out)}};
}

// The shortest names that are all different, between `open` and `close`.
std::string names(std::size_t bytes, std::string_view open, std::string_view between, std::string_view close) {
  static constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string out(open);
  for (std::size_t i = 36 * 36; out.size() + between.size() + 4 < bytes; ++i) {
    if (out.size() > open.size()) out += between;
    for (auto rest = i; rest > 0; rest /= digits.size()) out += digits[rest % digits.size()];
  }
  return out.append(close);
}

k8s::Service service(std::size_t copy) {
  k8s::Service out;
  out.meta = meta('b', copy, "service-" + std::to_string(copy));
  out.meta.labels = {{"name", out.meta.name}};
  out.cluster_ips = {contrail::IpAddress::v4(0x0afe0001 + static_cast<std::uint32_t>(copy)).text()};
  out.ports = {{"http", "TCP", 80, 8080, "", 0}};
  out.has_selector = true;
  return out;
}

k8s::EndpointSlice slice(std::size_t copy, std::size_t endpoints, std::size_t addresses) {
  k8s::EndpointSlice out;
  out.meta = meta('c', copy, "slice-" + std::to_string(copy));
  out.service = "service-" + std::to_string(copy);
  out.ports = {{"http", "TCP", 8080}};
  for (std::size_t i = 0; i < endpoints; ++i) {
    k8s::Endpoint endpoint;
    for (std::size_t k = 0; k < addresses; ++k)
      endpoint.addresses.push_back(contrail::IpAddress::v4(0x0a000001 + static_cast<std::uint32_t>(i + k)).text());
    endpoint.ready = endpoint.serving = true;
    endpoint.target_kind = "Pod";
    endpoint.target_ns = ns;
    endpoint.target_name = "pod-" + std::to_string(i);
    endpoint.target_uid = uid('a', i);
    out.endpoints.push_back(std::move(endpoint));
  }
  return out;
}

std::string port_name(std::size_t i) { return "p" + std::to_string(i); }

// Four Pods are behind the Service, so that all these ports have backends.
std::vector<Encoded> with_ports(double share, std::size_t copy, bool named) {
  auto out = service(copy);
  out.ports.clear();
  const auto count = scaled(service_ports, share);
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::int32_t>(i + 1);
    out.ports.push_back({port_name(i), "TCP", number, named ? 0 : number + 30'000, named ? port_name(i) : "", 0});
  }
  auto endpoints = slice(copy, 4, 1);
  endpoints.ports.clear();
  for (std::size_t i = 0; i < std::min(count, max_ports); ++i)
    endpoints.ports.push_back({port_name(i), "TCP", static_cast<std::int32_t>(i + 30'001)});
  std::vector<Encoded> all{{Kind::service, encode(out)}, {Kind::slice, encode(endpoints)}};
  for (std::size_t i = 0; i < 4; ++i) all.push_back({Kind::pod, encode(pod(i))});
  return all;
}

// All Services have the same Pods behind them.
std::vector<Encoded> with_endpoints(double share, std::size_t copy) {
  // As many addresses as fit; each is 17 bytes.
  constexpr std::size_t fit = object_bytes / max_endpoints / 17;
  const auto count = scaled(max_endpoints, share);
  std::vector<Encoded> out{{Kind::service, encode(service(copy))},
                           {Kind::slice, encode(slice(copy, count, std::min(fit, max_addresses)))}};
  for (std::size_t i = 0; copy == 0 && i < count; ++i) out.push_back({Kind::pod, encode(pod(i))});
  return out;
}

// Each copy is another slice of the same Service and Pods, with other ports.
std::vector<Encoded> with_slices(double share, std::size_t copy) {
  auto endpoints = slice(copy, 4, 1);
  endpoints.service = "service-0";
  const auto tail = "-" + std::to_string(copy);
  for (std::size_t i = 0; i < scaled(max_ports, share); ++i)
    endpoints.ports.push_back({port_name(i) + tail, "TCP", static_cast<std::int32_t>(i + 1)});
  std::vector<Encoded> out{{Kind::slice, encode(endpoints)}};
  if (copy > 0) return out;
  out.push_back({Kind::service, encode(service(copy))});
  for (std::size_t i = 0; i < 4; ++i) out.push_back({Kind::pod, encode(pod(i))});
  return out;
}

std::vector<Encoded> with_long_uid(double share, std::size_t copy) {
  auto endpoints = slice(copy, 1, 1);
  endpoints.endpoints.front().target_uid = std::string(scaled(object_bytes, share), 'u');
  return {{Kind::service, encode(service(copy))}, {Kind::slice, encode(endpoints)}};
}

std::vector<Encoded> with_slice_ports(double share, std::size_t copy) {
  auto endpoints = slice(copy, 4, 1);
  const std::string tail(40, 'x');
  for (std::size_t i = 0; i < scaled(max_ports, share); ++i)
    endpoints.ports.push_back({port_name(i) + tail, "TCP", static_cast<std::int32_t>(i + 1)});
  return {{Kind::service, encode(service(copy))}, {Kind::slice, encode(endpoints)}};
}

std::vector<Encoded> with_external_ips(double share, std::size_t copy) {
  auto out = service(copy);
  for (std::size_t i = 0; i < scaled(object_bytes / 17, share); ++i)
    out.external_ips.push_back(contrail::IpAddress::v4(0xc6120001 + static_cast<std::uint32_t>(i)).text());
  return {{Kind::service, encode(out)}, {Kind::slice, encode(slice(copy, 4, 1))}};
}

k8s::Service balanced(std::size_t copy) {
  auto out = service(copy);
  out.type = k8s::ServiceType::load_balancer;
  return out;
}

// The API server does not validate these two fields.
std::vector<Encoded> with_requested_address(double share, std::size_t copy) {
  auto out = balanced(copy);
  out.load_balancer_ip = std::string(scaled(object_bytes, share), '1');
  return {{Kind::service, encode(out)}};
}

std::vector<Encoded> with_source_ranges(double share, std::size_t copy) {
  auto out = balanced(copy);
  for (std::size_t i = 0; i < scaled(object_bytes / 20, share); ++i)
    out.load_balancer_source_ranges.push_back(
        contrail::IpAddress::v4(0xc6120001 + static_cast<std::uint32_t>(i)).text() + "/32");
  return {{Kind::service, encode(out)}};
}

std::vector<Encoded> with_ingress(double share, std::size_t copy) {
  auto out = balanced(copy);
  for (std::size_t i = 0; i < scaled(object_bytes / 17, share); ++i)
    out.ingress.push_back(contrail::IpAddress::v4(0xc6120001 + static_cast<std::uint32_t>(i)).text());
  return {{Kind::service, encode(out)}};
}

// A key has a prefix of up to 253 characters and 63 of its own, a value 63.
std::vector<Encoded> with_labels(double share, std::size_t copy) {
  auto out = pod(copy);
  const std::string value(63, 'v');
  for (std::size_t i = 0; i < scaled(object_bytes / 140, share); ++i)
    out.meta.labels.emplace_back("example.com/" + std::to_string(1'000'000 + i) + std::string(50, 'k'), value);
  return {{Kind::pod, encode(out)}};
}

std::vector<Encoded> with_container_ports(double share, std::size_t copy) {
  auto bytes = encode(pod(copy));
  {
    Writer object(bytes);
    Writer spec(object, 2);
    Writer container(spec, 2);
    for (std::size_t i = 0; i < scaled(20'000, share); ++i) {
      Writer port(container, 6);
      port.add_string(1, port_name(i) + "-abcdefgh");
      port.add_int32(3, static_cast<std::int32_t>(i + 1));
      port.add_string(4, "TCP");
    }
  }
  return {{Kind::pod, std::move(bytes)}};
}

}  // namespace

const std::vector<LargestShape>& largest_shapes() {
  static const std::vector<LargestShape> shapes{
      {"uses, a list of names",
       [](double share, std::size_t copy) {
         return annotated(copy, names(scaled(annotation_bytes, share), "", ",", ""));
       }},
      {"uses, JSON",
       [](double share, std::size_t copy) {
         return annotated(copy, names(scaled(annotation_bytes, share), R"([")", R"(",")", R"("])"));
       }},
      {"uses, deep JSON",
       [](double share, std::size_t copy) {
         return annotated(copy, std::string(scaled(annotation_bytes, share), '['));
       }},
      {"uses, no names",
       [](double share, std::size_t copy) {
         std::string text;
         while (text.size() + 2 < scaled(annotation_bytes, share)) text += "-,";
         return annotated(copy, text);
       }},
      {"ports, numbered", [](double share, std::size_t copy) { return with_ports(share, copy, false); }},
      {"ports, named", [](double share, std::size_t copy) { return with_ports(share, copy, true); }},
      {"endpoints", with_endpoints},
      {"ports of a slice", with_slice_ports},
      {"slices of a Pod", with_slices},
      {"UID of an endpoint", with_long_uid},
      {"external IPs", with_external_ips},
      {"requested address", with_requested_address},
      {"source ranges", with_source_ranges},
      {"load-balancer status", with_ingress},
      {"pod-state",
       [](double share, std::size_t copy) {
         return annotated(copy, std::string(scaled(annotation_bytes, share), 's'), "opencontrail.org/pod-state");
       }},
      {"labels", with_labels},
      {"ports of containers", with_container_ports},
  };
  return shapes;
}

}  // namespace knm::bench
