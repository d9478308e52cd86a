#include <algorithm>

#include "controller/intent/labels.hpp"
#include "controller/intent/service_limits.hpp"
#include "controller/intent/service_ports.hpp"
#include "controller/intent/service_rules.hpp"
#include "controller/intent/state.hpp"

namespace knm {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (&text == &texts.front() ? "" : ",") + text;
  return out;
}

bool is_external_name(const k8s::Service& service) { return service.type == k8s::ServiceType::external_name; }

}  // namespace

void Intent::State::put_service(const k8s::Service& object) {
  // Of what is not looked at, one is kept: it says that there is more.
  constexpr std::size_t most_addresses = most_external_ips + 1, most_ports = max_service_ports + 1;
  constexpr std::size_t longest_address = 64;
  if (object.external_ips.size() > most_addresses || object.ports.size() > most_ports ||
      object.ingress.size() > most_ingress || object.load_balancer_source_ranges.size() > 1 ||
      object.load_balancer_ip.size() > longest_address) {
    auto shorter = object;
    shorter.external_ips.resize(std::min(object.external_ips.size(), most_addresses));
    shorter.ports.resize(std::min(object.ports.size(), most_ports));
    shorter.load_balancer_ip.resize(std::min(object.load_balancer_ip.size(), longest_address));
    shorter.load_balancer_source_ranges.resize(std::min<std::size_t>(object.load_balancer_source_ranges.size(), 1));
    if (object.ingress.size() > most_ingress) shorter.ingress = {too_long_ingress};
    return put_service(shorter);
  }
  const auto key = tier_key(object.meta.ns, object.meta.name);
  auto& record = services[key];
  k8s::Packed<k8s::Service> packed(object);
  if (record.object && *record.object == packed) return;
  const auto before = record.object ? record.object->unpack() : k8s::Service();
  const bool headless = is_headless(object);
  if (!record.object || before.ports != object.ports || record.has_selector != object.has_selector ||
      record.publishes_not_ready != object.publish_not_ready_addresses || record.headless != headless)
    record.anew = true;
  record.object = std::move(packed);
  record.has_selector = object.has_selector;
  record.publishes_not_ready = object.publish_not_ready_addresses;
  record.headless = headless;
  dirty_whole(key);
}

void Intent::State::release_claims(const ObjectKey& key) {
  for (const auto& other : quota.release(key)) dirty_whole(other);
  for (const auto& other : claims.release(key)) dirty_whole(other);
  shown.release(key);
}

void Intent::State::drop_service(const ObjectKey& key) {
  const auto found = services.find(key);
  if (found == services.end()) return;
  found->second.object.reset();
  found->second.anew = true;
  release_claims(key);
  dirty_whole(key);
}

Endpoints::Touched Intent::State::touch_member() {
  return [this](const ObjectKey& service, std::optional<Endpoints::MemberId> id) { touch(service, id); };
}

void Intent::State::put_slice(const k8s::EndpointSlice& object) { endpoints.put(object, touch_member()); }

void Intent::State::drop_slice(const ObjectKey& key) { endpoints.drop(key, touch_member()); }

bool Intent::State::counts(const ServiceRecord& record) const {
  return record.has_selector || record.roster.mapped > 0;
}

ServiceFacts Intent::State::service_facts(const ObjectKey& key, ServiceRecord& record, const k8s::Service& object) {
  ServiceFacts facts;
  facts.ns = object.meta.ns;
  facts.name = object.meta.name;
  facts.uid = object.meta.uid;
  facts.created = object.meta.creation_timestamp;
  facts.tier = knm::service_tier(object.meta, settings.network_label);
  facts.status = joined(object.ingress);
  facts.resource_version = object.meta.resource_version;
  facts.counts = counts(record);
  facts.wants_load_balancer = !record.headless && is_our_load_balancer(object, settings);
  record.said.clear();
  if (!facts.counts) {
    release_claims(key);
    return facts;
  }
  facts.headless = record.headless;
  if (const auto* network = external_network(facts.ns, facts.tier))
    facts.problems.push_back({"ExternalServiceHidden",
                              "the tier " + facts.tier +
                                  " hides the external-service of the same name, so no Pod of the Namespace reaches " +
                                  *network + "; give the Service another tier"});
  hold_addresses(object, key, facts);
  for (auto& problem : cannot_express(object, facts)) facts.problems.push_back(std::move(problem));
  record.said = std::exchange(facts.problems, {});
  return facts;
}

void Intent::State::settle_service(const ObjectKey& key, const DirtyService& dirty) {
  const auto found = services.find(key);
  if (found == services.end()) return forget_behind(key, dirty);
  auto& record = found->second;
  dirty.whole || !record.facts ? settle_whole(record, key, dirty) : settle_behind(record, key, dirty);
  if (!record.object) services.erase(found);
}

