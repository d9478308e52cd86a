#include "controller/intent/state.hpp"
#include "controller/model/names.hpp"

namespace knm {

bool ServiceTierFacts::open() const {
  if (users.empty()) return false;
  if (!external.empty()) return true;
  return addressed || headless_backends.size() > 1 ||
         (headless_backends.size() == 1 && (users.size() > 1 || *users.begin() != *headless_backends.begin()));
}

std::optional<PodTierFacts> Intent::State::pod_tier_facts(const TierKey& key, const PodTierRecord& record) const {
  if (record.pods == 0) return std::nullopt;
  PodTierFacts facts;
  const auto ns = ns_of(key);
  const auto wish = [&](std::string_view tier) { facts.wishes.insert(key_in(service_tiers, tier)); };
  for (const auto& [name, count] : record.uses) wish(tier_key(ns, name));
  for (const auto& name : settings.namespace_service) wish(tier_key(ns, name));
  for (const auto& tier : cluster_wishes) wish(tier);
  for (const auto& [service, count] : record.serves) facts.serves.insert(key_in(service_tiers, service));
  facts.outside = global_networks(ns, name_of(key));
  return facts;
}

void Intent::State::settle_pod_tier(const TierKey& key) {
  const auto found = pod_tiers.find(key);
  if (found == pod_tiers.end()) return;
  auto& record = found->second;
  auto facts = pod_tier_facts(key, record);
  if (facts != record.facts) {
    const TierSet none;
    const auto& before = record.facts ? record.facts->wishes : none;
    const auto& after = facts ? facts->wishes : none;
    for (const auto& service : after)
      if (!before.contains(service)) wish(key, service, true);
    for (const auto& service : before)
      if (!after.contains(service)) wish(key, service, false);
    const RareList<std::string> nowhere;
    const auto& left = record.facts ? record.facts->outside : nowhere;
    const auto& joined = facts ? facts->outside : nowhere;
    if (!(left == joined)) {
      for (const auto& network : left) connect(network, key, false);
      for (const auto& network : joined) connect(network, key, true);
    }
    if (record.facts.has_value() != facts.has_value())
      count_made(ns_of(key), pod_network_name(name_of(key)), facts.has_value());
    change(UnitKind::pod_tier, key);
  }
  record.facts = std::move(facts);
  if (!record.facts && record.serves.empty()) pod_tiers.erase(found);
}

void Intent::State::wish(const TierKey& pod_tier, const TierKey& service_tier, bool in) {
  auto& wishers = service_tiers[service_tier].wishers;
  in ? void(wishers.insert(key_in(pod_tiers, pod_tier))) : void(wishers.erase(pod_tier));
  wished[service_tier].insert(pod_tier);
}

void Intent::State::change(UnitKind kind, std::string_view key) {
  const auto unit = *changed.insert({kind, std::string(key)}).first;
  moved_users.erase(unit);
  if (kind == UnitKind::pod) reread.erase(unit.key);
}

void Intent::State::change_aside(const ObjectKey& pod) {
  if (changed.insert({UnitKind::pod, pod}).second) reread.insert(pod);
}

void Intent::State::change_user(const Unit& unit, const TierKey& tier) {
  const bool fresh = changed.insert(unit).second;
  const auto known = fresh ? moved_users.try_emplace(unit).first : moved_users.find(unit);
  if (known == moved_users.end()) return;  // all of it is looked at anyway
  // Who came and went again has not moved.
  if (const auto [at, news] = known->second.insert(tier); !news) known->second.erase(at);
}

// Only where so many remain that the tier stays open: all else that follows from its users is the same then.
bool Intent::State::move_users(const TierKey& key, const std::set<TierKey>& tiers) {
  constexpr std::size_t enough = 3;
  const auto found = service_tiers.find(key);
  if (found == service_tiers.end() || !found->second.facts) return false;
  const auto& wishers = found->second.wishers;
  auto& facts = *found->second.facts;
  if (wishers.size() < enough || facts.users.size() < enough) return false;
  const auto* outside = facts.external.empty() ? nullptr : &outsides.find(facts.external)->second;
  for (const auto& tier : tiers) {
    const auto wisher = wishers.find(tier);
    const bool in = wisher != wishers.end() && !(outside && is_network_of(tier, *outside));
    if (in ? facts.users.insert(*wisher).second : facts.users.erase(tier) > 0)
      change_user({UnitKind::service_tier, key}, tier);
  }
  return true;
}

std::optional<ServiceTierFacts> Intent::State::service_tier_facts(const TierKey& key,
                                                                  const ServiceTierRecord& record) const {
  const bool none = record.services.empty();
  if (none)
    if (auto external = external_facts(ns_of(key), name_of(key), record.wishers)) return external;
  if (none) return std::nullopt;
  ServiceTierFacts facts{!record.addressed.empty(), record.wishers, {}, {}};
  for (const auto& [tier, count] : record.headless_backends) facts.headless_backends.insert(key_in(pod_tiers, tier));
  return facts;
}

void Intent::State::settle_service_tier(const TierKey& key) {
  const auto found = service_tiers.find(key);
  if (found == service_tiers.end()) return;
  auto& record = found->second;
  auto facts = service_tier_facts(key, record);
  if (facts != record.facts) {
    const bool was_open = record.facts && record.facts->open(), is_open = facts && facts->open();
    if (was_open != is_open) {
      for (const auto& tier : record.wishers) change(UnitKind::pod_tier, tier);
      if (record.facts)
        for (const auto& tier : record.facts->headless_backends) change(UnitKind::pod_tier, tier);
      for (const auto& [tier, count] : record.headless_backends) change(UnitKind::pod_tier, tier);
    }
    const bool was_addressed = record.facts && record.facts->addressed, addressed = facts && facts->addressed;
    if (was_addressed != addressed) count_made(ns_of(key), "service-" + std::string(name_of(key)), addressed);
    const auto left = was_open ? record.facts->external : "", joined = is_open ? facts->external : "";
    if (left != joined) {
      serve_outside(left, key, false);
      serve_outside(joined, key, true);
    }
    change(UnitKind::service_tier, key);
  }
  record.facts = std::move(facts);
  if (!record.facts && record.wishers.empty() && record.headless_backends.empty()) service_tiers.erase(found);
}

}  // namespace knm
