#include "controller/intent/labels.hpp"
#include "controller/intent/state.hpp"

namespace knm {
namespace {

constexpr std::string_view state_annotation = "opencontrail.org/pod-state";

bool holds_network(const k8s::Pod& pod) {
  if (pod.host_network) return false;
  if (pod.mirror) return false;
  const bool completed = pod.phase == k8s::PodPhase::succeeded || pod.phase == k8s::PodPhase::failed;
  return !completed;
}

PodFacts facts_of(const k8s::Pod& pod, const Settings& settings, bool has_place) {
  PodFacts facts;
  facts.set_key(tier_key(pod.meta.ns, pod.meta.name));
  facts.ns = pod.meta.ns;
  facts.uid = pod.meta.uid;
  facts.created = pod.meta.creation_timestamp;
  facts.terminating = pod.meta.terminating;
  facts.resource_version = pod.meta.resource_version;
  facts.entitled = holds_network(pod);
  facts.networked = facts.entitled && has_place;
  facts.on_node = pod.host_network || pod.mirror;
  if (const auto* state = k8s::find_value(pod.meta.annotations, std::string(state_annotation)))
    facts.state = text_digest(*state);
  if (!facts.entitled) return facts;
  facts.tier = knm::pod_tier(pod.meta, settings.network_label);
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

// What of a Pod matters to the Services that it backs.
bool same_backend(const PodFacts& a, const PodFacts& b) {
  return a.uid == b.uid && a.created == b.created && a.networked == b.networked && a.terminating == b.terminating &&
         a.on_node == b.on_node && a.tier == b.tier && a.ns == b.ns;
}

}  // namespace

void Intent::State::join_tier(const PodFacts& pod) {
  if (!pod.networked) return;
  const auto key = tier_key(pod.ns, pod.tier);
  auto& tier = pod_tiers[key];
  bool touched = ++tier.pods == 1;
  for (const auto& name : pod.uses) touched |= ++tier.uses[name] == 1;
  if (touched) dirty_pod_tiers.insert(key);
}

void Intent::State::leave_tier(const PodFacts& pod) {
  if (!pod.networked) return;
  const auto key = tier_key(pod.ns, pod.tier);
  auto& tier = pod_tiers[key];
  bool touched = --tier.pods == 0;
  for (const auto& name : pod.uses) {
    const auto use = tier.uses.find(name);
    if (--use->second > 0) continue;
    tier.uses.erase(use);
    touched = true;
  }
  if (touched) dirty_pod_tiers.insert(key);
}

void Intent::State::dirty_services_of(std::string_view uid) {
  const auto id = endpoints.id_of(uid);
  for (const auto& service : endpoints.services_of(id))
    for (const auto family : {contrail::Family::v4, contrail::Family::v6})
      touch(service, Endpoints::MemberId(id, family));
}

void Intent::State::dirty_whole(const ObjectKey& service) { dirty_services[service].whole = true; }

void Intent::State::put_pod(const k8s::Pod& object) {
  set_pod(tier_key(object.meta.ns, object.meta.name), facts_of(object, settings, has_place(object.meta.ns)));
}

void Intent::State::set_pod(const ObjectKey& key, PodFacts facts) {
  auto at = pods.find(key);
  if (at == pods.end()) at = pods.try_emplace(key).first;
  auto& entry = *at;
  facts.set_key(entry.first);
  auto& record = entry.second;
  record.facts.resource_version =
      facts.resource_version;  // moves with every status update, and means nothing by itself
  if (record.facts == facts) return;
  const bool rejoin =
      record.facts.networked != facts.networked || record.facts.tier != facts.tier || record.facts.uses != facts.uses;
  const bool backend = !same_backend(record.facts, facts);
  // Before anything is changed: what they count of it is taken back as it was counted.
  if (backend && !record.facts.uid.empty()) dirty_services_of(record.facts.uid);
  if (backend) dirty_services_of(facts.uid);
  // In before out, so that a tier that keeps a Pod is never seen empty.
  if (rejoin) join_tier(facts);
  if (rejoin && !record.facts.uid.empty()) leave_tier(record.facts);
  const bool replaced = record.facts.uid != facts.uid;
  const bool same_objects = !replaced && record.facts.networked == facts.networked && record.facts.tier == facts.tier;
  if (replaced) forget_uid(entry);
  share_texts(facts, record.facts);
  without_state -= lacks_state(record.facts) ? 1 : 0;
  record.facts = std::move(facts);
  without_state += lacks_state(record.facts) ? 1 : 0;
  if (replaced) remember_uid(entry);
  if (same_objects)
    change_aside(key);
  else
    change(UnitKind::pod, key);
}

// Most texts of a Pod are known already: from its slices, from others of its tier, from what it was before.
void Intent::State::share_texts(PodFacts& facts, const PodFacts& before) {
  if (const auto id = endpoints.id_of(facts.uid); id != Endpoints::nobody) facts.uid.share(endpoints.uid_of(id));
  facts.uid.share(before.uid);
  if (!facts.networked) return;
  auto& tier = pod_tiers.find(tier_key(facts.ns, facts.tier))->second;
  if (tier.ns.empty()) tier.ns = facts.ns, tier.name = facts.tier;
  facts.ns.share(tier.ns);
  facts.tier.share(tier.name);
  facts.uses.share(tier.last_uses);
  tier.last_uses = facts.uses;
}

void Intent::State::remember_uid(const Pods::value_type& entry) {
  // Two Pods of one UID cannot be; if they are, the last one counts.
  pods_by_uid.erase(&entry);
  pods_by_uid.insert(&entry);
}

void Intent::State::forget_uid(const Pods::value_type& entry) {
  if (const auto known = pods_by_uid.find(&entry); known != pods_by_uid.end() && *known == &entry)
    pods_by_uid.erase(known);
}

void Intent::State::drop_pod(const ObjectKey& key) {
  const auto found = pods.find(key);
  if (found == pods.end()) return;
  dirty_services_of(found->second.facts.uid);
  leave_tier(found->second.facts);
  without_state -= lacks_state(found->second.facts) ? 1 : 0;
  forget_uid(*found);
  pods.erase(found);
  change(UnitKind::pod, key);
}

const PodFacts* Intent::State::pod_by_uid(std::string_view uid) const {
  const auto found = pods_by_uid.find(uid);
  return found == pods_by_uid.end() ? nullptr : &(*found)->second.facts;
}

}  // namespace knm
