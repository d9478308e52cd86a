#include "tests/support/builders.hpp"

#include <algorithm>

#include "contrail-client/uuid.hpp"

namespace knm::test {

std::string uid(const std::string& kind, const std::string& key, int incarnation) {
  return contrail::uuid_v5({}, kind + " " + key + " " + std::to_string(incarnation)).text();
}

k8s::Namespace make_namespace(const std::string& name, int incarnation) {
  k8s::Namespace out;
  out.meta.name = name;
  out.meta.uid = uid("namespace", name, incarnation);
  out.meta.resource_version = 1;
  return out;
}

k8s::Pod make_pod(const std::string& ns, const std::string& name, const std::string& tier, PodOptions options) {
  k8s::Pod out;
  out.meta.ns = ns;
  out.meta.name = name;
  out.meta.uid = uid("pod", ns + "/" + name, options.incarnation);
  out.meta.creation_timestamp = 1000;
  out.meta.resource_version = 1;
  if (!tier.empty()) out.meta.labels.emplace_back("name", tier);
  if (!options.uses_label.empty()) out.meta.labels.emplace_back("uses", options.uses_label);
  if (!options.uses.empty()) out.meta.annotations.emplace_back("uses", options.uses);
  out.phase = options.phase;
  out.host_network = options.host_network;
  return out;
}

k8s::Service make_service(const std::string& ns, const std::string& name, const std::string& tier,
                          const std::string& cluster_ip, ServiceOptions options) {
  k8s::Service out;
  out.meta.ns = ns;
  out.meta.name = name;
  out.meta.uid = uid("service", ns + "/" + name, options.incarnation);
  out.meta.creation_timestamp = options.created;
  if (!tier.empty()) out.meta.labels.emplace_back("name", tier);
  out.cluster_ips = {options.headless ? "None" : cluster_ip};
  out.external_ips = options.external_ips;
  out.ports = options.ports;
  out.has_selector = options.selector;
  out.type = options.type;
  out.load_balancer_ip = options.load_balancer_ip;
  out.publish_not_ready_addresses = options.publish_not_ready;
  return out;
}

k8s::EndpointSlice make_slice(const std::string& ns, const std::string& service, const std::vector<k8s::Pod>& pods,
                              const std::vector<std::string>& unready) {
  k8s::EndpointSlice out;
  out.meta.ns = ns;
  out.meta.name = service + "-slice";
  out.service = service;
  out.ports = {{"", "TCP", 80}};
  for (const auto& pod : pods) {
    k8s::Endpoint endpoint;
    endpoint.ready = std::find(unready.begin(), unready.end(), pod.meta.name) == unready.end();
    endpoint.serving = endpoint.ready;
    endpoint.target_kind = "Pod";
    endpoint.target_ns = ns;
    endpoint.target_name = pod.meta.name;
    endpoint.target_uid = pod.meta.uid;
    out.endpoints.push_back(std::move(endpoint));
  }
  return out;
}

}  // namespace knm::test
