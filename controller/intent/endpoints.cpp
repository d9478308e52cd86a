#include "controller/intent/endpoints.hpp"

#include <algorithm>

namespace knm {

void Endpoints::put(const k8s::EndpointSlice& object, const Touched& touched) {
  const auto key = tier_key(object.meta.ns, object.meta.name);
  const auto service = object.service.empty() ? ObjectKey() : tier_key(object.meta.ns, object.service);
  if (const auto known = slices_.find(key); known != slices_.end() && known->second.service != service)
    drop(key, touched);
  if (service.empty()) return;
  auto& slice = slices_[key];
  slice.service = service;
  services_.try_emplace(service);
  replace(slice, object.endpoints, touched);
}

void Endpoints::drop(const ObjectKey& key, const Touched& touched) {
  const auto known = slices_.find(key);
  if (known == slices_.end()) return;
  replace(known->second, {}, touched);
  const auto service = known->second.service;
  slices_.erase(known);
  drop_if_empty(service);
}

// Most changes are of one endpoint among a hundred: what is the same before it and behind it is left alone.
void Endpoints::replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched) {
  const auto same = [](const Endpoint& a, const k8s::Endpoint& b) { return a.is(b); };
  auto& known = slice.endpoints;
  const auto [from, fresh] = std::mismatch(known.begin(), known.end(), endpoints.begin(), endpoints.end(), same);
  const auto [back, fresh_back] = std::mismatch(known.rbegin(), std::make_reverse_iterator(from), endpoints.rbegin(),
                                                std::make_reverse_iterator(fresh), same);
  const auto to = back.base();
  std::vector<Endpoint> now;
  for (auto at = fresh; at != fresh_back.base(); ++at) now.push_back({at->target_uid, at->ready, at->terminating});
  // In before out, so that a Pod that only moves is never seen gone.
  for (const auto& endpoint : now) count(slice.service, endpoint, true, touched);
  for (auto at = from; at != to; ++at) count(slice.service, *at, false, touched);
  const auto overlap = std::min(to - from, static_cast<std::ptrdiff_t>(now.size()));
  const auto moved = std::move(now.begin(), now.begin() + overlap, from);
  known.insert(known.erase(moved, to), std::make_move_iterator(now.begin() + overlap),
               std::make_move_iterator(now.end()));
}

void Endpoints::count(const ObjectKey& service, const Endpoint& endpoint, bool in, const Touched& touched) {
  auto& of_service = services_[service];
  const std::uint32_t step = in ? 1 : ~std::uint32_t{0};
  if (endpoint.uid.empty()) {
    of_service.anonymous += in ? 1 : ~std::size_t{0};
  } else {
    auto& member = of_service.members[endpoint.uid];
    auto& backed = services_of_[endpoint.uid];
    const auto at = std::lower_bound(backed.begin(), backed.end(), service);
    if (in && member.named == 0) backed.insert(at, service);
    member.named += step;
    if (!endpoint.terminating) (endpoint.ready ? member.ready : member.unready) += step;
    if (!in && member.named == 0) backed.erase(at);
    if (backed.empty()) services_of_.erase(endpoint.uid);
  }
  touched(service, endpoint.uid);
}

Endpoints::OfService* Endpoints::of(const ObjectKey& service) {
  const auto found = services_.find(service);
  return found == services_.end() ? nullptr : &found->second;
}

void Endpoints::forget(const ObjectKey& service, const std::string& uid) {
  if (auto* of_service = of(service)) of_service->members.erase(uid);
  drop_if_empty(service);
}

void Endpoints::tidy(const ObjectKey& service) {
  if (auto* of_service = of(service))
    std::erase_if(of_service->members, [](const auto& entry) { return entry.second.named == 0; });
  drop_if_empty(service);
}

void Endpoints::drop_if_empty(const ObjectKey& service) {
  const auto found = services_.find(service);
  if (found != services_.end() && found->second.members.empty() && found->second.anonymous == 0) services_.erase(found);
}

const std::vector<ObjectKey>& Endpoints::services_of(std::string_view uid) const {
  static const std::vector<ObjectKey> none;
  const auto* found = find_or_null(services_of_, uid);
  return found ? *found : none;
}

}  // namespace knm
