#pragma once

#include <string>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

// The rules of one Service, as pure functions of what it says.
namespace knm {

bool is_headless(const k8s::Service& service);

// How many of a Service's externalIPs are looked at: the first.
inline constexpr std::size_t most_external_ips = 64;
// A longer status.loadBalancer.ingress is not ours: it is kept as this entry, which claims no address.
inline constexpr std::size_t most_ingress = 64;
inline constexpr const char* too_long_ingress = "(more than 64 entries)";

// Whether its load-balancer address is ours to give: type LoadBalancer, and its class the configured one, or none and
// the default is ours (object-model section 4).
bool is_our_load_balancer(const k8s::Service& service, const Settings& settings);

// Why `address` cannot be a floating IP in `ranges`, as a Problem with `reason`; nullopt where it can. With
// `reserved_tail` the last two usable addresses of a range are its gateway and DNS.
std::optional<Problem> refuse_address(const contrail::IpAddress& address, const std::vector<contrail::Cidr>& ranges,
                                      bool reserved_tail, std::string_view field, std::string_view setting);

}  // namespace knm
