#include "controller/intent/labels.hpp"
#include "controller/intent/service_limits.hpp"
#include "controller/intent/service_rules.hpp"
#include "controller/intent/state.hpp"
#include "controller/rule.hpp"

namespace knm {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (&text == &texts.front() ? "" : ",") + text;
  return out;
}

bool is_external_name(const k8s::Service& service) {
  return service.type == k8s::ServiceType::external_name && holds(Rule::external_name);
}

}  // namespace

void Intent::State::put_service(const k8s::Service& object) {
  // Behind those that are looked at nothing is kept, and one more says that there are some.
  if (object.external_ips.size() > most_external_ips + 1) {
    auto shorter = object;
    shorter.external_ips.resize(most_external_ips + 1);
    return put_service(shorter);
  }
  const auto key = tier_key(object.meta.ns, object.meta.name);
  auto& record = services[key];
  k8s::Packed<k8s::Service> packed(object);
  if (record.object && *record.object == packed) return;
  record.object = std::move(packed);
  record.has_selector = object.has_selector;
  record.has_named_target = has_named_target(object);
  record.publishes_not_ready = object.publish_not_ready_addresses;
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
  release_claims(key);
  dirty_whole(key);
}

Endpoints::Touched Intent::State::touch_member() {
  return [this](const ObjectKey& service, Endpoints::PodId pod) {
    auto& dirty = dirty_services[service];
    if (pod == Endpoints::nobody)
      dirty.whole = true;
    else
      dirty.members.emplace_back(pod, ObjectKey());
  };
}

void Intent::State::put_slice(const k8s::EndpointSlice& object) { endpoints.put(object, touch_member()); }

void Intent::State::drop_slice(const ObjectKey& key) { endpoints.drop(key, touch_member()); }

std::optional<ServiceFacts> Intent::State::service_facts(const ObjectKey& key, ServiceRecord& record) {
  if (!record.object) return std::nullopt;
  const auto object = record.object->unpack();
  if (is_external_name(object) || !has_place(object.meta.ns)) return release_claims(key), std::nullopt;
  const auto behind = judge_all(record, key);
  ServiceFacts facts;
  facts.ns = object.meta.ns;
  facts.name = object.meta.name;
  facts.uid = object.meta.uid;
  facts.created = object.meta.creation_timestamp;
  facts.tier = knm::service_tier(object.meta, settings.network_label);
  facts.status = joined(object.ingress);
  facts.resource_version = object.meta.resource_version;
  facts.counts = object.has_selector || record.mapped > 0 || !holds(Rule::without_selector);
  facts.wants_load_balancer = !is_headless(object) && is_our_load_balancer(object, settings);
  if (!facts.counts) release_claims(key);
  if (!facts.counts) return facts.status.empty() ? std::nullopt : std::optional(facts);
  facts.headless = is_headless(object);
  if (const auto* network = external_network(facts.ns, facts.tier))
    facts.problems.push_back(
        {"ExternalServiceHidden", "its tier " + facts.tier +
                                      " hides the external-service of that name, so nobody reaches " + *network +
                                      "; give the Service another tier"});
  hold_addresses(object, key, facts);
  auto served = serve(object, behind.serving, behind.waiting);
  facts.backends = std::move(served.pods);
  facts.mappings = std::move(served.mappings);
  for (auto& problem : served.problems) facts.problems.push_back(std::move(problem));
  for (auto& problem : cannot_express(object, facts)) facts.problems.push_back(std::move(problem));
  if (record.stray > 0 && holds(Rule::strays))
    facts.problems.push_back(
        {"EndpointWithoutNetwork",
         std::to_string(record.stray) +
             " of its endpoints are no Pods with a network of ours (hostNetwork, or written by hand), so its "
             "addresses do not reach them; use Pods with a network, or an external-service"});
  shorten(facts.problems);
  return facts;
}

void Intent::State::settle_service(const ObjectKey& key, const DirtyService& dirty) {
  const auto found = services.find(key);
  if (found == services.end()) return endpoints.tidy(key);
  auto& record = found->second;
  if (const auto moved = move_backends(record, key, dirty)) {
    if (moved->empty()) return;
    moved_backends.emplace(key, *moved);
    return change(UnitKind::service, key);
  }
  auto facts = service_facts(key, record);
  if (facts != record.facts) {
    if (record.facts) retire(key, *record.facts, facts);
    if (facts) enlist(key, *facts);
    change(UnitKind::service, key);
    moved_backends.erase(key);
  }
  record.facts = std::move(facts);
  publish_headless(record);
  if (!record.object) services.erase(found);
}

void Intent::State::retire(const ObjectKey& key, const ServiceFacts& old, const std::optional<ServiceFacts>& now) {
  const auto tier = tier_key(old.ns, old.tier);
  const bool is_same_kind = now && now->counts == old.counts && now->headless == old.headless;
  if (is_same_kind && tier == tier_key(now->ns, now->tier)) return;
  auto& record = service_tiers[tier];
  record.services.erase(key);
  record.addressed.erase(key);
  if (!holds(Rule::shared_service_tiers)) record.services.clear(), record.addressed.clear();
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

void Intent::State::publish_headless(ServiceRecord& record) {
  TierSet now;  // "service tier|pod tier": both change together
  if (record.facts && record.facts->headless)
    for (const auto& pod : record.facts->backends) {
      const auto& facts = pods.find(pod)->second.facts;
      now.insert(tier_key(record.facts->ns, record.facts->tier) + "|" + tier_key(facts.ns, facts.tier));
    }
  for (const auto& pair : now)
    if (!record.headless_tiers.contains(pair)) count_headless(pair, true);
  for (const auto& pair : record.headless_tiers)
    if (!now.contains(pair)) count_headless(pair, false);
  record.headless_tiers = std::move(now);
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
