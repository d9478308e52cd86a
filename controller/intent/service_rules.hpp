#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

// Rules for one Service, as pure functions of its object.
namespace knm {

bool is_headless(const k8s::Service& service);

// The number of a Service's externalIPs that are read: the first ones.
inline constexpr std::size_t most_external_ips = 64;
// A longer status.loadBalancer.ingress is foreign: it is stored as this entry, which claims no address.
inline constexpr std::size_t most_ingress = 64;
inline constexpr const char* too_long_ingress = "(more than 64 entries)";

// Whether the controller gives it a load-balancer address: type LoadBalancer, and its class is the configured one, or
// it has none and load-balancer-default is set (object-model section 4).
bool is_our_load_balancer(const k8s::Service& service, const Settings& settings);

// The network that is configured to replace a service tier; null: none is, or not for this Namespace. Valid as long as
// the settings.
const std::string* external_network(const Settings& settings, std::string_view ns, std::string_view tier);

// Why `address` cannot be a floating IP in `ranges`, as a Problem with `reason`; nullopt: it can. With `reserved_tail`
// the last two usable addresses of a range are its gateway and DNS.
std::optional<Problem> refuse_address(const contrail::IpAddress& address, const std::vector<contrail::Cidr>& ranges,
                                      bool reserved_tail, std::string_view field, std::string_view setting);

}  // namespace knm
