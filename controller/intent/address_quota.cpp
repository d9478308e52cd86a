#include "controller/intent/address_quota.hpp"

#include <algorithm>

#include "controller/intent/labels.hpp"

namespace knm {
namespace {

contrail::IpAddress unspecified(contrail::Family family) {
  contrail::IpAddress out;
  out.family = family;
  return out;
}

}  // namespace

std::map<ObjectName, std::vector<contrail::IpAddress>> AddressQuota::allowed(const Share& share) const {
  std::map<ObjectName, std::vector<contrail::IpAddress>> out;
  auto left = limit_ - std::min(limit_, share.had);
  for (auto at = share.waiting.begin(); at != share.waiting.end() && left > 0; ++at, --left)
    out[at->claimant.service].push_back(at->wish);
  return out;
}

// Those whose part of the places is another one afterwards.
std::set<ObjectKey> AddressQuota::change(const ObjectKey& service, const auto& what) {
  auto& share = by_namespace_[PackedText(ns_of(service))];
  const auto before = allowed(share);
  what(share);
  const auto after = allowed(share);
  if (share.had == 0 && share.waiting.empty()) by_namespace_.erase(PackedText(ns_of(service)));
  std::set<ObjectKey> touched;
  const auto compare = [&](const auto& one, const auto& other) {
    for (const auto& [key, wishes] : one)
      if (const auto found = other.find(key); found == other.end() || found->second != wishes) touched.insert(key);
  };
  compare(before, after);
  compare(after, before);
  touched.erase(service);
  return touched;
}

std::set<ObjectKey> AddressQuota::ask(const Claimant& claimant, const std::vector<contrail::IpAddress>& wishes) {
  const auto known = by_service_.find(claimant.service);
  const bool same_service = known != by_service_.end() && known->second.claimant == claimant;
  const auto same_wish = [](const Wish& wish, const contrail::IpAddress& address) { return wish.address == address; };
  if (same_service &&
      std::equal(known->second.wishes.begin(), known->second.wishes.end(), wishes.begin(), wishes.end(), same_wish))
    return {};
  auto touched = same_service ? std::set<ObjectKey>() : release(claimant.service);
  if (wishes.empty()) {
    const auto others = release(claimant.service);
    touched.insert(others.begin(), others.end());
    return touched;
  }
  auto& asked = by_service_[claimant.service];
  asked.claimant = claimant;
  std::vector<Wish> now;
  for (const auto& address : wishes) {
    const auto before = std::find_if(asked.wishes.begin(), asked.wishes.end(),
                                     [&](const Wish& wish) { return same_wish(wish, address); });
    now.push_back({address, before != asked.wishes.end() ? before->has : has_ && has_(claimant, address)});
  }
  const auto others = change(claimant.service, [&](Share& share) {
    for (std::uint32_t i = 0; i < asked.wishes.size(); ++i)
      if (asked.wishes[i].has)
        --share.had;
      else
        share.waiting.erase({claimant, i, asked.wishes[i].address});
    for (std::uint32_t i = 0; i < now.size(); ++i)
      if (now[i].has)
        ++share.had;
      else
        share.waiting.insert({claimant, i, now[i].address});
  });
  asked.wishes = std::move(now);
  touched.insert(others.begin(), others.end());
  return touched;
}

std::set<ObjectKey> AddressQuota::release(const ObjectKey& service) {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return {};
  const auto asked = std::move(known->second);
  by_service_.erase(known);
  return change(service, [&](Share& share) {
    for (std::uint32_t i = 0; i < asked.wishes.size(); ++i)
      if (asked.wishes[i].has)
        --share.had;
      else
        share.waiting.erase({asked.claimant, i, asked.wishes[i].address});
  });
}

std::set<ObjectKey> AddressQuota::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return {};
  auto& wishes = known->second.wishes;
  const auto find = [&](const contrail::IpAddress& wanted) {
    return std::find_if(wishes.begin(), wishes.end(), [&](const Wish& wish) { return wish.address == wanted; });
  };
  auto at = find(address);
  if (at == wishes.end()) at = find(unspecified(address.family));
  if (at == wishes.end() || at->has) return {};
  at->has = true;
  return change(service, [&](Share& share) {
    share.waiting.erase({known->second.claimant, static_cast<std::uint32_t>(at - wishes.begin()), at->address});
    ++share.had;
  });
}

bool AddressQuota::allows(const ObjectKey& service, const contrail::IpAddress& wish) const {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return false;
  const auto& wishes = known->second.wishes;
  const auto at = std::find_if(wishes.begin(), wishes.end(), [&](const Wish& other) { return other.address == wish; });
  if (at == wishes.end()) return false;
  if (at->has) return true;
  const auto share = by_namespace_.find(ns_of(service));
  auto left = limit_ - std::min(limit_, share->second.had);
  for (auto place = share->second.waiting.begin(); place != share->second.waiting.end() && left > 0; ++place, --left)
    if (place->claimant.service == service && place->wish == wish) return true;
  return false;
}

}  // namespace knm
