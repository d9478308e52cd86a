#pragma once

#include <string>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

// The rules of one Service, as pure functions of what it says and of the Pods behind it.
namespace knm {

bool is_headless(const k8s::Service& service);
// Whether what a port means depends on the Pod.
bool has_named_target(const k8s::Service& service);

// How many of a Service's externalIPs are looked at: the first.
inline constexpr std::size_t most_external_ips = 64;

// Whether its load-balancer address is ours to give: type LoadBalancer, and its class the configured one, or none and
// the default is ours (object-model section 4).
bool is_our_load_balancer(const k8s::Service& service, const Settings& settings);

// Why `address` cannot be a floating IP in `ranges`, as a Problem with `reason`; nullopt where it can. With
// `reserved_tail` the last two usable addresses of a range are its gateway and DNS.
std::optional<Problem> refuse_address(const contrail::IpAddress& address, const std::vector<contrail::Cidr>& ranges,
                                      bool reserved_tail, std::string_view field, std::string_view setting);

struct Backends {
  std::vector<ObjectName> pods;                 // sorted
  std::vector<contrail::PortMapping> mappings;  // sorted
  std::vector<Problem> problems;
};

// Who serves the Service's addresses, and by which mappings. As soon as one port differs from its target, the mappings
// list every port; a named target port is looked up in each Pod, and where Pods disagree the majority is served (a tie:
// the oldest Pod's), the others are detached and named in a problem (object-model rule 3.6). `waiting_pods`: those
// behind it that do not serve now; they are asked for their named ports where nobody serves.
Backends serve(const k8s::Service& service, const std::vector<const PodFacts*>& ready_pods,
               const std::vector<const PodFacts*>& waiting_pods = {});

}  // namespace knm
