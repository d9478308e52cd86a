#include "controller/intent/service_units.hpp"

#include <algorithm>
#include <utility>

#include "controller/intent/labels.hpp"
#include "controller/intent/service_limits.hpp"
#include "controller/intent/service_ports.hpp"
#include "controller/intent/service_problems.hpp"
#include "controller/intent/service_rules.hpp"

namespace knm {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (&text == &texts.front() ? "" : ",") + text;
  return out;
}

bool is_external_name(const k8s::Service& service) { return service.type == k8s::ServiceType::external_name; }

}  // namespace

ServiceUnits::ServiceUnits(const Settings& settings, const NamespaceUnits& namespaces, const PodUnits& pods,
                           Changes& changes, ServiceListener& listener)
    : settings_(settings),
      namespaces_(namespaces),
      changes_(changes),
      listener_(listener),
      addresses_(settings),
      backends_(pods) {}

void ServiceUnits::put(const k8s::Service& object) {
  // One more than is read is stored: it shows that there are more.
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
    return put(shorter);
  }
  const auto key = tier_key(object.meta.ns, object.meta.name);
  auto& record = services_[key];
  k8s::Packed<k8s::Service> packed(object);
  if (record.object && *record.object == packed) return;
  const auto before = record.object ? record.object->unpack() : k8s::Service();
  const bool headless = is_headless(object);
  auto& backends = record.backends;
  if (!record.object || before.ports != object.ports || backends.has_selector != object.has_selector ||
      backends.publishes_not_ready != object.publish_not_ready_addresses || backends.headless != headless)
    backends.is_stale = true;
  record.object = std::move(packed);
  backends.has_selector = object.has_selector;
  backends.publishes_not_ready = object.publish_not_ready_addresses;
  backends.headless = headless;
  touch_whole(key);
}

void ServiceUnits::drop(const ObjectKey& key) {
  const auto found = services_.find(key);
  if (found == services_.end()) return;
  found->second.object.reset();
  found->second.backends.is_stale = true;
  touch_whole(addresses_.release(key));
  touch_whole(key);
}

void ServiceUnits::touch_whole(const std::set<ObjectKey>& services) {
  for (const auto& service : services) touch_whole(service);
}

Endpoints::Touched ServiceUnits::touch_backend() {
  return [this](const ObjectKey& service, std::optional<Endpoints::MemberId> id) { touch(service, id); };
}

void ServiceUnits::put(const k8s::EndpointSlice& object) { backends_.put(object, touch_backend()); }
void ServiceUnits::drop_slice(const ObjectKey& key) { backends_.drop(key, touch_backend()); }

void ServiceUnits::touch(const ObjectKey& service, std::optional<Endpoints::MemberId> id) {
  auto& dirty = dirty_[service];
  auto* backend = id ? backends_.mark(service, *id, dirty.backends) : nullptr;
  if (!backend) return;
  if (const auto found = services_.find(service); found != services_.end())
    backends_.subtract(found->second.backends, *id, *backend);
}

void ServiceUnits::touch_pod(std::string_view uid) {
  const auto id = endpoints().id_of(uid);
  for (const auto& service : endpoints().services_of(id))
    for (const auto family : {contrail::Family::v4, contrail::Family::v6})
      touch(service, Endpoints::MemberId(id, family));
}

void ServiceUnits::touch_namespace(std::string_view ns) {
  for (const auto& [key, record] : services_)
    if (ns_of(key) == ns) touch_whole(key);
}

void ServiceUnits::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  touch_whole(addresses_.possess(service, address));
}

void ServiceUnits::settle() {
  // More than one round if a Service gets or releases an address that others claim.
  while (!dirty_.empty())
    for (const auto& [key, dirty] : std::exchange(dirty_, {})) settle(key, dirty);
}

void ServiceUnits::forget_dirty() {
  for (const auto& [key, dirty] : std::exchange(dirty_, {})) {
    backends_.forget(key, dirty.backends);
    const auto found = services_.find(key);
    if (found != services_.end() && !found->second.object) services_.erase(found);
  }
}

void ServiceUnits::touch_all() {
  for (const auto& [key, record] : services_) touch_whole(ObjectKey(key));
}

void ServiceUnits::settle(const ObjectKey& key, const Dirty& dirty) {
  const auto found = services_.find(key);
  if (found == services_.end()) return backends_.forget(key, dirty.backends);
  auto& record = found->second;
  dirty.whole || !record.facts ? settle_whole(record, key, dirty) : settle_backends(record, key, dirty);
  if (!record.object) services_.erase(found);
}

// Only backends of the Service may have changed.
void ServiceUnits::settle_backends(Record& record, const ObjectKey& key, const Dirty& dirty) {
  auto& facts = *record.facts;
  const auto moves = backends_.update(record.backends, key, *record.object, dirty.backends, facts.reach);
  if (record.backends.counts() != facts.counts) return settle_whole(record, key, {true, {}});
  auto now = problems(key, record);
  const bool news = now != facts.problems;
  facts.problems = std::move(now);
  if (moves.more || news || !moves.names().empty()) announce(key, moves);
  announce_headless(record);
}

