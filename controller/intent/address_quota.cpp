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
    out[at->claimant.service].push_back(at->request);
  return out;
}

// Applies `what`. Returns the other Services whose allowed requests changed.
std::set<ObjectKey> AddressQuota::change(const ObjectKey& service, const auto& what) {
  auto& share = by_namespace_[PackedText(ns_of(service))];
  const auto before = allowed(share);
  what(share);
  const auto after = allowed(share);
  if (share.had == 0 && share.waiting.empty()) by_namespace_.erase(PackedText(ns_of(service)));
  std::set<ObjectKey> touched;
  const auto compare = [&](const auto& one, const auto& other) {
    for (const auto& [key, requests] : one)
      if (const auto found = other.find(key); found == other.end() || found->second != requests) touched.insert(key);
  };
  compare(before, after);
  compare(after, before);
  touched.erase(service);
  return touched;
}

std::set<ObjectKey> AddressQuota::ask(const Claimant& claimant, const std::vector<contrail::IpAddress>& requests) {
  const auto known = by_service_.find(claimant.service);
  const bool same_service = known != by_service_.end() && known->second.claimant == claimant;
  const auto is_same = [](const Request& request, const contrail::IpAddress& address) {
    return request.address == address;
  };
  if (same_service && std::equal(known->second.requests.begin(), known->second.requests.end(), requests.begin(),
                                 requests.end(), is_same))
    return {};
  auto touched = same_service ? std::set<ObjectKey>() : release(claimant.service);
  if (requests.empty()) {
    const auto others = release(claimant.service);
    touched.insert(others.begin(), others.end());
    return touched;
  }
  auto& asked = by_service_[claimant.service];
  asked.claimant = claimant;
  std::vector<Request> now;
  for (const auto& address : requests) {
    const auto before = std::find_if(asked.requests.begin(), asked.requests.end(),
                                     [&](const Request& request) { return is_same(request, address); });
    now.push_back({address, before != asked.requests.end() ? before->has : has_ && has_(claimant, address)});
  }
  const auto others = change(claimant.service, [&](Share& share) {
    for (std::uint32_t i = 0; i < asked.requests.size(); ++i)
      if (asked.requests[i].has)
        --share.had;
      else
        share.waiting.erase({claimant, i, asked.requests[i].address});
    for (std::uint32_t i = 0; i < now.size(); ++i)
      if (now[i].has)
        ++share.had;
      else
        share.waiting.insert({claimant, i, now[i].address});
  });
  asked.requests = std::move(now);
  touched.insert(others.begin(), others.end());
  return touched;
}

std::set<ObjectKey> AddressQuota::release(const ObjectKey& service) {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return {};
  const auto asked = std::move(known->second);
  by_service_.erase(known);
  return change(service, [&](Share& share) {
    for (std::uint32_t i = 0; i < asked.requests.size(); ++i)
      if (asked.requests[i].has)
        --share.had;
      else
        share.waiting.erase({asked.claimant, i, asked.requests[i].address});
  });
}

std::set<ObjectKey> AddressQuota::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return {};
  auto& requests = known->second.requests;
  const auto find = [&](const contrail::IpAddress& wanted) {
    return std::find_if(requests.begin(), requests.end(),
                        [&](const Request& request) { return request.address == wanted; });
  };
  auto at = find(address);
  if (at == requests.end()) at = find(unspecified(address.family));
  if (at == requests.end() || at->has) return {};
  at->has = true;
  return change(service, [&](Share& share) {
    share.waiting.erase({known->second.claimant, static_cast<std::uint32_t>(at - requests.begin()), at->address});
    ++share.had;
  });
}

bool AddressQuota::allows(const ObjectKey& service, const contrail::IpAddress& request) const {
  const auto known = by_service_.find(service);
  if (known == by_service_.end()) return false;
  const auto& requests = known->second.requests;
  const auto at =
      std::find_if(requests.begin(), requests.end(), [&](const Request& other) { return other.address == request; });
  if (at == requests.end()) return false;
  if (at->has) return true;
  const auto share = by_namespace_.find(ns_of(service));
  auto left = limit_ - std::min(limit_, share->second.had);
  for (auto place = share->second.waiting.begin(); place != share->second.waiting.end() && left > 0; ++place, --left)
    if (place->claimant.service == service && place->request == request) return true;
  return false;
}

}  // namespace knm
