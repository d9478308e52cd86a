#include "tests/k8sclient-system/to_json.hpp"

namespace test {
namespace {

using nlohmann::json;

json map_of(const std::vector<k8s::KeyValue>& pairs) {
  json map = json::object();
  for (const auto& [key, value] : pairs) map[key] = value;
  return map;
}

json meta_of(const k8s::ObjectMeta& meta) {
  return {{"ns", meta.ns},
          {"name", meta.name},
          {"uid", meta.uid},
          {"resource_version", meta.resource_version},
          {"creation_timestamp", meta.creation_timestamp},
          {"terminating", meta.terminating},
          {"labels", map_of(meta.labels)},
          {"annotations", map_of(meta.annotations)}};
}

json endpoint_of(const k8s::Endpoint& endpoint) {
  return {{"addresses", endpoint.addresses},
          {"ready", endpoint.ready},
          {"serving", endpoint.serving},
          {"terminating", endpoint.terminating},
          {"target_kind", endpoint.target_kind},
          {"target_ns", endpoint.target_ns},
          {"target_name", endpoint.target_name},
          {"target_uid", endpoint.target_uid},
          {"node", endpoint.node}};
}

}  // namespace

json to_json(const k8s::Pod& pod) {
  constexpr const char* phases[] = {"", "Pending", "Running", "Succeeded", "Failed"};
  return {{"meta", meta_of(pod.meta)}, {"phase", phases[static_cast<int>(pod.phase)]},
          {"ready", pod.ready},        {"host_network", pod.host_network},
          {"mirror", pod.mirror},      {"node", pod.node}};
}

json to_json(const k8s::Service& service) {
  constexpr const char* types[] = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"};
  json ports = json::array();
  for (const auto& port : service.ports)
    ports.push_back({{"name", port.name},
                     {"protocol", port.protocol},
                     {"port", port.port},
                     {"target_port", port.target_port},
                     {"target_name", port.target_name},
                     {"node_port", port.node_port}});
  return {{"meta", meta_of(service.meta)},
          {"type", types[static_cast<int>(service.type)]},
          {"cluster_ips", service.cluster_ips},
          {"external_ips", service.external_ips},
          {"ports", std::move(ports)},
          {"has_selector", service.has_selector},
          {"publish_not_ready_addresses", service.publish_not_ready_addresses},
          {"has_load_balancer_class", service.has_load_balancer_class},
          {"load_balancer_class", service.load_balancer_class},
          {"load_balancer_ip", service.load_balancer_ip},
          {"load_balancer_source_ranges", service.load_balancer_source_ranges},
          {"external_traffic_policy", service.external_traffic_policy},
          {"internal_traffic_policy", service.internal_traffic_policy},
          {"session_affinity", service.session_affinity},
          {"ingress", service.ingress}};
}

json to_json(const k8s::Namespace& ns) { return {{"meta", meta_of(ns.meta)}}; }

json to_json(const k8s::EndpointSlice& slice) {
  constexpr const char* types[] = {"IPv4", "IPv6", "FQDN"};
  json endpoints = json::array();
  for (const auto& endpoint : slice.endpoints) endpoints.push_back(endpoint_of(endpoint));
  json ports = json::array();
  for (const auto& port : slice.ports)
    ports.push_back({{"name", port.name}, {"protocol", port.protocol}, {"port", port.port}});
  return {{"meta", meta_of(slice.meta)},
          {"ports", std::move(ports)},
          {"service", slice.service},
          {"address_type", types[static_cast<int>(slice.address_type)]},
          {"endpoints", std::move(endpoints)}};
}

}  // namespace test
