#include "controller/intent/state.hpp"

#include <utility>

#include "controller/model/names.hpp"

namespace knm {

Intent::State::State(const Settings& given)
    : settings(given),
      namespaces(settings, changes),
      pods(settings, namespaces, changes, *this),
      services(settings, namespaces, pods, changes, *this),
      external(settings, changes, *this),
      service_tiers(settings, namespaces, external, changes, *this),
      pod_tiers(settings, external, service_tiers, changes, *this) {}

// The diagram of the units. An arrow means "reads the facts of", or "is notified by":
//
//   Pod                → Namespace
//   Service            → Pod, Namespace
//   external network   → pod tier (connected to it), service tier (whose place it takes), both (whose network it is)
//   pod tier           → Pod, Service (headless, that it has backends of), external network (that exists)
//   service tier       → Service, pod tier (that requests it), external network (that takes its place), Namespace
//
// Namespaces and Pods have no line below: their facts are updated as soon as they are put.
std::vector<Unit> Intent::State::settle() {
  changes.begin();
  if (std::exchange(all_dirty_, false)) {
    services.touch_all();
    pod_tiers.touch_all();
  }
  services.settle();
  // More than one round only if a tier has a network that is configured as external.
  while (!external.is_settled() || !pod_tiers.is_settled() || !service_tiers.is_settled()) {
    external.settle();
    pod_tiers.settle();
    service_tiers.settle();
  }
  return changes.take();
}

void Intent::State::forget_changes() {
  services.forget_dirty();
  pod_tiers.forget_dirty();
  changes.take();
  all_dirty_ = true;
}

bool Intent::State::is_settled() const {
  return services.is_settled() && external.is_settled() && pod_tiers.is_settled() && service_tiers.is_settled() &&
         changes.empty();
}

void Intent::State::put(const k8s::Namespace& object) {
  if (namespaces.put(object)) service_tiers.touch_namespace(object.meta.name);
}

void Intent::State::drop_namespace(const std::string& name) {
  if (namespaces.drop(name)) service_tiers.touch_namespace(name);
}

void Intent::State::refuse_namespace(const std::string& name, bool refused) {
  if (!namespaces.refuse(name, refused)) return;
  pods.update_namespace(name);
  services.touch_namespace(name);
  service_tiers.touch_namespace(name);
}

std::vector<PackedText> Intent::State::keys(UnitKind kind, std::optional<std::string_view> ns) const {
  switch (kind) {
    case UnitKind::ns:
      return namespaces.keys();
    case UnitKind::pod:
      return pods.keys(ns);
    case UnitKind::pod_tier:
      return pod_tiers.keys(ns);
    case UnitKind::service_tier:
      return service_tiers.keys(ns);
    case UnitKind::service:
      return services.keys(ns);
    case UnitKind::external_network:
      return external.keys();
  }
  return {};
}

void Intent::State::before_backend_changes(std::string_view uid) { services.touch_pod(uid); }

void Intent::State::pod_joins_tier(const PodFacts& pod) { pod_tiers.add(pod); }

void Intent::State::pod_leaves_tier(const PodFacts& pod) { pod_tiers.remove(pod); }

void Intent::State::share_texts(PodFacts& pod) {
  const auto& endpoints = services.endpoints();
  if (const auto id = endpoints.id_of(pod.uid); id != Endpoints::no_pod) pod.uid.share(endpoints.uid_of(id));
  if (pod.has_network) pod_tiers.share_texts(pod);
}

void Intent::State::service_joins_tier(const ObjectName& service, const TierKey& tier, bool headless) {
  service_tiers.add(tier, service, headless);
}

void Intent::State::service_leaves_tier(const ObjectName& service, const TierKey& tier) {
  service_tiers.remove(tier, service);
}

void Intent::State::headless_backend(const TierKey& service_tier, const TierKey& pod_tier, bool in) {
  const auto shared_key = pod_tiers.count_headless(pod_tier, service_tier, in);
  service_tiers.count_headless(service_tier, shared_key, in);
}

void Intent::State::external_network_changes(bool global, const std::vector<std::string>& tiers) {
  if (global) pod_tiers.touch_all();
  service_tiers.touch_names(tiers);
}

void Intent::State::pod_tier_requests(const PackedText& pod_tier, const PackedText& service_tier, bool in) {
  service_tiers.request(service_tier, pod_tier, in);
}

void Intent::State::pod_tier_connects(const PackedText& pod_tier, const std::string& network, bool in) {
  external.connect(network, pod_tier, in);
}

void Intent::State::pod_tier_exists(const PackedText& pod_tier, bool in) {
  external.count_own(ns_of(pod_tier), pod_network_name(name_of(pod_tier)), in);
}

void Intent::State::service_tier_is_addressed(const PackedText& service_tier, bool in) {
  external.count_own(ns_of(service_tier), "service-" + std::string(name_of(service_tier)), in);
}

void Intent::State::service_tier_is_served_by(const PackedText& service_tier, std::string_view network, bool in) {
  external.serve(network, service_tier, in);
}

}  // namespace knm
