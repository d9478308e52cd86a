#include "controller/intent/pod_tier_units.hpp"

#include <utility>

namespace knm {

PodTierUnits::PodTierUnits(const Settings& settings, const ExternalUnits& external, const TierKeys& service_tiers,
                           Changes& changes, PodTierListener& listener)
    : settings_(settings), external_(external), service_tiers_(service_tiers), changes_(changes), listener_(listener) {
  for (const auto& [ns, tier] : settings.cluster_service) cluster_services_.push_back(tier_key(ns, tier));
}

void PodTierUnits::add(const PodFacts& pod) {
  const auto key = tier_key(pod.ns, pod.tier);
  auto& tier = tiers_[key];
  bool touched = ++tier.pods == 1;
  for (const auto& name : pod.uses) touched |= ++tier.uses[name] == 1;
  if (touched) dirty_.insert(key);
}

void PodTierUnits::remove(const PodFacts& pod) {
  const auto key = tier_key(pod.ns, pod.tier);
  auto& tier = tiers_[key];
  bool touched = --tier.pods == 0;
  for (const auto& name : pod.uses) {
    const auto use = tier.uses.find(name);
    if (--use->second > 0) continue;
    tier.uses.erase(use);
    touched = true;
  }
  if (touched) dirty_.insert(key);
}

void PodTierUnits::share_texts(PodFacts& pod) {
  auto& tier = tiers_.find(tier_key(pod.ns, pod.tier))->second;
  if (tier.ns.empty()) tier.ns = pod.ns, tier.name = pod.tier;
  pod.ns.share(tier.ns);
  pod.tier.share(tier.name);
  pod.uses.share(tier.last_uses);
  tier.last_uses = pod.uses;
}

PackedText PodTierUnits::count_headless(const TierKey& pod_tier, const TierKey& service_tier, bool in) {
  auto& [key, record] = *tiers_.try_emplace(pod_tier).first;
  auto& count = record.serves[service_tier];
  in ? ++count : --count;
  if (count == 0) record.serves.erase(service_tier);
  dirty_.insert(pod_tier);
  return key;
}

void PodTierUnits::touch_all() {
  for (const auto& [key, record] : tiers_) dirty_.insert(key);
}

void PodTierUnits::settle() {
  for (const auto& key : std::exchange(dirty_, {})) settle(key);
}

void PodTierUnits::forget_dirty() {
  for (const auto& key : std::exchange(dirty_, {})) {
    const auto found = tiers_.find(key);
    if (found != tiers_.end() && found->second.pods == 0 && found->second.serves.empty()) tiers_.erase(found);
  }
}

std::optional<PodTierFacts> PodTierUnits::facts_of(const TierKey& key, const Record& record) const {
  if (record.pods == 0) return std::nullopt;
  PodTierFacts facts;
  const auto ns = ns_of(key);
  const auto request = [&](std::string_view tier) { facts.requested.insert(service_tiers_.shared_key(tier)); };
  for (const auto& [name, count] : record.uses) request(tier_key(ns, name));
  for (const auto& name : settings_.namespace_service) request(tier_key(ns, name));
  for (const auto& tier : cluster_services_) request(tier);
  for (const auto& [service, count] : record.serves) facts.serves.insert(service_tiers_.shared_key(service));
  facts.outside = external_.global_networks(ns, name_of(key));
  return facts;
}

void PodTierUnits::settle(const TierKey& key) {
  const auto found = tiers_.find(key);
  if (found == tiers_.end()) return;
  auto& record = found->second;
  auto facts = facts_of(key, record);
  if (facts != record.facts) {
    announce(found->first, record.facts, facts);
    changes_.add(UnitKind::pod_tier, key);
  }
  record.facts = std::move(facts);
  if (!record.facts && record.serves.empty()) tiers_.erase(found);
}

void PodTierUnits::announce(const PackedText& key, const std::optional<PodTierFacts>& before,
                            const std::optional<PodTierFacts>& after) {
  static const PodTierFacts none;
  const auto& old = before ? *before : none;
  const auto& now = after ? *after : none;
  for (const auto& service : now.requested)
    if (!old.requested.contains(service)) listener_.pod_tier_requests(key, service, true);
  for (const auto& service : old.requested)
    if (!now.requested.contains(service)) listener_.pod_tier_requests(key, service, false);
  if (!(old.outside == now.outside)) {
    for (const auto& network : old.outside) listener_.pod_tier_connects(key, network, false);
    for (const auto& network : now.outside) listener_.pod_tier_connects(key, network, true);
  }
  if (before.has_value() != after.has_value()) listener_.pod_tier_exists(key, after.has_value());
}

}  // namespace knm
