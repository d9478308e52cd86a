#include "tests/bench/support/cluster.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace knm::bench {
namespace {

constexpr std::size_t endpoints_per_slice = 100;
constexpr std::int64_t birth = 1'700'000'000;

enum class Kind : unsigned { kube_system = 1, ns, service, pod, slice };

std::string uid(Kind kind, std::size_t n, std::size_t number) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4000-8000-%012zx", static_cast<unsigned>(n),
                static_cast<unsigned>(kind), number);
  return text.data();
}

std::string numbered(const char* prefix, std::size_t number) { return prefix + std::to_string(number); }

// Names of the usual length: the Pods of a ReplicaSet have two hashes.
std::string pod_name(std::size_t tier, std::size_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "tier-%zu-7d9c6b8f5d-x%04zx", tier, number);
  return text.data();
}

k8s::ObjectMeta meta(Kind kind, std::size_t n, std::size_t number, std::string name) {
  k8s::ObjectMeta out;
  if (kind != Kind::ns) out.ns = numbered("team-", n);
  out.name = std::move(name);
  out.uid = uid(kind, n, number);
  out.resource_version = 1;
  out.creation_timestamp = birth;
  return out;
}

}  // namespace

Settings Cluster::settings() const {
  Settings settings;
  settings.private_ip_range = {*contrail::Cidr::parse("10.0.0.0/15")};
  settings.service_cluster_ip_range = {*contrail::Cidr::parse("10.254.0.0/16")};
  settings.public_ip_range = {*contrail::Cidr::parse("198.18.0.0/15")};
  settings.cluster_service = {{"kube-system", "default"}};
  return settings;
}

k8s::Namespace Cluster::kube_system() {
  k8s::Namespace out;
  out.meta.name = "kube-system";
  out.meta.uid = uid(Kind::kube_system, 0, 0);
  return out;
}

k8s::Namespace Cluster::ns(std::size_t n) const { return {meta(Kind::ns, n, 0, numbered("team-", n))}; }

k8s::Service Cluster::service(std::size_t n, std::size_t tier) const {
  k8s::Service out;
  out.meta = meta(Kind::service, n, tier, numbered("tier-", tier));
  out.meta.labels = {{"name", numbered("tier-", tier)}};
  const auto at = static_cast<std::uint32_t>(n * shape_.services_per_namespace + tier + 1);
  out.cluster_ips = {contrail::IpAddress::v4(0x0afe0000 + at).text()};
  if (tier < shape_.public_services_per_namespace) out.external_ips = {contrail::IpAddress::v4(0xc6120000 + at).text()};
  out.ports = {{"http", "TCP", 80, 8080, "", 0}};
  out.has_selector = true;
  return out;
}

k8s::Pod Cluster::pod(std::size_t n, std::size_t number) const {
  const auto tier = tier_of(number);
  k8s::Pod out;
  out.meta = meta(Kind::pod, n, number, pod_name(tier, number));
  out.meta.labels = {{"name", numbered("tier-", tier)},
                     {"uses", numbered("tier-", (tier + 1) % shape_.services_per_namespace)}};
  out.phase = k8s::PodPhase::running;
  out.node = numbered("node-", number % 100);
  return out;
}

k8s::Pod Cluster::pod_named(std::string_view ns, std::string_view name) const {
  const auto number = [](std::string_view text, int base) {
    std::size_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out, base);
    return out;
  };
  // "team-<decimal>", and the hexadecimal number of the Pod behind "-x".
  return pod(number(ns.substr(ns.find('-') + 1), 10), number(name.substr(name.rfind('x') + 1), 16));
}

k8s::EndpointSlice Cluster::slice_with(std::size_t n, std::size_t number, const Test& exists, const Test& ready) const {
  const auto tier = tier_of(number), step = shape_.services_per_namespace;
  const auto chunk = number / step / endpoints_per_slice;
  k8s::EndpointSlice out;
  out.service = numbered("tier-", tier);
  out.ports = {{"http", "TCP", 8080}};
  out.meta = meta(Kind::slice, n, tier * 10'000 + chunk, out.service + "-" + std::to_string(chunk));
  for (std::size_t i = 0; i < endpoints_per_slice; ++i) {
    const auto member = (chunk * endpoints_per_slice + i) * step + tier;
    if (!exists(member)) continue;
    k8s::Endpoint endpoint;
    endpoint.addresses = {contrail::IpAddress::v4(0x0a000000 + static_cast<std::uint32_t>(member + 1)).text()};
    endpoint.ready = endpoint.serving = ready(member);
    endpoint.target_kind = "Pod";
    endpoint.target_ns = out.meta.ns;
    endpoint.target_name = pod_name(tier, member);
    endpoint.target_uid = uid(Kind::pod, n, member);
    out.endpoints.push_back(std::move(endpoint));
  }
  return out;
}

std::vector<k8s::EndpointSlice> Cluster::slices(std::size_t n, std::size_t tier) const {
  std::vector<k8s::EndpointSlice> out;
  const auto all = [&](std::size_t number) { return number < shape_.pods_per_namespace; };
  const auto stride = shape_.services_per_namespace * endpoints_per_slice;
  for (auto number = tier; number < shape_.pods_per_namespace; number += stride)
    out.push_back(slice_with(n, number, all, [](std::size_t) { return true; }));
  return out;
}

}  // namespace knm::bench
