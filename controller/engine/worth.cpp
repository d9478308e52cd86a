#include "controller/engine/worth.hpp"

#include <algorithm>

namespace knm {

k8s::Worth Worths::of(const k8s::Namespace& known) const {
  const auto project = table_.find(contrail::Type::project, binder_.names().project(known.meta.name));
  return {1, project == no_slot ? 0 : table_[project].dependents()};
}

// A completed Pod no longer needs its network; a Pod with hostNetwork never had one.
k8s::Worth Worths::of(const k8s::Pod& known) const {
  const auto* pod = intent_.pod(tier_key(known.meta.ns, known.meta.name));
  return {!pod || pod->has_network ? std::size_t{1} : 0, 0};
}

k8s::Worth Worths::of(const k8s::Service& known) const {
  const auto* service = intent_.service(tier_key(known.meta.ns, known.meta.name));
  if (!service) return {1, 0};
  const auto* tier = intent_.service_tier(tier_key(service->ns, service->tier));
  const auto backends = std::max(service->reach[0].pods.size(), service->reach[1].pods.size());
  return {1, backends + (tier ? tier->users.size() : 0)};
}

k8s::Worth Worths::of(const k8s::EndpointSlice& known) const {
  return {1, intent_.endpoints_in(tier_key(known.meta.ns, known.meta.name))};
}

}  // namespace knm
