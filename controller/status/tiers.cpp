#include "controller/status/tiers.hpp"

#include <algorithm>
#include <iterator>

#include "controller/status/printable.hpp"

namespace knm {
namespace {

using contrail::Type;

bool contains(const std::vector<contrail::IpAddress>& addresses, const contrail::IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

TierState::TierState(const Engine& engine, const StateLimits& limits)
    : engine_(engine), intent_(engine.intent()), limits_(limits) {
  for (const auto& range : engine.settings().private_ip_range)
    if (std::find(families_.begin(), families_.end(), range.base.family) == families_.end())
      families_.push_back(range.base.family);
}

Steps TierState::collect() {
  std::size_t cost = 0;
  for (const auto& key : intent_.unsorted_keys(UnitKind::pod)) {
    const auto* facts = intent_.pod(key);
    if (!facts || !facts->has_network) continue;
    collect_pod(*facts);
    cost += 1 + facts->uses.size();
    if (cost < 16) continue;
    cost = 0;
    co_await pause;
  }
  for (const auto& key : intent_.unsorted_keys(UnitKind::service)) {
    const auto* facts = intent_.service(key);
    if (!facts) continue;
    if (facts->counts)
      collect_service(key, *facts);
    else
      idle_tiers_.insert(tier_key(facts->ns, facts->tier));
    if (services_ % 16 == 0) co_await pause;
  }
  for (const auto& [name, content] : namespaces_) {
    pod_tiers_ += content.pod_tiers.size();
    service_tiers_ += content.service_tiers.size();
  }
  constexpr std::size_t least_share = 3;
  const auto share = limits_.all_pods / std::max<std::size_t>(1, std::max(pod_tiers_, services_));
  pods_of_tier_ = std::min(limits_.pods, std::max(least_share, share));
}

void TierState::collect_pod(const PodFacts& facts) {
  ++pods_;
  auto& tier = namespaces_[facts.ns].pod_tiers[tier_key(facts.ns, facts.tier)];
  const auto state = engine_.binder().bindings().pod_state(facts.key);
  const bool connected = state != no_slot && progress_of(engine_.table(), state) == Progress::settled;
  pods_waiting_ += connected ? 0 : 1;
  (connected ? tier.connected : tier.waiting).insert(facts.key);
  for (const auto& name : facts.uses) ++tier.uses[name];
}

void TierState::collect_service(const PackedText& key, const ServiceFacts& facts) {
  ++services_;
  addresses_ += engine_.binder().bindings().addresses_of_service(key).size();
  namespaces_[facts.ns].service_tiers[tier_key(facts.ns, facts.tier)].insert(key);
}

Steps TierState::namespaces(JsonText& out) const {
  out.open('[');
  std::size_t count = 0;
  for (const auto& [name, content] : namespaces_) {
    if (count++ >= limits_.namespaces) break;
    out.open('{').member("name", name.view());
    out.member("project", entry(Type::project, engine_.binder().names().project(name)));
    out.member("pod_tier_count", content.pod_tiers.size()).key("pod_tiers").open('[');
    std::size_t tiers = 0;
    for (const auto& [key, tier] : content.pod_tiers) {
      if (tiers++ >= limits_.tiers) break;
      for (auto part = pod_tier(key, tier, out); part.go();) co_await pause;
    }
    out.close().member("service_tier_count", content.service_tiers.size()).key("service_tiers").open('[');
    tiers = 0;
    for (const auto& [key, services] : content.service_tiers) {
      if (tiers++ >= limits_.tiers) break;
      for (auto part = service_tier(key, services, out); part.go();) co_await pause;
    }
    out.close().close();
  }
  out.close();
}

// The name and the progress of the entry of a config object.
Json TierState::entry(Type type, const contrail::FqName& name) const {
  const auto id = engine_.table().find(type, name);
  const bool asked_for = id != no_slot && engine_.table()[id].is_desired();
  return {{"name", name}, {"state", asked_for ? state_of_entry(id) : "not desired"}};
}

// --- Pods

Steps TierState::pod_tier(const TierKey& key, const PodTier& tier, JsonText& out) const {
  const auto ns = ns_of(key);
  out.open('{').member("tier", name_of(key));
  out.member("network", entry(Type::virtual_network, engine_.binder().names().pod_network(ns, name_of(key))));
  out.member("pod_count", tier.size()).member("waiting_count", tier.waiting.size()).key("pods").open('[');
  for (const auto& pod_key : listed_pods(tier)) {
    if (const auto* facts = intent_.pod(pod_key); facts && facts->has_network) out.value(pod(*facts));
    co_await pause;
  }
  out.close().member("use_count", tier.uses.size()).key("uses").open('[');
  std::size_t round = 0, open = 0;
  for (const auto& [name, count] : tier.uses) {
    open += is_open(tier_key(ns, name));
    if (pauses_after(round++)) co_await pause;
  }
  // Open ones first, if not all are listed.
  auto open_left = std::min(open, limits_.uses), others_left = limits_.uses - open_left;
  for (const auto& [name, count] : tier.uses) {
    const auto target = tier_key(ns, name);
    if (auto& left = is_open(target) ? open_left : others_left; left > 0) {
      --left;
      out.value(use(target, count, tier));
    }
    if (pauses_after(round++)) co_await pause;
  }
  out.close().close();
  co_await pause;
}

// Waiting Pods first, if not all are listed; by name.
std::vector<PackedText> TierState::listed_pods(const PodTier& tier) const {
  std::vector<PackedText> out;
  const auto first = std::min(pods_of_tier_, tier.waiting.size());
  const auto second = std::min(pods_of_tier_ - first, tier.connected.size());
  out.reserve(first + second);
  std::merge(tier.waiting.begin(), std::next(tier.waiting.begin(), static_cast<std::ptrdiff_t>(first)),
             tier.connected.begin(), std::next(tier.connected.begin(), static_cast<std::ptrdiff_t>(second)),
             std::back_inserter(out));
  return out;
}

Json TierState::addresses_of(const PodFacts& facts) const {
  auto out = Json::array();
  for (const auto family : families_)
    if (const auto address = engine_.binder().addresses().of(facts.uid, family)) out.push_back(address->text());
  return out;
}

Json TierState::pod(const PodFacts& facts) const {
  Json out;
  out["name"] = facts.name;
  out["addresses"] = addresses_of(facts);
  const auto interface =
      engine_.table().find(Type::virtual_machine_interface, engine_.binder().names().interface(facts.ns, facts.name));
  if (interface != no_slot && engine_.table()[interface].exists())
    out["interface"] = engine_.table()[interface].uuid().text();
  const auto reason = waits_for(facts);
  out["connected"] = reason.is_null();
  if (facts.terminating) out["terminating"] = true;
  if (!reason.is_null()) out["waits_for"] = reason;
  return out;
}

// Why a Pod has no network yet; null: it has one.
Json TierState::waits_for(const PodFacts& facts) const {
  const auto key = tier_key(facts.ns, facts.name);
  const auto reason = [](std::string what, std::string state, std::string_view error = {}) {
    return Json{{"what", std::move(what)}, {"state", std::move(state)}, {"error", printable(error)}};
  };
  if (engine_.binder().addresses().without_address().contains(key))
    return reason("a free address", "all addresses of private-ip-range are assigned or cooling down");
  const auto id = engine_.binder().bindings().pod_state(key);
  if (id == no_slot) return reason("Namespace " + facts.ns, "not seen yet");
  const auto progress = progress_of(engine_.table(), id);
  if (progress == Progress::settled) return nullptr;
  if (auto hindrance = knm::hindrance(engine_.table(), id))
    return reason(std::move(hindrance->what), std::move(hindrance->state), hindrance->error);
  return reason("its pod state annotation", std::string(name(progress)), engine_.table()[id].cold().error);
}

bool TierState::is_open(const TierKey& service_tier) const {
  const auto* facts = intent_.service_tier(service_tier);
  return facts && facts->open();
}

// A service tier in the `uses` of a tier's Pods, and its access.
Json TierState::use(const TierKey& target, std::size_t count, const PodTier& tier) const {
  const auto* facts = intent_.service_tier(target);
  Json out{{"tier", target}, {"pods", count}, {"of", tier.size()}, {"open", facts && facts->open()}};
  if (!facts && idle_tiers_.contains(target)) {
    out["why_not"] =
        "its Services have no Pods, so the controller creates nothing for them; see the Events of the Services";
    out["never"] = true;
  } else if (!facts) {
    out["why_not"] = "the tier has no Service";
  } else if (!facts->open() && leads_to_nodes(target)) {
    out["why_not"] = "the backends of its Services are in the network of the nodes; see the Events of the Services";
    out["never"] = true;
  } else if (!facts->open()) {
    out["why_not"] = "its Services have no backends yet";
  }
  return out;
}

// Whether all backends of a tier's Services are Pods with hostNetwork, or nodes.
bool TierState::leads_to_nodes(const TierKey& tier) const {
  const auto ns = namespaces_.find(PackedText(ns_of(tier)));
  if (ns == namespaces_.end()) return false;
  const auto services = ns->second.service_tiers.find(tier);
  if (services == ns->second.service_tiers.end()) return false;
  return std::all_of(services->second.begin(), services->second.end(), [&](const auto& key) {
    const auto* facts = intent_.service(key);
    return facts && std::any_of(facts->problems.begin(), facts->problems.end(),
                                [](const auto& problem) { return problem.reason == "EndpointsOnNodes"; });
  });
}

// --- Services

Steps TierState::service_tier(const TierKey& key, const std::set<PackedText>& services, JsonText& out) const {
  const auto& names = engine_.binder().names();
  std::vector<PackedText> users;
  out.open('{').member("tier", name_of(key));
  const auto* facts = intent_.service_tier(key);
  if (facts && facts->addressed)
    out.member("network", entry(Type::virtual_network, names.service_network(ns_of(key), name_of(key))));
  if (facts && facts->open())
    out.member("policy", entry(Type::network_policy, names.access_policy(ns_of(key), name_of(key))));
  out.member("user_count", facts ? facts->users.size() : 0);
  if (facts) {
    const auto count = std::min(facts->users.size(), limits_.users);
    users.assign(facts->users.begin(), facts->users.begin() + static_cast<std::ptrdiff_t>(count));
    out.key("users").open('[');
    for (std::size_t i = 0; i < users.size(); ++i) {
      out.value(users[i].view());
      if (pauses_after(i)) co_await pause;
    }
    out.close();
  }
  out.member("service_count", services.size()).key("services").open('[');
  std::size_t listed = 0;
  for (const auto& service_key : services) {
    if (listed++ >= limits_.services) break;
    for (auto part = service(service_key, out); part.go();) co_await pause;
  }
  out.close().close();
  co_await pause;
}

Steps TierState::service(ObjectKey key, JsonText& out) const {
  const auto* there = intent_.service(key);
  if (!there) co_return;
  const auto& facts = *there;
  // The backends may change at each pause.
  const auto all = facts.all_backends();
  std::vector<PackedText> backends;
  for (const auto& backend : all)
    if (backends.size() < pods_of_tier_) backends.push_back(backend);
  constexpr std::size_t most_mappings = 100;
  const auto& mappings = facts.reached(facts.families.empty() ? contrail::Family::v4 : facts.families.front()).mappings;
  const auto mapping_count = mappings.size();
  auto listed_mappings = Json::array();
  for (const auto& mapping : mappings)
    if (listed_mappings.size() < most_mappings)
      listed_mappings.push_back(
          {{"protocol", mapping.protocol}, {"port", mapping.source}, {"target", mapping.destination}});
  out.open('{').member("name", facts.name).member("headless", facts.headless);
  if (facts.wants_load_balancer)
    out.member("load_balancer", facts.ingress.empty() ? "waiting for an address" : "served");
  out.member("addresses", addresses_of(key, facts));
  out.member("backend_count", all.size()).key("backends").open('[');
  for (std::size_t i = 0; i < backends.size(); ++i) {
    const auto& backend = backends[i];
    Json reference{
        {"pod", name_of(backend.view())}, {"namespace", ns_of(backend.view())}, {"addresses", Json::array()}};
    // The facts of a Service are those of the last settle(): a Pod may have been deleted since.
    if (const auto* pod = intent_.pod(backend)) reference["addresses"] = addresses_of(*pod);
    out.value(reference);
    if (pauses_after(i)) co_await pause;
  }
  // Empty: every port is its own target.
  out.close().member("port_mapping_count", mapping_count).member("port_mappings", listed_mappings).close();
  co_await pause;
}

Json TierState::addresses_of(const ObjectKey& key, const ServiceFacts& facts) const {
  auto out = Json::array();
  for (const auto id : engine_.binder().bindings().addresses_of_service(key)) {
    if (!engine_.table()[id].is_desired()) continue;
    const bool in_cluster = static_cast<Role>(engine_.table()[id].source().role) == Role::cluster_address;
    const auto address = engine_.binder().bodies().object(id).address.value();
    const auto kind = in_cluster                                    ? "cluster"
                      : contains(facts.external_addresses, address) ? "external"
                                                                    : "load-balancer";
    out.push_back({{"address", address.text()},
                   {"kind", kind},
                   {"name", engine_.table()[id].name()},
                   {"state", state_of_entry(id)}});
  }
  return out;
}

// --- Access

// The pod tiers that a user reaches without an address in between: the backends of headless Services.
Json TierState::direct(const ServiceTierFacts& tier, const TierKey& user) const {
  auto out = Json::array();
  for (const auto& backend : tier.headless_backends)
    if (backend != user && out.size() < limits_.users) out.push_back(backend);
  return out;
}

Json TierState::edge(const TierKey& from, const TierKey& to, std::size_t count, std::size_t of) const {
  const auto policy = entry(Type::network_policy, engine_.binder().names().access_policy(ns_of(to), name_of(to)));
  Json out{{"from", from},
           {"to", to},
           {"why", {{"rule", "uses"}, {"pods", count}, {"of", of}}},
           {"policy", policy["name"]},
           {"state", policy["state"]}};
  if (auto reached = direct(*intent_.service_tier(to), from); !reached.empty()) out["direct"] = std::move(reached);
  return out;
}

Steps TierState::access(JsonText& out, std::size_t& total) const {
  total = 0;
  std::size_t round = 0;
  out.open('[');
  for (const auto& [ns, content] : namespaces_)
    for (const auto& [from, tier] : content.pod_tiers)
      for (const auto& [name, count] : tier.uses) {
        if (pauses_after(round++)) co_await pause;
        const auto to = tier_key(ns, name);
        const auto* facts = intent_.service_tier(to);
        if (!facts || !facts->open() || total++ >= limits_.access) continue;
        out.value(edge(from, to, count, tier.size()));
        co_await pause;
      }
  out.close();
}

Json TierState::for_everybody(const TierKey& to, std::string_view rule, Json scope) const {
  const auto* facts = intent_.service_tier(to);
  const auto policy = entry(Type::network_policy, engine_.binder().names().access_policy(ns_of(to), name_of(to)));
  Json out{{"to", to}, {"rule", rule}, {"namespace", std::move(scope)}, {"open", facts && facts->open()}};
  if (facts && facts->open()) {
    out["user_count"] = facts->users.size();
    out["policy"] = policy["name"];
    out["state"] = policy["state"];
  }
  return out;
}

Steps TierState::everybody(JsonText& out) const {
  std::size_t count = 0;
  const auto& settings = engine_.settings();
  out.open('[');
  for (const auto& [ns, tier] : settings.cluster_service) {
    out.value(for_everybody(tier_key(ns, tier), "cluster-service", nullptr));
    if (pauses_after(count++)) co_await pause;
  }
  for (const auto& [ns, content] : namespaces_)
    for (const auto& tier : settings.namespace_service) {
      co_await pause;
      if (count >= limits_.access || content.pod_tiers.empty() || !intent_.service_tier(tier_key(ns, tier))) continue;
      ++count;
      out.value(for_everybody(tier_key(ns, tier), "namespace-service", ns.view()));
    }
  out.close();
}

}  // namespace knm
