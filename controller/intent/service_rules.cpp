#include "controller/intent/service_rules.hpp"

#include <algorithm>

namespace knm {

bool is_headless(const k8s::Service& service) {
  return !service.cluster_ips.empty() && service.cluster_ips.front() == "None";
}

bool is_our_load_balancer(const k8s::Service& service, const Settings& settings) {
  if (service.type != k8s::ServiceType::load_balancer) return false;
  if (!service.has_load_balancer_class) return settings.load_balancer_default;
  return !settings.load_balancer_class.empty() && service.load_balancer_class == settings.load_balancer_class;
}

const std::string* external_network(const Settings& settings, std::string_view ns, std::string_view tier) {
  const auto found = settings.external_service.find(std::string(tier));
  if (found == settings.external_service.end()) return nullptr;
  const auto& users = found->second.namespaces;
  if (!users.empty() && std::find(users.begin(), users.end(), ns) == users.end()) return nullptr;
  return &found->second.network;
}

std::optional<Problem> refuse_address(const contrail::IpAddress& address, const std::vector<contrail::Cidr>& ranges,
                                      bool reserved_tail, std::string_view field, std::string_view setting) {
  const auto what = std::string(field) + " " + address.text();
  const auto range =
      std::find_if(ranges.begin(), ranges.end(), [&](const auto& cidr) { return cidr.contains(address); });
  if (range == ranges.end()) {
    std::string known;
    for (const auto& cidr : ranges) known += (known.empty() ? "" : ", ") + cidr.text();
    return Problem{"AddressOutOfRange",
                   what + " is outside of " + std::string(setting) + " (" + (known.empty() ? "not set" : known) +
                       "); use an address of that range, or add another range to the configuration"};
  }
  const auto last = range->last();
  const bool in_tail = reserved_tail && (address.plus(1) == last || address.plus(2) == last);
  if (address != range->base && address != last && !in_tail) return std::nullopt;
  return Problem{"AddressReserved",
                 what + " is reserved in " + range->text() +
                     " (first and last address, in a public range also gateway and DNS); use another address"};
}

}  // namespace knm