void ServiceUnits::settle_whole(Record& record, const ObjectKey& key, const Dirty& dirty) {
  const auto name = shared_key(key);
  const auto object = record.object ? std::optional(record.object->unpack()) : std::nullopt;
  const bool is_served = object && !is_external_name(*object) && namespaces_.is_served(object->meta.ns);
  record.backends.is_stale |= is_served != record.facts.has_value();
  std::array<Reach, 2> reach;
  if (record.facts) reach = std::exchange(record.facts->reach, {});
  BackendMoves moves;
  std::optional<ServiceFacts> facts;
  if (is_served) {
    moves = backends_.update(record.backends, key, *record.object, dirty.backends, reach);
    facts = facts_of(name, record, *object);
    facts->problems = problems(key, record);
  } else {
    backends_.clear(record.backends, key);
    record.own_problems.clear();
    touch_whole(addresses_.release(key));
  }
  if (facts != record.facts || moves.more || !moves.names().empty()) {
    announce_tier(name, record.facts, facts);
    moves.more = true;
    announce(key, moves);
  }
  if (facts) facts->reach = std::move(reach);
  record.facts = std::move(facts);
  announce_all_headless(record);
}

void ServiceUnits::forget_versions() {
  for (auto& [key, record] : services_) {
    if (record.facts) record.facts->resource_version = 0;
    if (!record.object) continue;
    auto object = record.object->unpack();
    object.meta.resource_version = 0;
    record.object.emplace(object);
  }
}

// The facts of a Service, except the reached Pods and the problems of its backends.
ServiceFacts ServiceUnits::facts_of(const ObjectName& key, Record& record, const k8s::Service& object) {
  ServiceFacts facts;
  facts.ns = object.meta.ns;
  facts.name = object.meta.name;
  facts.uid = object.meta.uid;
  facts.created = object.meta.creation_timestamp;
  facts.tier = service_tier(object.meta, settings_.network_label);
  facts.status = joined(object.ingress);
  facts.resource_version = object.meta.resource_version;
  facts.counts = record.backends.counts();
  facts.wants_load_balancer = !record.backends.headless && is_our_load_balancer(object, settings_);
  record.own_problems.clear();
  if (!facts.counts) {
    touch_whole(addresses_.release(key));
    return facts;
  }
  facts.headless = record.backends.headless;
  if (const auto* network = external_network(settings_, facts.ns, facts.tier))
    facts.problems.push_back({"ExternalServiceHidden",
                              "the tier " + facts.tier +
                                  " hides the external-service of the same name, so no Pod of the Namespace reaches " +
                                  *network + "; give the Service another tier"});
  touch_whole(addresses_.assign(object, key, facts));
  for (auto& problem : cannot_express(object, facts)) facts.problems.push_back(std::move(problem));
  record.own_problems = std::exchange(facts.problems, {});
  return facts;
}

std::vector<Problem> ServiceUnits::problems(const ObjectKey& key, const Record& record) const {
  return problems_of(key, record.own_problems, record.backends, endpoints().of(key));
}

void ServiceUnits::announce(const ObjectKey& key, const BackendMoves& moves) {
  moves.more ? changes_.add_service(key) : changes_.add_backends(key, moves.names());
}

void ServiceUnits::announce_tier(const ObjectName& key, const std::optional<ServiceFacts>& before,
                                 const std::optional<ServiceFacts>& now) {
  if (before) {
    const auto tier = tier_key(before->ns, before->tier);
    const bool stays = now && now->counts == before->counts && now->headless == before->headless &&
                       tier == tier_key(now->ns, now->tier);
    if (!stays) listener_.service_leaves_tier(key, tier);
  }
  if (now && now->counts) listener_.service_joins_tier(key, tier_key(now->ns, now->tier), now->headless);
}

namespace {
// The tier of a headless Service and a tier of its backends, as one text.
std::string tier_pair(const ServiceFacts& service, const std::string& pod_tier) {
  return tier_key(service.ns, service.tier) + "|" + pod_tier;
}
}  // namespace

// Reports the pod tiers that a headless Service opens: those whose backends were counted since the last call.
void ServiceUnits::announce_headless(Record& record) {
  auto& tiers = record.backends.roster.tiers;
  if (record.facts && record.facts->headless)
    for (const auto& tier : tiers->touched) {
      const auto pair = tier_pair(*record.facts, tier);
      const bool in = tiers->serving.contains(tier);
      if (in == record.headless_tiers.contains(pair)) continue;
      in ? void(record.headless_tiers.insert(pair)) : void(record.headless_tiers.erase(pair));
      announce_headless(pair, in);
    }
  tiers.set(&Roster::Tiers::touched, {});
}

// Reports all of them.
void ServiceUnits::announce_all_headless(Record& record) {
  auto& tiers = record.backends.roster.tiers;
  TierSet now;
  if (record.facts && record.facts->headless)
    for (const auto& [tier, count] : tiers->serving) now.insert(tier_pair(*record.facts, tier));
  for (const auto& pair : now)
    if (!record.headless_tiers.contains(pair)) announce_headless(pair, true);
  for (const auto& pair : record.headless_tiers)
    if (!now.contains(pair)) announce_headless(pair, false);
  record.headless_tiers = std::move(now);
  tiers.set(&Roster::Tiers::touched, {});
}

void ServiceUnits::announce_headless(const std::string& pair, bool in) {
  const auto bar = pair.find('|');
  listener_.headless_backend(pair.substr(0, bar), pair.substr(bar + 1), in);
}

}  // namespace knm
