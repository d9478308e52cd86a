#include "tests/bench/support/wide_cluster.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {
namespace {

constexpr std::size_t endpoints_per_slice = 100;
constexpr const char* only_ns = "crowd";
constexpr std::int32_t target_port = 8080;

enum class Kind : unsigned { ns = 1, backend, client, service, slice, user };

std::string uid(Kind kind, std::size_t number) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "0000c0de-%04x-4000-8000-%012zx", static_cast<unsigned>(kind), number);
  return text.data();
}

k8s::ObjectMeta meta(Kind kind, std::size_t number, std::string name) {
  k8s::ObjectMeta out;
  if (kind != Kind::ns) out.ns = only_ns;
  out.name = std::move(name);
  out.uid = uid(kind, number);
  out.resource_version = 1;
  out.creation_timestamp = 1'700'000'000;
  return out;
}

// The usual length of the names of a ReplicaSet's Pods.
std::string backend_name(std::size_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "web-7d9c6b8f5d-x%04zx", number);
  return text.data();
}

k8s::Pod pod(Kind kind, std::size_t number, std::string name, std::string tier, std::string uses) {
  k8s::Pod out;
  out.meta = meta(kind, number, std::move(name));
  out.meta.labels = {{"name", std::move(tier)}};
  if (!uses.empty()) out.meta.annotations = {{"uses", std::move(uses)}};
  out.phase = k8s::PodPhase::running;
  out.node = "node-" + std::to_string(number % 100);
  return out;
}

}  // namespace

const char* name(Target target) {
  switch (target) {
    case Target::numbered:
      return "numbered";
    case Target::named:
      return "named";
    case Target::headless:
      break;
  }
  return "headless";
}

Settings WideCluster::settings() { return Cluster({}).settings(); }

k8s::Namespace WideCluster::ns() { return {meta(Kind::ns, 0, only_ns)}; }

k8s::Pod WideCluster::backend(std::size_t number) {
  auto out = pod(Kind::backend, number, backend_name(number), "web", {});
  return out;
}

k8s::Pod WideCluster::client() { return pod(Kind::client, 0, "client-0", "client", "numbered,named,headless"); }

k8s::Service WideCluster::service(Target target) {
  const auto number = static_cast<std::size_t>(target);
  k8s::Service out;
  out.meta = meta(Kind::service, number, name(target));
  out.meta.labels = {{"name", name(target)}};
  out.cluster_ips = {target == Target::headless ? "None" : "10.254.0." + std::to_string(number + 1)};
  const bool named = target == Target::named;
  out.ports = {{"http", "TCP", 80, named ? 0 : target_port, named ? "http" : "", 0}};
  out.has_selector = true;
  return out;
}

std::size_t WideCluster::slices() const { return (backends_ + endpoints_per_slice - 1) / endpoints_per_slice; }

k8s::EndpointSlice WideCluster::slice(Target target, std::size_t chunk, const Test& ready) const {
  k8s::EndpointSlice out;
  out.service = name(target);
  out.ports = {{"http", "TCP", target_port}};
  out.meta =
      meta(Kind::slice, static_cast<std::size_t>(target) * 10'000 + chunk, out.service + "-" + std::to_string(chunk));
  const auto from = chunk * endpoints_per_slice;
  for (auto number = from; number < std::min(backends_, from + endpoints_per_slice); ++number) {
    k8s::Endpoint endpoint;
    endpoint.addresses = {contrail::IpAddress::v4(0x0a000000 + static_cast<std::uint32_t>(number + 1)).text()};
    endpoint.ready = endpoint.serving = ready(number);
    endpoint.target_kind = "Pod";
    endpoint.target_ns = only_ns;
    endpoint.target_name = backend_name(number);
    endpoint.target_uid = uid(Kind::backend, number);
    out.endpoints.push_back(std::move(endpoint));
  }
  return out;
}

k8s::Service WideCluster::shared() {
  auto out = service(Target::numbered);
  out.meta = meta(Kind::service, 3, "shared");
  out.meta.labels = {{"name", "shared"}};
  out.cluster_ips = {"10.254.0.4"};
  return out;
}

k8s::Pod WideCluster::user(std::size_t number, bool uses) {
  const auto tier = "user-" + std::to_string(number);
  return pod(Kind::user, number, tier + "-5c6d8b7f9-abcde", tier, uses ? "shared" : "");
}

}  // namespace knm::bench
