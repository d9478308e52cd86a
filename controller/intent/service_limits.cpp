#include "controller/intent/service_limits.hpp"

#include <algorithm>

#include "controller/intent/service_ports.hpp"

namespace knm {
namespace {

// Another load balancer, that serves a class of its own, sends to the node ports of its Services, where they have some.
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
                   "loadBalancerSourceRanges are not enforced: its load-balancer address is open to everybody; take "
                   "them away, and restrict access to the public network where it is routed"});
  if (is_public && service.external_traffic_policy == "Local")
    out.push_back({"ExternalTrafficPolicyIgnored",
                   "externalTrafficPolicy Local is not kept: its public addresses reach the Pods of all nodes (they "
                   "see the client's own address in any case); use Cluster"});
  if (facts.headless) return out;
  if (service.ports.size() > max_service_ports)
    out.push_back(
        {"TooManyPorts", "the first " + std::to_string(max_service_ports) +
                             " ports of a Service count, and it has more, which are closed; divide them among "
                             "several Services"});
  if (service.internal_traffic_policy == "Local")
    out.push_back({"InternalTrafficPolicyIgnored",
                   "internalTrafficPolicy Local is not kept: its addresses reach the Pods of all nodes; use Cluster"});
  if (service.session_affinity == "ClientIP")
    out.push_back({"SessionAffinityIgnored",
                   "sessionAffinity ClientIP is not kept: each connection may reach another Pod; use None, and keep "
                   "sessions in the application"});
  if (depends_on_node_ports(service, facts))
    out.push_back({"NodePortNotOpened",
                   service.type == k8s::ServiceType::node_port
                       ? "its node ports are not opened on the nodes; use its ClusterIP, an address in externalIPs, or "
                         "type LoadBalancer"
                       : "its node ports are not opened on the nodes, and its load-balancer class is not ours, so a "
                         "load balancer that sends to them reaches nobody; use a class that is served here, or set "
                         "allocateLoadBalancerNodePorts to false if its load balancer needs none"});
  return out;
}

}  // namespace knm
