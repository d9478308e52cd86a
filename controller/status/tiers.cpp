#include "controller/status/tiers.hpp"

#include <algorithm>

#include "controller/status/printable.hpp"

namespace knm {
namespace {

using contrail::Type;
using Json = TierState::Json;

// The first `limit` elements of a range, each as `make` has it.
template <class Range, class Make>
Json first(const Range& range, std::size_t limit, Make make) {
  auto out = Json::array();
  for (const auto& element : range) {
    if (out.size() >= limit) break;
    out.push_back(make(element));
  }
  return out;
}

bool contains(const std::vector<contrail::IpAddress>& addresses, const contrail::IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

TierState::TierState(const Engine& engine, const Survey& survey, const StateLimits& limits)
    : engine_(engine), intent_(engine.intent()), survey_(survey), limits_(limits) {
  for (const auto& range : engine.settings().private_ip_range)
    if (std::find(families_.begin(), families_.end(), range.base.family) == families_.end())
      families_.push_back(range.base.family);
  for (const auto& key : intent_.keys(UnitKind::pod)) {
    const auto& facts = *intent_.pod(key);
    if (!facts.networked) continue;
    ++pods_;
    auto& tier = namespaces_[facts.ns].pod_tiers[tier_key(facts.ns, facts.tier)];
    const auto state = survey_.pod_state(key);
    const bool connected = state != no_slot && survey_.progress(state) == Progress::settled;
    pods_waiting_ += !connected;
    (connected ? tier.connected : tier.waiting).push_back(&facts);
    for (const auto& name : facts.uses) ++tier.uses[name];
  }
  for (const auto& key : intent_.keys(UnitKind::service)) {
    const auto& facts = *intent_.service(key);
    if (!facts.counts) continue;
    ++services_;
    addresses_ += survey_.addresses(key).size();
    namespaces_[facts.ns].service_tiers[tier_key(facts.ns, facts.tier)].push_back(key);
  }
  for (const auto& [name, content] : namespaces_) {
    pod_tiers_ += content.pod_tiers.size();
    service_tiers_ += content.service_tiers.size();
  }
  constexpr std::size_t least_share = 3;
  const auto share = limits.all_pods / std::max<std::size_t>(1, std::max(pod_tiers_, services_));
  pods_of_tier_ = std::min(limits.pods, std::max(least_share, share));
}

Json TierState::namespaces() const {
  return first(namespaces_, limits_.namespaces,
               [&](const auto& pair) { return namespace_state(pair.first, pair.second); });
}

Json TierState::namespace_state(const std::string& name, const Namespace& content) const {
  Json out;
  out["name"] = name;
  out["project"] = entry(Type::project, engine_.binder().names().project(name));
  out["pod_tier_count"] = content.pod_tiers.size();
  out["pod_tiers"] =
      first(content.pod_tiers, limits_.tiers, [&](const auto& pair) { return pod_tier(pair.first, pair.second); });
  out["service_tier_count"] = content.service_tiers.size();
  out["service_tiers"] = first(content.service_tiers, limits_.tiers,
                               [&](const auto& pair) { return service_tier(pair.first, pair.second); });
  return out;
}

// The name and the progress of the entry of a config object.
Json TierState::entry(Type type, const contrail::FqName& name) const {
  const auto id = engine_.table().find(type, name);
  const bool asked_for = id != no_slot && engine_.table()[id].wanted;
  return {{"name", name}, {"state", asked_for ? knm::name(survey_.progress(id)) : "not wanted"}};
}

// --- Pods
// -----------------------------------------------------------------------------------------------------------------

Json TierState::pod_tier(const TierKey& key, const PodTier& tier) const {
  Json out;
  out["tier"] = name_of(key);
  out["network"] = entry(Type::virtual_network, engine_.binder().names().pod_network(ns_of(key), name_of(key)));
  out["pod_count"] = tier.size();
  out["waiting_count"] = tier.waiting.size();
  auto listed = tier.waiting;
  listed.insert(listed.end(), tier.connected.begin(), tier.connected.end());
  if (listed.size() > pods_of_tier_) listed.resize(pods_of_tier_);
  std::sort(listed.begin(), listed.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  out["pods"] = first(listed, pods_of_tier_, [&](const auto* facts) { return pod(*facts); });
  out["uses"] = uses(key, tier);
  return out;
}

Json TierState::addresses_of(const PodFacts& facts) const {
  auto out = Json::array();
  for (const auto family : families_)
    if (const auto address = engine_.binder().addresses().of(Names::address_allocation(facts.uid, family)))
      out.push_back(address->text());
  return out;
}

Json TierState::pod(const PodFacts& facts) const {
  Json out;
  out["name"] = facts.name;
  out["addresses"] = addresses_of(facts);
  const auto interface =
      engine_.table().find(Type::virtual_machine_interface, engine_.binder().names().interface(facts.ns, facts.name));
  if (interface != no_slot && engine_.table()[interface].exists)
    out["interface"] = engine_.table()[interface].uuid().text();
  const auto reason = waits_for(facts);
  out["connected"] = reason.is_null();
  if (facts.terminating) out["terminating"] = true;
  if (!reason.is_null()) out["waits_for"] = reason;
  return out;
}

// Why a pod has not got its network yet; null where it has.
Json TierState::waits_for(const PodFacts& facts) const {
  const auto key = tier_key(facts.ns, facts.name);
  const auto reason = [](std::string what, std::string state, std::string_view error = {}) {
    return Json{{"what", std::move(what)}, {"state", std::move(state)}, {"error", printable(error)}};
  };
  if (engine_.binder().without_address().contains(key))
    return reason("a free address", "all addresses of private-ip-range are taken");
  const auto id = survey_.pod_state(key);
  if (id == no_slot) return reason("Namespace " + facts.ns, "not seen yet");
  if (survey_.progress(id) == Progress::settled) return nullptr;
  if (auto hindrance = survey_.hindrance(id))
    return reason(std::move(hindrance->what), std::move(hindrance->state), hindrance->error);
  return reason("its annotation", std::string(name(survey_.progress(id))), engine_.table()[id].aside->error);
}

// What the pods of a tier name by `uses`, and whether that is there.
Json TierState::uses(const TierKey& key, const PodTier& tier) const {
  auto out = Json::array();
  for (const auto& [name, count] : tier.uses) {
    const auto target = tier_key(ns_of(key), name);
    const auto* facts = intent_.service_tier(target);
    Json use{{"tier", target}, {"pods", count}, {"of", tier.size()}, {"open", facts && facts->open()}};
    if (!facts) use["why_not"] = "no Service is of this tier";
    if (facts && !facts->open()) use["why_not"] = "its Services have nothing to reach yet";
    out.push_back(std::move(use));
  }
  return out;
}

// --- Services
// -------------------------------------------------------------------------------------------------------------

Json TierState::service_tier(const TierKey& key, const std::vector<ObjectKey>& services) const {
  Json out;
  const auto& names = engine_.binder().names();
  out["tier"] = name_of(key);
  const auto* facts = intent_.service_tier(key);
  if (facts && facts->addressed)
    out["network"] = entry(Type::virtual_network, names.service_network(ns_of(key), name_of(key)));
  if (facts && facts->open())
    out["policy"] = entry(Type::network_policy, names.access_policy(ns_of(key), name_of(key)));
  out["user_count"] = facts ? facts->users.size() : 0;
  if (facts) out["users"] = first(facts->users, limits_.users, [](const auto& user) { return user; });
  out["service_count"] = services.size();
  out["services"] = first(services, limits_.services, [&](const auto& service_key) { return service(service_key); });
  return out;
}

Json TierState::service(const ObjectKey& key) const {
  const auto& facts = *intent_.service(key);
  Json out;
  out["name"] = facts.name;
  out["headless"] = facts.headless;
  if (facts.wants_load_balancer) out["load_balancer"] = facts.ingress.empty() ? "waiting for an address" : "served";
  out["addresses"] = addresses_of(key, facts);
  out["backend_count"] = facts.backends.size();
  out["backends"] = first(facts.backends, pods_of_tier_, [&](const auto& backend) {
    Json reference{{"pod", name_of(backend)}, {"namespace", ns_of(backend)}, {"addresses", Json::array()}};
    // The facts of a Service are those of the last settle(): a Pod may have gone since.
    if (const auto* pod = intent_.pod(backend)) reference["addresses"] = addresses_of(*pod);
    return reference;
  });
  // Empty: every port is its own target.
  out["port_mappings"] = first(facts.mappings, facts.mappings.size(), [](const auto& mapping) {
    return Json{{"protocol", mapping.protocol}, {"port", mapping.source}, {"target", mapping.destination}};
  });
  return out;
}

Json TierState::addresses_of(const ObjectKey& key, const ServiceFacts& facts) const {
  auto out = Json::array();
  for (const auto id : survey_.addresses(key)) {
    const bool in_cluster = static_cast<Role>(engine_.table()[id].source.role) == Role::cluster_address;
    const auto address = engine_.binder().describe(id).address.value();
    const auto kind = in_cluster                                    ? "cluster"
                      : contains(facts.external_addresses, address) ? "external"
                                                                    : "load-balancer";
    out.push_back({{"address", address.text()},
                   {"kind", kind},
                   {"name", engine_.table()[id].name},
                   {"state", knm::name(survey_.progress(id))}});
  }
  return out;
}

// --- Access
// ---------------------------------------------------------------------------------------------------------------

// The pod tiers that a user reaches without an address in between: those behind headless Services.
Json TierState::direct(const ServiceTierFacts& tier, const TierKey& user) const {
  auto out = Json::array();
  for (const auto& backend : tier.headless_backends)
    if (backend != user && out.size() < limits_.users) out.push_back(backend);
  return out;
}

Json TierState::access(std::size_t& total) const {
  total = 0;
  auto out = Json::array();
  for (const auto& [ns, content] : namespaces_)
    for (const auto& [from, tier] : content.pod_tiers)
      for (const auto& [name, count] : tier.uses) {
        const auto to = tier_key(ns, name);
        const auto* facts = intent_.service_tier(to);
        if (!facts || !facts->open() || total++ >= limits_.access) continue;
        const auto policy = entry(Type::network_policy, engine_.binder().names().access_policy(ns, name));
        Json edge{{"from", from},
                  {"to", to},
                  {"why", {{"rule", "uses"}, {"pods", count}, {"of", tier.size()}}},
                  {"policy", policy["name"]},
                  {"state", policy["state"]}};
        if (auto reached = direct(*facts, from); !reached.empty()) edge["direct"] = std::move(reached);
        out.push_back(std::move(edge));
      }
  return out;
}

Json TierState::everybody() const {
  auto out = Json::array();
  const auto add = [&](const TierKey& to, std::string_view rule, Json scope) {
    const auto* facts = intent_.service_tier(to);
    const auto policy = entry(Type::network_policy, engine_.binder().names().access_policy(ns_of(to), name_of(to)));
    Json element{{"to", to}, {"rule", rule}, {"namespace", std::move(scope)}, {"open", facts && facts->open()}};
    if (facts && facts->open()) {
      element["user_count"] = facts->users.size();
      element["policy"] = policy["name"];
      element["state"] = policy["state"];
    }
    out.push_back(std::move(element));
  };
  const auto& settings = engine_.settings();
  for (const auto& [ns, tier] : settings.cluster_service) add(tier_key(ns, tier), "cluster-service", nullptr);
  for (const auto& [ns, content] : namespaces_)
    for (const auto& tier : settings.namespace_service)
      if (out.size() < limits_.access && !content.pod_tiers.empty() && intent_.service_tier(tier_key(ns, tier)))
        add(tier_key(ns, tier), "namespace-service", ns);
  return out;
}

}  // namespace knm
