#include "controller/intent/external_units.hpp"

#include <algorithm>
#include <utility>

#include "controller/model/names.hpp"

namespace knm {
namespace {

// "ns/network" of a network in the project of a Namespace; empty: it is not in such a project.
TierKey place_in(std::string_view network, const Settings& settings) {
  auto start = settings.default_domain + ":";
  if (!settings.cluster_name.empty()) start += settings.cluster_name + "_";
  if (!network.starts_with(start)) return {};
  network.remove_prefix(start.size());
  const auto colon = network.find(':');
  return tier_key(network.substr(0, colon), network.substr(colon + 1));
}

}  // namespace

ExternalUnits::ExternalUnits(const Settings& settings, Changes& changes, ExternalListener& listener)
    : settings_(settings), changes_(changes), listener_(listener) {
  configure();
}

void ExternalUnits::configure() {
  for (const auto& network : settings_.global_network) networks_[network].global = true;
  for (const auto& [tier, service] : settings_.external_service) networks_[service.network].services.push_back(tier);
  for (auto& [network, record] : networks_) {
    record.place = place_in(network, settings_);
    if (!record.place.empty()) by_place_[record.place] = network;
    const bool is_public = network == settings_.public_network && !settings_.public_ip_range.empty();
    if (is_public || network == settings_.default_project + ":addr-alloc") {
      record.shared = true;
      dirty_.insert(network);
    }
  }
}

bool ExternalUnits::put(std::string_view network, bool exists) {
  const auto known = networks_.find(network);
  if (known == networks_.end() || known->second.found == exists) return false;
  known->second.found = exists;
  dirty_.insert(known->first);
  return true;
}

void ExternalUnits::count_own(std::string_view ns, std::string_view network, bool in) {
  if (by_place_.empty()) return;
  const auto* name = find_or_null(by_place_, tier_key(ns, network));
  if (!name) return;
  auto& record = networks_.find(*name)->second;
  in ? ++record.own : --record.own;
  dirty_.insert(*name);
}

void ExternalUnits::settle() {
  for (const auto& network : std::exchange(dirty_, {})) settle(network);
}

void ExternalUnits::settle(const std::string& network) {
  auto& record = networks_.find(network)->second;
  const auto ns = record.own > 0 ? ns_of(record.place) : std::string_view();
  if (record.exists() && record.facts) {
    if (record.facts->ns == ns) return;
    record.facts->ns = ns;
  } else if (record.exists() != record.facts.has_value()) {
    record.facts.reset();
    if (record.exists()) record.facts = ExternalNetworkFacts{network, std::string(ns), {}, {}};
    listener_.external_network_changes(record.global, record.services);
  } else {
    return;
  }
  changes_.add(UnitKind::external_network, network);
}

std::vector<std::string> ExternalUnits::global_networks(std::string_view ns, std::string_view tier) const {
  std::vector<std::string> out;
  for (const auto& [network, record] : networks_)
    if (record.global && record.facts) out.push_back(network);
  if (out.empty()) return {};
  const auto name = tier_key(ns, pod_network_name(tier));
  if (const auto* own = find_or_null(by_place_, name); own && networks_.find(*own)->second.global) return {};
  const bool meant = settings_.global_connect_include.matches(name) && !settings_.global_connect_exclude.matches(name);
  if (!meant) return {};
  return out;
}

void ExternalUnits::connect(std::string_view network, const PackedText& pod_tier, bool in) {
  const auto found = networks_.find(network);
  if (found == networks_.end() || !found->second.facts) return;
  auto& tiers = found->second.facts->tiers;
  // With at least this many users, one more or fewer changes nothing else.
  constexpr std::size_t enough = 3;
  const bool many = tiers.size() >= enough;
  if (in ? !tiers.insert(pod_tier).second : tiers.erase(pod_tier) == 0) return;
  if (many && tiers.size() >= enough)
    changes_.add_user({UnitKind::external_network, found->first}, pod_tier);
  else
    changes_.add(UnitKind::external_network, network);
}

void ExternalUnits::serve(std::string_view network, const PackedText& service_tier, bool in) {
  const auto found = networks_.find(network);
  if (found == networks_.end() || !found->second.facts) return;
  auto& services = found->second.facts->services;
  if (in ? services.insert(service_tier).second : services.erase(service_tier) > 0)
    changes_.add(UnitKind::external_network, network);
}

std::string_view ExternalUnits::place_of(std::string_view network) const {
  const auto found = networks_.find(network);
  return found == networks_.end() ? std::string_view() : std::string_view(found->second.place);
}

std::vector<std::string> ExternalUnits::configured() const {
  std::vector<std::string> out;
  out.reserve(networks_.size());
  for (const auto& [network, record] : networks_) out.push_back(network);
  return out;
}

}  // namespace knm
