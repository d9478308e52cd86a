#include "controller/ipam/address_pool.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "controller/base/keys.hpp"

namespace knm {

AddressPool::AddressPool(std::vector<contrail::Cidr> ranges, bool reserved_tail, Time rest) : cool_down_(rest) {
  for (auto& cidr : ranges) {
    const std::uint64_t reserved = reserved_tail ? 4 : 2;
    const auto size = cidr.size();
    ranges_.push_back({cidr, 1, size > reserved ? size - reserved : 0, {}});
  }
}

AddressPool::Range* AddressPool::usable_range_of(const contrail::IpAddress& address) {
  for (auto& range : ranges_) {
    if (!range.cidr.contains(address)) continue;
    const auto offset = address.distance_from(range.cidr.base);
    return offset >= range.first && offset - range.first < range.count ? &range : nullptr;
  }
  return nullptr;
}

bool AddressPool::contains(const contrail::IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) { return range.cidr.contains(address); });
}

std::optional<contrail::IpAddress> AddressPool::of(std::string_view owner) const {
  const auto found = owners_.find(text_digest(owner));
  return found == owners_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<contrail::IpAddress> AddressPool::choose(const std::string& owner, contrail::Family family, Time now) {
  return choose(owner, family, now, [](const contrail::IpAddress&) { return true; });
}

std::optional<contrail::IpAddress> AddressPool::choose(const std::string& owner, contrail::Family family, Time now,
                                                       const std::function<bool(const contrail::IpAddress&)>& free) {
  if (const auto known = of(owner)) return known;
  wake(now);
  for (auto& range : ranges_) {
    if (range.cidr.base.family != family) continue;
    const auto reserved = std::count_if(reserved_.begin(), reserved_.end(), [&](const auto& address) {
      return range.cidr.contains(address) && !range.taken.contains(address.distance_from(range.cidr.base));
    });
    if (range.taken.size() + static_cast<std::size_t>(reserved) >= range.count) break;
    auto patience = most_refusals;
    const auto start = std::hash<std::string>{}(owner) % range.count;
    for (std::uint64_t tried = 0; tried < range.count; ++tried) {
      const auto offset = range.first + (tried < range.count - start ? start + tried : tried - (range.count - start));
      const auto address = range.cidr.base.plus(offset);
      if (range.taken.contains(offset) || reserved_.contains(address)) continue;
      if (!free(address)) {
        if (--patience == 0) break;
        continue;
      }
      hold(owner, address);
      return address;
    }
    break;
  }
  return std::nullopt;
}

void AddressPool::hold(const std::string& owner, const contrail::IpAddress& address) {
  const auto digest = text_digest(owner);
  const auto [known, fresh] = owners_.try_emplace(digest, address);
  if (!fresh && known->second != address) let_go(digest, std::exchange(known->second, address), std::nullopt);
  take(digest, address);
}

void AddressPool::take(Owner owner, const contrail::IpAddress& address) {
  auto* range = usable_range_of(address);
  if (!range) return;
  const auto [at, fresh] = range->taken.try_emplace(address.distance_from(range->cidr.base), Taken::by(owner));
  if (!fresh && at->second == Taken::by(owner)) return;
  if (fresh || !at->second.in_use)
    ++used_;
  else
    others_.emplace(address, Owner{at->second.value});
  at->second = Taken::by(owner);
  others_.erase({address, Owner{at->second.value}});
}

void AddressPool::let_go(Owner owner, const contrail::IpAddress& address, std::optional<Time> until) {
  auto* range = usable_range_of(address);
  if (!range) return;
  const auto at = range->taken.find(address.distance_from(range->cidr.base));
  if (at == range->taken.end() || at->second != Taken::by(owner)) {
    others_.erase({address, Owner{Taken::by(owner).value}});
    return;
  }
  if (const auto other = others_.lower_bound({address, 0}); other != others_.end() && other->first == address) {
    at->second = {other->second, 1};
    others_.erase(other);
    return;
  }
  --used_;
  if (!until) {
    range->taken.erase(at);
    return;
  }
  at->second = Taken::until(*until);
  cooling_down_.emplace(*until, address);
}

void AddressPool::reserve(const contrail::IpAddress& address) {
  if (contains(address)) reserved_.insert(address);
}

void AddressPool::refuse(const std::string& owner, const contrail::IpAddress& address, Time now) {
  const auto found = owners_.find(text_digest(owner));
  if (found == owners_.end() || found->second != address) return;
  // An inventory may have shown the other owner while the request was in flight.
  let_go(found->first, address, now + std::max(cool_down_, least_cool_down_of_refused));
  owners_.erase(found);
}

void AddressPool::release(std::string_view owner, Time now) {
  const auto found = owners_.find(text_digest(owner));
  if (found == owners_.end()) return;
  let_go(found->first, found->second, now + cool_down_);
  owners_.erase(found);
}

void AddressPool::wake(Time now) {
  while (!cooling_down_.empty() && cooling_down_.begin()->first <= now) {
    const auto [until, address] = *cooling_down_.begin();
    cooling_down_.erase(cooling_down_.begin());
    auto* range = usable_range_of(address);
    const auto taken = range->taken.find(address.distance_from(range->cidr.base));
    // In the meantime the server may have shown an owner, and then released it again.
    if (taken != range->taken.end() && taken->second == Taken::until(until)) range->taken.erase(taken);
  }
}

std::optional<Time> AddressPool::next_cooled_down() const {
  return cooling_down_.empty() ? std::nullopt : std::optional(cooling_down_.begin()->first);
}

}  // namespace knm
