#include "controller/intent/service_limits.hpp"

#include "controller/rule.hpp"

namespace knm {

std::vector<Problem> cannot_express(const k8s::Service& service, const ServiceFacts& facts) {
  std::vector<Problem> out;
  if (!holds(Rule::no_counterpart)) return out;
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
  if (service.internal_traffic_policy == "Local")
    out.push_back({"InternalTrafficPolicyIgnored",
                   "internalTrafficPolicy Local is not kept: its addresses reach the Pods of all nodes; use Cluster"});
  if (service.session_affinity == "ClientIP")
    out.push_back({"SessionAffinityIgnored",
                   "sessionAffinity ClientIP is not kept: each connection may reach another Pod; use None, and keep "
                   "sessions in the application"});
  if (service.type == k8s::ServiceType::node_port)
    out.push_back({"NodePortNotOpened",
                   "its node ports are not opened on the nodes; use its ClusterIP, an address in externalIPs, or type "
                   "LoadBalancer"});
  return out;
}

}  // namespace knm
