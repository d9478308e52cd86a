#include "controller/intent/endpoints.hpp"

#include <algorithm>
#include <iterator>

#include "controller/rule.hpp"

namespace knm {

void Endpoints::put(const k8s::EndpointSlice& object, const Touched& touched) {
  const auto key = tier_key(object.meta.ns, object.meta.name);
  const auto service = object.service.empty() ? ObjectKey() : tier_key(object.meta.ns, object.service);
  if (const auto known = slices_.find(key); known != slices_.end() && *known->second.service != service)
    drop(key, touched);
  if (service.empty()) return;
  auto& slice = slices_[key];
  if (!slice.service) {
    auto& [name, of_service] = *services_.try_emplace(service).first;
    slice.service = &name;
    ++of_service.slices;
  }
  replace(slice, object.endpoints, touched);
}

void Endpoints::drop(const ObjectKey& key, const Touched& touched) {
  const auto known = slices_.find(key);
  if (known == slices_.end()) return;
  replace(known->second, {}, touched);
  const ObjectKey service = *known->second.service;
  --services_.find(service)->second.slices;
  slices_.erase(known);
  drop_if_empty(service);
}

bool Endpoints::is(const Endpoint& known, const k8s::Endpoint& given) const {
  return known.ready == given.ready && known.terminating == given.terminating &&
         (known.pod == nobody ? given.target_uid.empty() : pods_[known.pod].uid == given.target_uid);
}

// Most changes are of one endpoint among a hundred: what is the same before it and behind it is left alone.
void Endpoints::replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched) {
  const auto same = [this](const Endpoint& a, const k8s::Endpoint& b) { return is(a, b); };
  auto& known = slice.endpoints;
  auto& [service, of_service] = *services_.find(*slice.service);
  const auto [from, fresh] = std::mismatch(known.begin(), known.end(), endpoints.begin(), endpoints.end(), same);
  const auto [back, fresh_back] = std::mismatch(known.rbegin(), std::make_reverse_iterator(from), endpoints.rbegin(),
                                                std::make_reverse_iterator(fresh), same);
  const auto to = back.base();
  std::vector<Endpoint> now;
  // In before out, so that a Pod that only moves is never seen gone.
  for (auto at = fresh; at != fresh_back.base(); ++at) {
    now.push_back({at->target_uid.empty() ? nobody : take(at->target_uid), at->ready, at->terminating});
    count(service, of_service, now.back(), true, touched);
  }
  for (auto at = from; at != to; ++at) count(service, of_service, *at, false, touched);
  const auto overlap = std::min(to - from, static_cast<std::ptrdiff_t>(now.size()));
  const auto moved = std::copy(now.begin(), now.begin() + overlap, from);
  known.insert(known.erase(moved, to), now.begin() + overlap, now.end());
}

void Endpoints::count(const ObjectName& service, OfService& of_service, const Endpoint& endpoint, bool in,
                      const Touched& touched) {
  const std::uint32_t step = in ? 1 : ~std::uint32_t{0};
  if (endpoint.pod == nobody) {
    of_service.anonymous += step;
  } else {
    const auto [at, fresh] = of_service.members.try_emplace(endpoint.pod);
    if (fresh) pods_[endpoint.pod].services.push_back(&service);
    auto& member = at->second;
    member.named += step;
    if (!endpoint.terminating || !holds(Rule::terminating)) (endpoint.ready ? member.ready : member.unready) += step;
  }
  touched(service, endpoint.pod);
}

Endpoints::PodId Endpoints::id_of(std::string_view uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nobody : *found;
}

Endpoints::PodId Endpoints::take(std::string_view uid) {
  if (const auto known = id_of(uid); known != nobody) return known;
  auto id = static_cast<PodId>(pods_.size());
  if (free_.empty()) {
    pods_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  pods_[id].uid = PackedText(uid);
  by_uid_.insert(id);
  return id;
}

// The Service has it as a member no longer.
void Endpoints::leave(PodId pod, const ObjectKey& service) {
  auto& record = pods_[pod];
  record.services.erase(
      std::find_if(record.services.begin(), record.services.end(), [&](const auto* key) { return *key == service; }));
  if (!record.services.empty()) return;
  by_uid_.erase(pod);
  record.uid.clear();
  free_.push_back(pod);
}

Endpoints::OfService* Endpoints::of(const ObjectKey& service) {
  const auto found = services_.find(service);
  return found == services_.end() ? nullptr : &found->second;
}

void Endpoints::forget(const ObjectKey& service, PodId pod) {
  auto* of_service = of(service);
  if (!of_service) return;
  const auto member = of_service->members.find(pod);
  if (member == of_service->members.end() || member->second.named > 0) return;
  of_service->members.erase(member);
  leave(pod, service);
  drop_if_empty(service);
}

void Endpoints::tidy(const ObjectKey& service) {
  auto* of_service = of(service);
  if (!of_service) return;
  std::vector<PodId> gone;
  for (const auto& [pod, member] : of_service->members)
    if (member.named == 0) gone.push_back(pod);
  for (const auto pod : gone) {
    of_service->members.erase(pod);
    leave(pod, service);
  }
  drop_if_empty(service);
}

void Endpoints::drop_if_empty(const ObjectKey& service) {
  const auto found = services_.find(service);
  if (found != services_.end() && found->second.members.empty() && found->second.slices == 0) services_.erase(found);
}

std::vector<ObjectKey> Endpoints::services_of(PodId pod) const {
  std::vector<ObjectKey> out;
  if (pod != nobody)
    for (const auto* service : pods_[pod].services) out.push_back(*service);
  return out;
}

}  // namespace knm
