#include "controller/intent/service_limits.hpp"

#include <algorithm>

#include "controller/intent/service_ports.hpp"

namespace knm {
namespace {

// Another load balancer, for its own class, sends to the node ports of its Services, if they have any.
bool depends_on_node_ports(const k8s::Service& service, const ServiceFacts& facts) {
  if (service.type == k8s::ServiceType::node_port) return true;
  return service.type == k8s::ServiceType::load_balancer && !facts.wants_load_balancer &&
         std::any_of(service.ports.begin(), service.ports.end(), [](const auto& port) { return port.node_port != 0; });
}

}  // namespace

std::vector<Problem> cannot_express(const k8s::Service& service, const ServiceFacts& facts) {
  std::vector<Problem> out;
  const bool is_public = facts.wants_load_balancer || !facts.external_addresses.empty();
  if (facts.wants_load_balancer && !service.load_balancer_source_ranges.empty())
    out.push_back({"SourceRangesNotEnforced",
                   "loadBalancerSourceRanges are not supported: the load-balancer address is open to every client; "
                   "remove the ranges, and restrict access where the public network is routed"});
  if (is_public && service.external_traffic_policy == "Local")
    out.push_back({"ExternalTrafficPolicyIgnored",
                   "externalTrafficPolicy Local is not supported: the public addresses reach the Pods of all nodes, "
                   "and Pods see the address of the client in any case; use Cluster"});
  if (facts.headless) return out;
  if (service.ports.size() > max_service_ports)
    out.push_back({"TooManyPorts", "the Service has more than " + std::to_string(max_service_ports) +
                                       " ports, so only the first are open; divide the ports among several Services"});
  if (service.internal_traffic_policy == "Local")
    out.push_back(
        {"InternalTrafficPolicyIgnored",
         "internalTrafficPolicy Local is not supported: the addresses reach the Pods of all nodes; use Cluster"});
  if (service.session_affinity == "ClientIP")
    out.push_back({"SessionAffinityIgnored",
                   "sessionAffinity ClientIP is not supported: each connection may reach another Pod; use None, and "
                   "keep sessions in the application"});
  if (depends_on_node_ports(service, facts))
    out.push_back(
        {"NodePortNotOpened",
         service.type == k8s::ServiceType::node_port
             ? "the controller opens no node ports; use the ClusterIP, an address in externalIPs, or type LoadBalancer"
             : "the controller opens no node ports and does not serve this load-balancer class, so a load balancer "
               "that sends to node ports reaches no Pod; use the configured class, or set "
               "allocateLoadBalancerNodePorts to false if the load balancer needs no node ports"});
  return out;
}

}  // namespace knm
