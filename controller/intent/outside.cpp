#include <algorithm>

#include "controller/intent/labels.hpp"
#include "controller/intent/state.hpp"
#include "controller/model/names.hpp"

// Networks outside of the cluster: those that every pod network is connected to (object-model rule 3.4), and those that
// take the place of a service tier (object-model section 7).
namespace knm {
namespace {

// "ns/network" of a network in the project that a Namespace of that name would have; empty where it lies elsewhere.
TierKey place_of(std::string_view network, const Settings& settings) {
  auto start = settings.default_domain + ":";
  if (!settings.cluster_name.empty()) start += settings.cluster_name + "_";
  if (!network.starts_with(start)) return {};
  network.remove_prefix(start.size());
  const auto colon = network.find(':');
  return tier_key(network.substr(0, colon), network.substr(colon + 1));
}

}  // namespace

void Intent::State::configure_outside() {
  for (const auto& network : settings.global_network) outsides[network].global = true;
  for (const auto& [tier, service] : settings.external_service) outsides[service.network].services.push_back(tier);
  for (auto& [network, record] : outsides) {
    record.place = place_of(network, settings);
    if (!record.place.empty()) outside_places[record.place] = network;
    const bool is_public = network == settings.public_network && !settings.public_ip_range.empty();
    if (is_public || network == settings.default_project + ":addr-alloc") {
      record.shared = true;
      dirty_outsides.insert(network);
    }
  }
}

Intent::State::OutsideRecord* Intent::State::outside_at(std::string_view ns, std::string_view network) {
  if (outside_places.empty()) return nullptr;
  const auto* name = find_or_null(outside_places, tier_key(ns, network));
  return name ? &outsides.find(*name)->second : nullptr;
}

bool Intent::State::put_outside(std::string_view network, bool exists) {
  const auto known = outsides.find(network);
  if (known == outsides.end() || known->second.found == exists) return false;
  known->second.found = exists;
  dirty_outsides.insert(known->first);
  return true;
}

void Intent::State::count_made(std::string_view ns, std::string_view network, bool in) {
  auto* record = outside_at(ns, network);
  if (!record) return;
  in ? ++record->made : --record->made;
  dirty_outsides.insert(*find_or_null(outside_places, record->place));
}

void Intent::State::settle_outside(const std::string& network) {
  auto& record = outsides.find(network)->second;
  const auto ns = record.made > 0 ? ns_of(record.place) : std::string_view();
  if (record.exists() && record.facts) {
    if (record.facts->ns == ns) return;
    record.facts->ns = ns;
  } else if (record.exists() != record.facts.has_value()) {
    record.facts.reset();
    if (record.exists()) record.facts = OutsideFacts{network, std::string(ns), {}, {}};
    // Whoever may be connected to it is looked at again.
    if (record.global)
      for (const auto& tier : pod_tiers) dirty_pod_tiers.insert(tier.first);
    for (const auto& [key, tier] : service_tiers)
      if (std::find(record.services.begin(), record.services.end(), name_of(key)) != record.services.end())
        dirty_service_tiers.insert(key);
  } else {
    return;
  }
  change(UnitKind::outside, network);
}

std::vector<std::string> Intent::State::global_networks(std::string_view ns, std::string_view tier) const {
  std::vector<std::string> out;
  for (const auto& [network, record] : outsides)
    if (record.global && record.facts) out.push_back(network);
  if (out.empty()) return {};
  const auto name = tier_key(ns, pod_network_name(tier));
  if (const auto* own = find_or_null(outside_places, name); own && outsides.find(*own)->second.global) return {};
  const bool meant = settings.global_connect_include.matches(name) && !settings.global_connect_exclude.matches(name);
  if (!meant) return {};
  return out;
}

const std::string* Intent::State::external_network(std::string_view ns, std::string_view tier) const {
  const auto found = settings.external_service.find(std::string(tier));
  if (found == settings.external_service.end()) return nullptr;
  const auto& users = found->second.namespaces;
  if (!users.empty() && std::find(users.begin(), users.end(), ns) == users.end()) return nullptr;
  return &found->second.network;
}

std::optional<ServiceTierFacts> Intent::State::external_facts(std::string_view ns, std::string_view tier,
                                                              const TierSet& wishers) const {
  // Pods of other Namespaces may wish for it as a cluster service: that makes no Namespace.
  if (!has_place(ns) || !find_or_null(namespaces, ns)) return std::nullopt;
  const auto* network = wishers.empty() ? nullptr : external_network(ns, tier);
  if (!network) return std::nullopt;
  const auto& record = outsides.find(*network)->second;
  if (!record.facts) return std::nullopt;
  ServiceTierFacts facts{false, wishers, {}, *network};
  // Inside one network everybody reaches everybody.
  for (const auto& user : wishers)
    if (is_network_of(user, record)) facts.users.erase(user);
  return facts;
}

bool Intent::State::is_network_of(std::string_view pod_tier, const OutsideRecord& outside) {
  return !outside.place.empty() && tier_key(ns_of(pod_tier), pod_network_name(name_of(pod_tier))) == outside.place;
}

void Intent::State::dirty_external_services(std::string_view ns) {
  for (const auto& [tier, service] : settings.external_service)
    if (const auto key = tier_key(ns, tier); service_tiers.contains(key)) dirty_service_tiers.insert(key);
}

void Intent::State::connect(const std::string& network, const TierKey& pod_tier, bool in) {
  auto& facts = outsides.find(network)->second.facts;
  if (!facts) return;
  constexpr std::size_t enough = 3;
  const bool many = facts->tiers.size() >= enough;
  if (in ? !facts->tiers.insert(key_in(pod_tiers, pod_tier)).second : facts->tiers.erase(pod_tier) == 0) return;
  if (many && facts->tiers.size() >= enough)
    change_user({UnitKind::outside, network}, pod_tier);
  else
    change(UnitKind::outside, network);
}

void Intent::State::serve_outside(const std::string& network, const TierKey& service_tier, bool in) {
  if (network.empty()) return;
  auto& facts = outsides.find(network)->second.facts;
  if (!facts) return;
  if (in ? facts->services.insert(key_in(service_tiers, service_tier)).second : facts->services.erase(service_tier) > 0)
    change(UnitKind::outside, network);
}

}  // namespace knm
