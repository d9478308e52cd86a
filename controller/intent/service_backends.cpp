#include "controller/intent/service_backends.hpp"

namespace knm {

using Family = contrail::Family;
using Member = Endpoints::Member;

Member* ServiceBackends::mark(const ObjectKey& service, Endpoints::MemberId id, DirtyBackends& dirty) {
  auto* of_service = endpoints_.of(service);
  if (!of_service) return nullptr;
  const auto found = of_service->members.find(id);
  if (found == of_service->members.end() || found->second.dirty) return nullptr;
  found->second.dirty = true;
  const auto* pod = pods_.by_uid(endpoints_.uid_of(id.pod));
  dirty.emplace_back(id, pod ? pod->key : ObjectName());
  return &found->second;
}

void ServiceBackends::subtract(BackendGroup& group, Endpoints::MemberId id, Member& member) const {
  if (group.is_stale) return;  // all of them will be counted again
  const auto* pod = group.headless ? pods_.by_uid(endpoints_.uid_of(id.pod)) : nullptr;
  group.roster.withdraw(id, member, pod ? tier_key(pod->ns, pod->tier) : std::string());
}

BackendMoves ServiceBackends::update(BackendGroup& group, const ObjectKey& service,
                                     const k8s::Packed<k8s::Service>& object, const DirtyBackends& dirty,
                                     std::array<Reach, 2>& reach) {
  auto* of_service = endpoints_.of(service);
  BackendMoves moves;
  BackendUpdate pass(pods_, endpoints_, {object, group, of_service, reach, moves});
  const bool all = group.is_stale;
  group.is_stale = false;
  if (all) {
    group.roster = Roster();
    if (of_service)
      for (auto& [id, member] : of_service->members) pass.count(id, member);
  } else if (of_service) {
    for (const auto& [id, name] : dirty)
      if (const auto member = of_service->members.find(id); member != of_service->members.end())
        pass.count(id, member->second);
  }
  for (const auto family : {Family::v4, Family::v6}) pass.settle(family, dirty, all);
  if (all)
    endpoints_.tidy(service);
  else
    tidy(service, dirty);
  return moves;
}

// A few members are removed one by one, so that the others stay where they are in memory.
void ServiceBackends::tidy(const ObjectKey& service, const DirtyBackends& dirty) {
  constexpr std::size_t few = 16;
  if (dirty.size() > few) return endpoints_.tidy(service);
  for (const auto& [id, name] : dirty) endpoints_.forget(service, id);
}

void ServiceBackends::clear(BackendGroup& group, const ObjectKey& service) {
  group.roster = Roster();
  group.is_stale = true;
  if (auto* of_service = endpoints_.of(service))
    for (auto& [id, member] : of_service->members) {
      Member fresh;
      fresh.named = member.named, fresh.ready = member.ready, fresh.unready = member.unready;
      fresh.ports = member.ports;
      member = fresh;
    }
  endpoints_.tidy(service);
}

void ServiceBackends::forget(const ObjectKey& service, const DirtyBackends& dirty) {
  if (auto* of_service = endpoints_.of(service))
    for (const auto& [id, name] : dirty)
      if (const auto member = of_service->members.find(id); member != of_service->members.end())
        member->second.dirty = false;
  tidy(service, dirty);
}

}  // namespace knm