// What changed is told: to whoever asks for it, with the Pods alone where nothing else did.
void Intent::State::announce(const ObjectKey& key, const Moves& moves) {
  if (moves.more) {
    rebound.insert(key);
    moved_backends.erase(key);
  } else if (!rebound.contains(key)) {
    auto names = moves.names();
    auto& known = moved_backends[key];
    known.insert(known.end(), names.begin(), names.end());
  }
  change(UnitKind::service, key);
}

void Intent::State::settle_behind(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty) {
  auto& facts = *record.facts;
  Moves moves;
  muster(record, key, dirty, facts.reach, moves);
  if (counts(record) != facts.counts) return settle_whole(record, key, {true, {}});
  auto problems = problems_behind(record, key);
  const bool news = problems != facts.problems;
  facts.problems = std::move(problems);
  if (moves.more || news || !moves.names().empty()) announce(key, moves);
  publish_headless(record, false);
}

void Intent::State::settle_whole(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty) {
  const auto object = record.object ? std::optional(record.object->unpack()) : std::nullopt;
  const bool place = object && !is_external_name(*object) && has_place(object->meta.ns);
  record.anew |= place != record.has_place;
  record.has_place = place;
  std::array<Reach, 2> reach;
  if (record.facts) reach = std::exchange(record.facts->reach, {});
  Moves moves;
  std::optional<ServiceFacts> facts;
  if (place) {
    muster(record, key, dirty, reach, moves);
    facts = service_facts(key, record, *object);
    facts->problems = problems_behind(record, key);
  } else {
    dismiss(record, key);
    release_claims(key);
  }
  if (facts != record.facts || moves.more || !moves.names().empty()) {
    if (record.facts) retire(key, *record.facts, facts);
    if (facts) enlist(key, *facts);
    moves.more = true;
    announce(key, moves);
  }
  if (facts) facts->reach = std::move(reach);
  record.facts = std::move(facts);
  publish_headless(record, true);
}

void Intent::State::retire(const ObjectKey& key, const ServiceFacts& old, const std::optional<ServiceFacts>& now) {
  const auto tier = tier_key(old.ns, old.tier);
  const bool is_same_kind = now && now->counts == old.counts && now->headless == old.headless;
  if (is_same_kind && tier == tier_key(now->ns, now->tier)) return;
  auto& record = service_tiers[tier];
  record.services.erase(key);
  record.addressed.erase(key);
  dirty_service_tiers.insert(tier);
}

void Intent::State::enlist(const ObjectKey& key, const ServiceFacts& facts) {
  if (!facts.counts) return;
  const auto tier = tier_key(facts.ns, facts.tier);
  auto& record = service_tiers[tier];
  const auto shared = key_in(services, key);
  bool touched = record.services.insert(shared).second;
  if (!facts.headless) touched |= record.addressed.insert(shared).second;
  if (touched) dirty_service_tiers.insert(tier);
}

void Intent::State::publish_headless(ServiceRecord& record, bool all) {
  const bool opens = record.facts && record.facts->headless;
  const auto pair_of = [&](const std::string& pod_tier) {  // both change together
    return tier_key(record.facts->ns, record.facts->tier) + "|" + pod_tier;
  };
  if (all) {
    TierSet now;
    if (opens)
      for (const auto& [tier, count] : record.roster.tiers->serving) now.insert(pair_of(tier));
    for (const auto& pair : now)
      if (!record.headless_tiers.contains(pair)) count_headless(pair, true);
    for (const auto& pair : record.headless_tiers)
      if (!now.contains(pair)) count_headless(pair, false);
    record.headless_tiers = std::move(now);
  } else if (opens) {
    for (const auto& tier : record.roster.tiers->touched) {
      const auto pair = pair_of(tier);
      const bool in = record.roster.tiers->serving.contains(tier);
      if (in == record.headless_tiers.contains(pair)) continue;
      in ? void(record.headless_tiers.insert(pair)) : void(record.headless_tiers.erase(pair));
      count_headless(pair, in);
    }
  }
  record.roster.tiers.set(&Roster::Tiers::touched, {});
}

void Intent::State::count_headless(const std::string& pair, bool in) {
  const auto bar = pair.find('|');
  const auto service = pair.substr(0, bar), pod = pair.substr(bar + 1);
  auto& backends = service_tiers[service].headless_backends;
  auto& serves = pod_tiers[pod].serves;
  in ? ++backends[pod] : --backends[pod];
  in ? ++serves[service] : --serves[service];
  if (backends[pod] == 0) backends.erase(pod);
  if (serves[service] == 0) serves.erase(service);
  dirty_service_tiers.insert(service);
  dirty_pod_tiers.insert(pod);
}

}  // namespace knm
