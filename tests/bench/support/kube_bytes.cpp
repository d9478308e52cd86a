#include "tests/bench/support/kube_bytes.hpp"

#include <protozero/pbf_writer.hpp>

namespace knm::bench {
namespace {

using Writer = protozero::pbf_writer;

constexpr std::string_view magic{"k8s\0", 4};
constexpr std::size_t managed_fields_bytes = 1200;
constexpr std::size_t container_bytes = 900;

void add_pair(Writer& parent, protozero::pbf_tag_type tag, std::string_view key, std::string_view value) {
  Writer pair(parent, tag);
  pair.add_string(1, std::string(key));
  pair.add_string(2, std::string(value));
}

void add_meta(Writer& object, const k8s::ObjectMeta& meta, std::string_view service = {}) {
  Writer out(object, 1);
  out.add_string(1, meta.name);
  if (!meta.ns.empty()) out.add_string(3, meta.ns);
  out.add_string(5, meta.uid);
  out.add_string(6, std::to_string(meta.resource_version));
  {
    Writer time(out, 8);
    time.add_int64(1, meta.creation_timestamp);
  }
  if (meta.terminating) {
    Writer time(out, 9);
    time.add_int64(1, meta.creation_timestamp + 1);
  }
  for (const auto& [key, value] : meta.labels) add_pair(out, 11, key, value);
  if (!service.empty()) add_pair(out, 11, "kubernetes.io/service-name", service);
  for (const auto& [key, value] : meta.annotations) add_pair(out, 12, key, value);
  Writer managed(out, 17);
  managed.add_string(1, "kube-controller-manager");
  managed.add_string(6, std::string(managed_fields_bytes, 'f'));
}

std::string_view text_of(k8s::PodPhase phase) { return phase == k8s::PodPhase::running ? "Running" : "Pending"; }

std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw) {
  std::string out(magic);
  Writer unknown(out);
  {
    Writer type(unknown, 1);
    type.add_string(1, std::string(api_version));
    type.add_string(2, std::string(kind));
  }
  unknown.add_bytes(2, raw.data(), raw.size());
  return out;
}

void add_port(Writer& spec, const k8s::ServicePort& port) {
  Writer out(spec, 1);
  out.add_string(1, port.name);
  out.add_string(2, port.protocol);
  out.add_int32(3, port.port);
  Writer target(out, 4);
  target.add_int64(1, port.target_name.empty() ? 0 : 1);
  target.add_int32(2, port.target_port);
  target.add_string(3, port.target_name);
}

void add_port(Writer& slice, const k8s::EndpointPort& port) {
  Writer out(slice, 3);
  out.add_string(1, port.name);
  out.add_string(2, port.protocol);
  if (port.port != 0) out.add_int32(3, port.port);
}

void add_endpoint(Writer& slice, const k8s::Endpoint& endpoint) {
  Writer out(slice, 2);
  for (const auto& address : endpoint.addresses) out.add_string(1, address);
  {
    Writer conditions(out, 2);
    conditions.add_bool(1, endpoint.ready);
    conditions.add_bool(2, endpoint.serving);
    conditions.add_bool(3, endpoint.terminating);
  }
  Writer target(out, 4);
  target.add_string(1, endpoint.target_kind);
  target.add_string(2, endpoint.target_ns);
  target.add_string(3, endpoint.target_name);
  target.add_string(4, endpoint.target_uid);
}

}  // namespace

std::string encode(const k8s::Namespace& object) {
  std::string out;
  Writer writer(out);
  add_meta(writer, object.meta);
  return out;
}

std::string encode(const k8s::Pod& object) {
  std::string out;
  Writer writer(out);
  add_meta(writer, object.meta);
  {
    Writer spec(writer, 2);
    {
      Writer container(spec, 2);
      container.add_string(1, "main");
      container.add_string(2, "registry.example.com/team/server:1.0");
      container.add_string(3, std::string(container_bytes, 'c'));
    }
    if (!object.node.empty()) spec.add_string(10, object.node);
  }
  Writer status(writer, 3);
  status.add_string(1, std::string(text_of(object.phase)));
  for (const auto* type : {"PodScheduled", "Initialized", "ContainersReady", "Ready"}) {
    Writer condition(status, 2);
    condition.add_string(1, type);
    condition.add_string(2, object.ready ? "True" : "False");
  }
  return out;
}

std::string encode(const k8s::Service& object) {
  std::string out;
  Writer writer(out);
  add_meta(writer, object.meta);
  Writer spec(writer, 2);
  for (const auto& port : object.ports) add_port(spec, port);
  if (object.has_selector) add_pair(spec, 2, "name", object.meta.name);
  if (!object.cluster_ips.empty()) spec.add_string(3, object.cluster_ips.front());
  spec.add_string(4, object.type == k8s::ServiceType::load_balancer ? "LoadBalancer" : "ClusterIP");
  for (const auto& ip : object.external_ips) spec.add_string(5, ip);
  if (!object.load_balancer_ip.empty()) spec.add_string(8, object.load_balancer_ip);
  for (const auto& range : object.load_balancer_source_ranges) spec.add_string(9, range);
  for (const auto& ip : object.cluster_ips) spec.add_string(18, ip);
  spec.commit();
  if (object.ingress.empty()) return out;
  Writer status(writer, 3);
  Writer load_balancer(status, 1);
  for (const auto& ip : object.ingress) {
    Writer entry(load_balancer, 1);
    entry.add_string(1, ip);
  }
  return out;
}

std::string encode(const k8s::EndpointSlice& object) {
  std::string out;
  Writer writer(out);
  add_meta(writer, object.meta, object.service);
  for (const auto& endpoint : object.endpoints) add_endpoint(writer, endpoint);
  for (const auto& port : object.ports) add_port(writer, port);
  writer.add_string(4, object.address_type == k8s::AddressType::ipv6 ? "IPv6" : "IPv4");
  return out;
}

std::string encode_metadata(const k8s::ObjectMeta& meta) {
  std::string out;
  Writer writer(out);
  add_meta(writer, meta);
  return envelope("meta.k8s.io/v1", "PartialObjectMetadata", out);
}

std::string list_item(std::string_view message) {
  std::string out;
  Writer list(out);
  list.add_bytes(2, message.data(), message.size());
  return out;
}

std::string encode_list(const k8s::ResourceName& resource, std::uint64_t version, std::string_view continue_token,
                        std::string_view items) {
  std::string raw;
  {
    Writer list(raw);
    Writer meta(list, 1);
    meta.add_string(2, std::to_string(version));
    if (!continue_token.empty()) meta.add_string(3, std::string(continue_token));
  }
  raw += items;
  return envelope(resource.api_version, std::string(resource.kind) + "List", raw);
}

std::string encode_event(const k8s::ResourceName& resource, std::string_view type, std::string_view message) {
  const auto object = envelope(resource.api_version, resource.kind, message);
  std::string event;
  {
    Writer writer(event);
    writer.add_string(1, std::string(type));
    Writer extension(writer, 2);
    extension.add_bytes(1, object.data(), object.size());
  }
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(event.size() >> shift & 0xff);
  return frame + event;
}

}  // namespace knm::bench
