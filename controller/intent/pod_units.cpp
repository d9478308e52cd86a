#include "controller/intent/pod_units.hpp"

#include <string>
#include <utility>

#include "controller/intent/labels.hpp"
#include "controller/intent/unit_keys.hpp"

namespace knm {
namespace {

constexpr std::string_view state_annotation = "opencontrail.org/pod-state";

bool wants_network(const k8s::Pod& pod) {
  if (pod.host_network) return false;
  if (pod.mirror) return false;
  const bool completed = pod.phase == k8s::PodPhase::succeeded || pod.phase == k8s::PodPhase::failed;
  return !completed;
}

PodFacts facts_of(const k8s::Pod& pod, const Settings& settings, bool is_served) {
  PodFacts facts;
  facts.set_key(tier_key(pod.meta.ns, pod.meta.name));
  facts.ns = pod.meta.ns;
  facts.uid = pod.meta.uid;
  facts.created = pod.meta.creation_timestamp;
  facts.terminating = pod.meta.terminating;
  facts.resource_version = pod.meta.resource_version;
  facts.wants_network = wants_network(pod);
  facts.has_network = facts.wants_network && is_served;
  facts.on_node = pod.host_network || pod.mirror;
  if (const auto* state = k8s::find_value(pod.meta.annotations, std::string(state_annotation)))
    facts.state = text_digest(*state);
  if (!facts.wants_network) return facts;
  facts.tier = pod_tier(pod.meta, settings.network_label);
  auto named = uses(pod.meta, settings.service_label);
  facts.uses = std::move(named.tiers);
  for (auto& problem : named.problems) facts.problems.push_back({"InvalidUses", std::move(problem)});
  if (named.more_problems > 0) facts.problems.push_back(and_more("InvalidUses", named.more_problems));
  if (named.too_many)
    facts.problems.push_back(
        {"TooManyUses", "the Pod lists more than " + std::to_string(most_uses) +
                            " service tiers, so only the first are used, those of the label before those of the "
                            "annotation; list fewer tiers, or give Services that are used together one tier"});
  return facts;
}

// Whether the facts that matter for Services with the Pod as backend are equal.
bool is_same_backend(const PodFacts& a, const PodFacts& b) {
  return a.uid == b.uid && a.created == b.created && a.has_network == b.has_network && a.terminating == b.terminating &&
         a.on_node == b.on_node && a.tier == b.tier && a.ns == b.ns;
}

}  // namespace

PodUnits::PodUnits(const Settings& settings, const NamespaceUnits& namespaces, Changes& changes, PodListener& listener)
    : settings_(settings), namespaces_(namespaces), changes_(changes), listener_(listener) {}

void PodUnits::put(const k8s::Pod& object) {
  set(tier_key(object.meta.ns, object.meta.name), facts_of(object, settings_, namespaces_.is_served(object.meta.ns)));
}

void PodUnits::forget_versions() {
  for (auto& [ns, pods] : pods_)
    for (auto& [key, facts] : pods) facts.resource_version = 0;
}

void PodUnits::set(std::string_view key, PodFacts facts) {
  auto all = pods_.find(ns_of(key));
  if (all == pods_.end()) all = pods_.try_emplace(PackedText(ns_of(key))).first;
  auto at = all->second.find(key);
  if (at == all->second.end()) at = all->second.try_emplace(PackedText(key)).first;
  set(*at, std::move(facts));
}

void PodUnits::set(Pods::value_type& pod, PodFacts facts) {
  auto& [key, known] = pod;
  facts.set_key(key);
  known.resource_version = facts.resource_version;  // changes with every status update, without a meaning of its own
  if (known == facts) return;
  announce(known, facts);
  const bool replaced = known.uid != facts.uid;
  const bool same_objects = !replaced && known.has_network == facts.has_network && known.tier == facts.tier;
  if (replaced) remove_from_index(known);
  listener_.share_texts(facts);
  facts.uid.share(known.uid);
  without_state_ -= lacks_state(known) ? 1 : 0;
  known = std::move(facts);
  without_state_ += lacks_state(known) ? 1 : 0;
  if (replaced) add_to_index(known);
  if (same_objects)
    changes_.add_with_same_objects(key);
  else
    changes_.add(UnitKind::pod, key);
}

// Called before anything changes; `before` is empty for a new Pod.
void PodUnits::announce(const PodFacts& before, const PodFacts& after) {
  const bool is_new = before.uid.empty();
  if (!is_same_backend(before, after)) {
    if (!is_new) listener_.before_backend_changes(before.uid);
    listener_.before_backend_changes(after.uid);
  }
  if (before.has_network == after.has_network && before.tier == after.tier && before.uses == after.uses) return;
  if (after.has_network) listener_.pod_joins_tier(after);
  if (!is_new && before.has_network) listener_.pod_leaves_tier(before);
}

void PodUnits::drop(std::string_view key) {
  const auto all = pods_.find(ns_of(key));
  if (all == pods_.end()) return;
  const auto found = all->second.find(key);
  if (found == all->second.end()) return;
  const auto& facts = found->second;
  listener_.before_backend_changes(facts.uid);
  if (facts.has_network) listener_.pod_leaves_tier(facts);
  without_state_ -= lacks_state(facts) ? 1 : 0;
  remove_from_index(facts);
  changes_.add(UnitKind::pod, key);
  all->second.erase(found);
  if (!all->second.empty()) return;
  if (last_ == &*all) last_ = nullptr;
  pods_.erase(all);
}

void PodUnits::update_namespace(std::string_view ns) {
  const bool is_served = namespaces_.is_served(ns);
  const auto all = pods_.find(ns);
  if (all == pods_.end()) return;
  for (auto& pod : all->second) {
    if (!pod.second.wants_network) continue;
    auto facts = pod.second;
    facts.has_network = is_served;
    set(pod, std::move(facts));
  }
}

void PodUnits::add_to_index(const PodFacts& pod) {
  // Two Pods cannot have one UID; if they do, the last one counts.
  by_uid_.erase(&pod);
  by_uid_.insert(&pod);
}

void PodUnits::remove_from_index(const PodFacts& pod) {
  if (const auto known = by_uid_.find(&pod); known != by_uid_.end() && *known == &pod) by_uid_.erase(known);
}

const PodUnits::Pods* PodUnits::in(std::string_view ns) const {
  if (last_ && last_->first.view() == ns) return &last_->second;
  const auto found = pods_.find(ns);
  if (found == pods_.end()) return nullptr;
  last_ = &*found;
  return &last_->second;
}

const PodFacts* PodUnits::find(std::string_view key) const {
  const auto* pods = in(ns_of(key));
  return pods ? find_or_null(*pods, key) : nullptr;
}

PackedText PodUnits::shared_key(std::string_view key) const {
  const auto* pods = in(ns_of(key));
  return pods ? key_in(*pods, key) : PackedText(key);
}

const PodFacts* PodUnits::by_uid(std::string_view uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : *found;
}

std::vector<PackedText> PodUnits::keys(std::optional<std::string_view> ns) const {
  std::vector<PackedText> out;
  const auto add = [&](const Pods& pods) {
    for (const auto& [key, facts] : pods) out.emplace_back(key);
  };
  if (!ns) {
    for (const auto& [name, pods] : pods_) add(pods);
  } else if (const auto* pods = in(*ns)) {
    add(*pods);
  }
  return out;
}

}  // namespace knm
