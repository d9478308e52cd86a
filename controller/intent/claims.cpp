#include "controller/intent/claims.hpp"

#include <algorithm>
#include <iterator>

namespace knm {

Claims::Queue::iterator Claims::find(Queue& queue, const Claimant& claimant) {
  const auto had = queue.find(Claim{false, claimant});
  return had == queue.end() ? queue.find(Claim{true, claimant}) : had;
}

// The Services that are notified of the holder.
std::vector<ObjectName> Claims::first_of(const Queue& queue) {
  std::vector<ObjectName> out;
  for (const auto& claim : queue) {
    if (out.size() > near) break;
    out.push_back(claim.claimant.service);
  }
  return out;
}

void Claims::change(const contrail::IpAddress& address, std::set<ObjectKey>& touched, const auto& what) {
  auto& queue = by_address_[address];
  auto before = first_of(queue);
  what(queue);
  auto after = first_of(queue);
  if (queue.empty()) by_address_.erase(address);
  const bool same_holder = !before.empty() && !after.empty() && before.front() == after.front();
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  std::vector<ObjectName> changed;
  if (same_holder)
    std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(),
                                  std::back_inserter(changed));
  else
    std::set_union(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(changed));
  for (const auto& service : changed) touched.insert(service.text());
}

std::set<ObjectKey> Claims::claim(const Claimant& claimant, std::vector<contrail::IpAddress> addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::set<ObjectKey> touched;
  const auto known = by_service_.find(claimant.service);
  const bool same_service = known != by_service_.end() && known->second.claimant == claimant;
  if (same_service && known->second.addresses == addresses) return touched;
  if (!same_service) touched = release(claimant.service);
  const auto before = same_service ? std::exchange(known->second.addresses, {}) : std::vector<contrail::IpAddress>();
  for (const auto& address : before)
    if (!std::binary_search(addresses.begin(), addresses.end(), address))
      change(address, touched, [&](Queue& queue) { queue.erase(find(queue, claimant)); });
  for (const auto& address : addresses)
    if (!std::binary_search(before.begin(), before.end(), address))
      change(address, touched, [&](Queue& queue) { queue.insert({!has_ || !has_(claimant, address), claimant}); });
  if (!addresses.empty())
    by_service_[claimant.service] = {claimant, std::move(addresses)};
  else if (same_service)
    by_service_.erase(claimant.service);
  touched.erase(claimant.service);
  return touched;
}

std::set<ObjectKey> Claims::release(const ObjectKey& service) {
  std::set<ObjectKey> touched;
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return touched;
  const auto standing = std::move(known->second);
  by_service_.erase(known);
  for (const auto& address : standing.addresses)
    change(address, touched, [&](Queue& queue) { queue.erase(find(queue, standing.claimant)); });
  touched.erase(service);
  return touched;
}

std::set<ObjectKey> Claims::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  std::set<ObjectKey> touched;
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return touched;
  const auto& standing = known->second;
  if (!std::binary_search(standing.addresses.begin(), standing.addresses.end(), address)) return touched;
  const auto at = by_address_.find(address);
  if (at->second.contains(Claim{false, standing.claimant})) return touched;
  change(address, touched, [&](Queue& queue) {
    queue.erase(Claim{true, standing.claimant});
    queue.insert({false, standing.claimant});
  });
  return touched;
}

const Claimant* Claims::holder(const contrail::IpAddress& address) const {
  const auto at = by_address_.find(address);
  return at == by_address_.end() ? nullptr : &at->second.begin()->claimant;
}

bool Claims::is_far_behind(const ObjectKey& service, const contrail::IpAddress& address) const {
  const auto at = by_address_.find(address);
  if (at == by_address_.end() || at->second.size() <= near) return false;
  const auto first = first_of(at->second);
  return std::none_of(first.begin(), first.end(), [&](const auto& other) { return other == service; });
}

}  // namespace knm
