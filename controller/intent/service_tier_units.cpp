#include "controller/intent/service_tier_units.hpp"

#include <algorithm>
#include <utility>

#include "controller/intent/service_rules.hpp"
#include "controller/model/names.hpp"

namespace knm {
namespace {

// Whether a pod tier's network is the one at this place (ExternalUnits::place_of()).
bool is_network_of(std::string_view pod_tier, std::string_view place) {
  return !place.empty() && tier_key(ns_of(pod_tier), pod_network_name(name_of(pod_tier))) == place;
}

}  // namespace

ServiceTierUnits::ServiceTierUnits(const Settings& settings, const NamespaceUnits& namespaces,
                                   const ExternalUnits& external, Changes& changes, ServiceTierListener& listener)
    : settings_(settings), namespaces_(namespaces), external_(external), changes_(changes), listener_(listener) {}

void ServiceTierUnits::add(const TierKey& tier, const ObjectName& service, bool headless) {
  auto& record = tiers_[tier];
  bool touched = record.services.insert(service).second;
  if (!headless) touched |= record.addressed.insert(service).second;
  if (touched) dirty_.insert(tier);
}

void ServiceTierUnits::remove(const TierKey& tier, const ObjectName& service) {
  auto& record = tiers_[tier];
  record.services.erase(service);
  record.addressed.erase(service);
  dirty_.insert(tier);
}

void ServiceTierUnits::count_headless(const TierKey& tier, const PackedText& pod_tier, bool in) {
  auto& backends = tiers_[tier].headless_backends;
  auto& count = backends[pod_tier];
  in ? ++count : --count;
  if (count == 0) backends.erase(pod_tier);
  dirty_.insert(tier);
}

void ServiceTierUnits::request(const PackedText& tier, const PackedText& pod_tier, bool in) {
  auto& requesters = tiers_[tier].requesters;
  in ? void(requesters.insert(pod_tier)) : void(requesters.erase(pod_tier));
  requested_[tier].insert(pod_tier);
}

void ServiceTierUnits::touch_names(const std::vector<std::string>& names) {
  if (names.empty()) return;
  for (const auto& [key, tier] : tiers_)
    if (std::find(names.begin(), names.end(), name_of(key)) != names.end()) dirty_.insert(key);
}

void ServiceTierUnits::touch_namespace(std::string_view ns) {
  for (const auto& [tier, service] : settings_.external_service)
    if (const auto key = tier_key(ns, tier); tiers_.contains(key)) dirty_.insert(key);
}

void ServiceTierUnits::settle() {
  for (const auto& key : std::exchange(dirty_, {})) settle(key);
  for (const auto& [key, pod_tiers] : std::exchange(requested_, {}))
    if (!update_users(key, pod_tiers)) settle(key);
}

// Updates only the users in the facts; false: other facts may change too. Works only if so many users remain that the
// tier stays open: then all other facts that depend on its users stay the same.
bool ServiceTierUnits::update_users(const TierKey& key, const std::set<TierKey>& pod_tiers) {
  constexpr std::size_t enough = 3;
  const auto found = tiers_.find(key);
  if (found == tiers_.end() || !found->second.facts) return false;
  const auto& requesters = found->second.requesters;
  auto& facts = *found->second.facts;
  if (requesters.size() < enough || facts.users.size() < enough) return false;
  const auto place = facts.external.empty() ? std::string_view() : external_.place_of(facts.external);
  for (const auto& tier : pod_tiers) {
    const auto requester = requesters.find(tier);
    const bool in = requester != requesters.end() && !is_network_of(tier, place);
    if (in ? facts.users.insert(*requester).second : facts.users.erase(tier) > 0)
      changes_.add_user({UnitKind::service_tier, key}, tier);
  }
  return true;
}

std::optional<ServiceTierFacts> ServiceTierUnits::facts_of(const TierKey& key, const Record& record) const {
  const bool none = record.services.empty();
  if (none)
    if (auto external = external_facts(ns_of(key), name_of(key), record.requesters)) return external;
  if (none) return std::nullopt;
  ServiceTierFacts facts{!record.addressed.empty(), record.requesters, {}, {}};
  for (const auto& [tier, count] : record.headless_backends) facts.headless_backends.insert(tier);
  return facts;
}

std::optional<ServiceTierFacts> ServiceTierUnits::external_facts(std::string_view ns, std::string_view tier,
                                                                 const TierSet& requesters) const {
  // Pods of other Namespaces may use it as a cluster service, even if its Namespace does not exist.
  if (!namespaces_.is_served(ns) || !namespaces_.find(ns)) return std::nullopt;
  const auto* network = requesters.empty() ? nullptr : external_network(settings_, ns, tier);
  if (!network) return std::nullopt;
  if (!external_.find(*network)) return std::nullopt;
  ServiceTierFacts facts{false, requesters, {}, *network};
  // Inside one network, Pods reach each other without a policy.
  const auto place = external_.place_of(*network);
  for (const auto& user : requesters)
    if (is_network_of(user, place)) facts.users.erase(user);
  return facts;
}

void ServiceTierUnits::settle(const TierKey& key) {
  const auto found = tiers_.find(key);
  if (found == tiers_.end()) return;
  auto& record = found->second;
  auto facts = facts_of(key, record);
  if (facts != record.facts) announce(found->first, record, facts);
  record.facts = std::move(facts);
  if (!record.facts && record.requesters.empty() && record.headless_backends.empty()) tiers_.erase(found);
}

void ServiceTierUnits::announce(const PackedText& key, const Record& record,
                                const std::optional<ServiceTierFacts>& now) {
  const auto& before = record.facts;
  const bool was_open = before && before->open(), is_open = now && now->open();
  if (was_open != is_open) {
    for (const auto& tier : record.requesters) changes_.add(UnitKind::pod_tier, tier);
    if (before)
      for (const auto& tier : before->headless_backends) changes_.add(UnitKind::pod_tier, tier);
    for (const auto& [tier, count] : record.headless_backends) changes_.add(UnitKind::pod_tier, tier);
  }
  const bool was_addressed = before && before->addressed, is_addressed = now && now->addressed;
  if (was_addressed != is_addressed) listener_.service_tier_is_addressed(key, is_addressed);
  const auto left = was_open ? before->external : PackedText(), joined = is_open ? now->external : PackedText();
  if (left != joined) {
    if (!left.empty()) listener_.service_tier_is_served_by(key, left, false);
    if (!joined.empty()) listener_.service_tier_is_served_by(key, joined, true);
  }
  changes_.add(UnitKind::service_tier, key);
}

}  // namespace knm
