#include "controller/intent/claims.hpp"

#include <algorithm>

namespace knm {

std::set<ObjectKey> Claims::claim(const Claimant& claimant, std::vector<contrail::IpAddress> addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  const auto known = by_service_.find(claimant.service);
  if (known != by_service_.end() && known->second.claimant == claimant && known->second.addresses == addresses)
    return {};
  auto touched = release(claimant.service);
  for (const auto& address : addresses) {
    auto& claimants = by_address_[address];
    for (const auto& other : claimants) touched.insert(other.service);
    claimants.insert(claimant);
  }
  if (!addresses.empty()) by_service_[claimant.service] = {claimant, std::move(addresses)};
  touched.erase(claimant.service);
  return touched;
}

std::set<ObjectKey> Claims::release(const ObjectKey& service) {
  std::set<ObjectKey> touched;
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return touched;
  for (const auto& address : known->second.addresses) {
    const auto at = by_address_.find(address);
    at->second.erase(known->second.claimant);
    for (const auto& other : at->second) touched.insert(other.service);
    if (at->second.empty()) by_address_.erase(at);
  }
  by_service_.erase(known);
  return touched;
}

const Claims::Claimant* Claims::holder(const contrail::IpAddress& address) const {
  const auto at = by_address_.find(address);
  return at == by_address_.end() ? nullptr : &*at->second.begin();
}

}  // namespace knm
