#include "controller/intent/intent.hpp"

#include <algorithm>
#include <optional>

#include <boost/container/flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/intent/claims.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/service_rules.hpp"
#include "controller/intent/text_map.hpp"

namespace knm {
namespace {

constexpr std::string_view state_annotation = "opencontrail.org/pod-state";

// The Namespace whose project would be the default project, which is everybody's: nothing is made of it. Empty: none.
std::string unusable_namespace(const Settings& settings) {
  auto start = settings.default_domain + ":";
  if (!settings.cluster_name.empty()) start += settings.cluster_name + "_";
  return settings.default_project.starts_with(start) ? settings.default_project.substr(start.size()) : "";
}

PodFacts facts_of(const k8s::Pod& pod, const Settings& settings, bool usable) {
  PodFacts facts;
  facts.ns = pod.meta.ns;
  facts.name = pod.meta.name;
  facts.uid = pod.meta.uid;
  facts.created = pod.meta.creation_timestamp;
  facts.terminating = pod.meta.terminating;
  facts.resource_version = pod.meta.resource_version;
  facts.networked = usable && !pod.host_network && !pod.mirror && pod.phase != k8s::PodPhase::succeeded &&
                    pod.phase != k8s::PodPhase::failed;
  if (const auto* state = k8s::find_value(pod.meta.annotations, std::string(state_annotation)))
    facts.state = text_digest(*state);
  if (!facts.networked) return facts;
  facts.tier = knm::pod_tier(pod.meta, settings.network_label);
  auto named = uses(pod.meta, settings.service_label);
  facts.uses = std::move(named.tiers);
  for (auto& problem : named.problems) facts.problems.push_back({"InvalidUses", std::move(problem)});
  facts.named_ports = pod.named_ports;
  return facts;
}

// What of a Pod matters to the Services that it backs.
bool same_backend(const PodFacts& a, const PodFacts& b) {
  return a.uid == b.uid && a.networked == b.networked && a.terminating == b.terminating &&
         a.named_ports == b.named_ports && a.tier == b.tier;
}

std::vector<contrail::IpAddress> parsed(const std::vector<std::string>& texts) {
  std::vector<contrail::IpAddress> out;
  for (const auto& text : texts)
    if (const auto address = contrail::IpAddress::parse(text)) out.push_back(*address);
  return out;
}

}  // namespace

// Diagram of the units, lower ones first; an arrow is "reads the facts of":
//
//   service → pod, claims        pod_tier → pod, service (whose headless Services it backs)        service_tier →
//   service, pod_tier
struct Intent::State {
  struct PodRecord {
    PodFacts facts;
  };
  struct PodTierRecord {
    std::size_t pods = 0;
    boost::container::flat_map<std::string, std::size_t>
        uses;                                                 // service tiers of its namespace, how many Pods name each
    boost::container::flat_map<TierKey, std::size_t> serves;  // how many headless Services of a tier it backs
    std::optional<PodTierFacts> facts;
  };
  struct ServiceTierRecord {
    TierSet services;   // those that count
    TierSet addressed;  // of these, those that are not headless
    TierSet wishers;    // pod tiers that exist
    boost::container::flat_map<TierKey, std::size_t> headless_backends;
    std::optional<ServiceTierFacts> facts;
  };
  struct ServiceRecord {
    std::optional<k8s::Service> object;
    std::optional<ServiceFacts> facts;  // while it counts
    TierSet headless_tiers;             // pod tiers that it contributes, while it is headless
    std::size_t mapped = 0;             // Pods behind it that are ours
    std::size_t stray = 0;              // endpoints that reach nobody
  };
  // What of a Service is to be settled: all of it, or the standing of some Pods behind it.
  struct DirtyService {
    bool whole = false;
    std::vector<std::pair<Endpoints::PodId, ObjectKey>> members;  // with the Pod's key where it was known
  };

  // Pods by UID; the UID is that of the facts, so none may change while its record is in here.
  using Pods = TextMap<PodRecord>;
  struct UidHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view uid) const noexcept { return std::hash<std::string_view>{}(uid); }
    std::size_t operator()(const Pods::value_type* pod) const noexcept { return (*this)(pod->second.facts.uid); }
  };
  struct SameUid {
    using is_transparent = void;
    static std::string_view of(std::string_view uid) { return uid; }
    static std::string_view of(const Pods::value_type* pod) { return pod->second.facts.uid; }
    bool operator()(const auto& a, const auto& b) const noexcept { return of(a) == of(b); }
  };
  using PodsByUid = boost::unordered_flat_set<const Pods::value_type*, UidHash, SameUid>;

  Settings settings;
  std::string unusable;  // a Namespace without Pods and Services that count
  std::vector<TierKey> cluster_wishes;

  TextMap<NamespaceFacts> namespaces;
  Pods pods;
  PodsByUid pods_by_uid;
  TextMap<PodTierRecord> pod_tiers;
  TextMap<ServiceTierRecord> service_tiers;
  TextMap<ServiceRecord> services;
  Endpoints endpoints;
  Claims claims;
  TextMap<std::vector<ObjectKey>> moved_backends;  // of Services that changed in nothing else at the last settle()

  std::map<ObjectKey, DirtyService> dirty_services;
  std::set<TierKey> dirty_pod_tiers, dirty_service_tiers;
  std::set<Unit> changed;

  explicit State(const Settings& given) : settings(given), unusable(unusable_namespace(given)) {
    for (const auto& [ns, tier] : settings.cluster_service) cluster_wishes.push_back(tier_key(ns, tier));
  }

  void change(UnitKind kind, std::string_view key) { changed.insert({kind, std::string(key)}); }

  // --- Pods
  // -------------------------------------------------------------------------------------------------------------

  void join_tier(const PodFacts& pod) {
    if (!pod.networked) return;
    const auto key = tier_key(pod.ns, pod.tier);
    auto& tier = pod_tiers[key];
    bool touched = ++tier.pods == 1;
    for (const auto& name : pod.uses) touched |= ++tier.uses[name] == 1;
    if (touched) dirty_pod_tiers.insert(key);
  }

  void leave_tier(const PodFacts& pod) {
    if (!pod.networked) return;
    const auto key = tier_key(pod.ns, pod.tier);
    auto& tier = pod_tiers[key];
    bool touched = --tier.pods == 0;
    for (const auto& name : pod.uses) {
      const auto use = tier.uses.find(name);
      if (--use->second > 0) continue;
      tier.uses.erase(use);
      touched = true;
    }
    if (touched) dirty_pod_tiers.insert(key);
  }

  void dirty_services_of(std::string_view uid, const ObjectKey& key) {
    const auto id = endpoints.id_of(uid);
    for (const auto& service : endpoints.services_of(id)) dirty_services[service].members.emplace_back(id, key);
  }

  void dirty_whole(const ObjectKey& service) { dirty_services[service].whole = true; }

  void put_pod(const k8s::Pod& object) {
    const auto key = tier_key(object.meta.ns, object.meta.name);
    auto facts = facts_of(object, settings, object.meta.ns != unusable);
    auto& entry = *pods.try_emplace(key).first;
    auto& record = entry.second;
    record.facts.resource_version =
        facts.resource_version;  // moves with every status update, and means nothing by itself
    if (record.facts == facts) return;
    const bool rejoin =
        record.facts.networked != facts.networked || record.facts.tier != facts.tier || record.facts.uses != facts.uses;
    const bool backend = !same_backend(record.facts, facts);
    if (backend && !record.facts.uid.empty()) dirty_services_of(record.facts.uid, key);
    // In before out, so that a tier that keeps a Pod is never seen empty.
    if (rejoin) join_tier(facts);
    if (rejoin && !record.facts.uid.empty()) leave_tier(record.facts);
    const bool replaced = record.facts.uid != facts.uid;
    if (replaced) forget_uid(entry);
    record.facts = std::move(facts);
    if (replaced) remember_uid(entry);
    if (backend) dirty_services_of(record.facts.uid, key);
    change(UnitKind::pod, key);
  }

  void remember_uid(const Pods::value_type& entry) {
    // Two Pods of one UID cannot be; if they are, the last one counts.
    pods_by_uid.erase(&entry);
    pods_by_uid.insert(&entry);
  }

  void forget_uid(const Pods::value_type& entry) {
    if (const auto known = pods_by_uid.find(&entry); known != pods_by_uid.end() && *known == &entry)
      pods_by_uid.erase(known);
  }

  void drop_pod(const ObjectKey& key) {
    const auto found = pods.find(key);
    if (found == pods.end()) return;
    dirty_services_of(found->second.facts.uid, key);
    leave_tier(found->second.facts);
    forget_uid(*found);
    pods.erase(found);
    change(UnitKind::pod, key);
  }

  const PodFacts* pod_by_uid(std::string_view uid) const {
    const auto found = pods_by_uid.find(uid);
    return found == pods_by_uid.end() ? nullptr : &(*found)->second.facts;
  }

  // --- Services and slices
  // ----------------------------------------------------------------------------------------------

  void put_service(const k8s::Service& object) {
    const auto key = tier_key(object.meta.ns, object.meta.name);
    auto& record = services[key];
    if (record.object && *record.object == object) return;
    record.object = object;
    const auto touched = claims.claim({object.meta.creation_timestamp, object.meta.uid, key}, claimed(object));
    for (const auto& other : touched) dirty_whole(other);
    dirty_whole(key);
  }

  std::vector<contrail::IpAddress> claimed(const k8s::Service& object) const {
    if (object.type == k8s::ServiceType::external_name) return {};
    auto out = parsed(object.cluster_ips);
    const auto external = parsed(object.external_ips);
    out.insert(out.end(), external.begin(), external.end());
    if (is_our_load_balancer(object, settings)) {
      const auto ingress = parsed(object.ingress_ips);
      out.insert(out.end(), ingress.begin(), ingress.end());
    }
    return out;
  }

  void drop_service(const ObjectKey& key) {
    const auto found = services.find(key);
    if (found == services.end()) return;
    found->second.object.reset();
    const auto touched = claims.release(key);
    for (const auto& other : touched) dirty_whole(other);
    dirty_whole(key);
  }

  Endpoints::Touched touch_member() {
    return [this](const ObjectKey& service, Endpoints::PodId pod) {
      auto& dirty = dirty_services[service];
      if (pod == Endpoints::nobody)
        dirty.whole = true;
      else
        dirty.members.emplace_back(pod, ObjectKey());
    };
  }

  void put_slice(const k8s::EndpointSlice& object) { endpoints.put(object, touch_member()); }
  void drop_slice(const ObjectKey& key) { endpoints.drop(key, touch_member()); }

  // --- Who is behind a Service
  // -----------------------------------------------------------------------------------------

  // What the Service makes of a Pod that its endpoints name.
  Endpoints::Member judged(const ServiceRecord& record, Endpoints::Member member, const PodFacts* pod) const {
    // A slice written by hand may name a Pod of another Namespace: whoever may write slices here has no say there.
    member.mapped = member.named > 0 && pod && pod->networked && pod->ns == record.object->meta.ns;
    member.stray = pod && !member.mapped ? member.named : 0;
    const bool may_serve = member.ready > 0 || (record.object->publish_not_ready_addresses && member.unready > 0);
    member.serves = member.mapped && may_serve && !pod->terminating;
    return member;
  }

  void judge(ServiceRecord& record, Endpoints::Member& member, const PodFacts* pod) const {
    const auto now = judged(record, member, pod);
    record.mapped += static_cast<std::size_t>(now.mapped) - static_cast<std::size_t>(member.mapped);
    record.stray += static_cast<std::size_t>(now.stray) - static_cast<std::size_t>(member.stray);
    member = now;
  }

  // Judges all of them; those that serve.
  std::vector<const PodFacts*> judge_all(ServiceRecord& record, const ObjectKey& key) {
    std::vector<const PodFacts*> serving;
    record.mapped = record.stray = 0;
    endpoints.tidy(key);
    auto* of_service = endpoints.of(key);
    if (!of_service) return serving;
    for (auto& [id, member] : of_service->members) {
      member.mapped = false;
      member.stray = 0;
      const auto* pod = pod_by_uid(endpoints.uid_of(id));
      judge(record, member, pod);
      if (member.serves) serving.push_back(pod);
    }
    record.stray += of_service->anonymous;
    return serving;
  }

  // Carries the change of some Pods' standing into the facts; the Pods that came or went. nullopt where more than that
  // may have changed, so that the Service must be looked at as a whole.
  std::optional<std::vector<ObjectKey>> move_backends(ServiceRecord& record, const ObjectKey& key,
                                                      const DirtyService& dirty) {
    if (dirty.whole || !record.facts || record.facts->headless || has_named_target(*record.object)) return std::nullopt;
    const auto stray = record.stray;
    std::set<ObjectKey> out, in;
    auto* of_service = endpoints.of(key);
    for (const auto& [id, former_key] : dirty.members) {
      if (!of_service) break;
      const auto found = of_service->members.find(id);
      if (found == of_service->members.end()) continue;
      const auto pod = pods_by_uid.find(endpoints.uid_of(id));
      const bool known = pod != pods_by_uid.end();
      const bool served = found->second.serves;
      judge(record, found->second, known ? &(*pod)->second.facts : nullptr);
      const bool serves = found->second.serves;
      if (served != serves) (serves ? in : out).insert(known ? (*pod)->first : former_key);
    }
    for (const auto& [id, former_key] : dirty.members) endpoints.forget(key, id);
    if (record.stray != stray || (!record.object->has_selector && record.mapped == 0)) return std::nullopt;
    return exchange(record.facts->backends, out, in);
  }

  // Takes some out of a sorted list and puts some in; those that this changed.
  static std::vector<ObjectKey> exchange(std::vector<ObjectKey>& list, const std::set<ObjectKey>& out,
                                         const std::set<ObjectKey>& in) {
    std::vector<ObjectKey> moved;
    for (const auto& key : out) {
      const auto at = std::lower_bound(list.begin(), list.end(), key);
      if (in.contains(key) || at == list.end() || *at != key) continue;
      list.erase(at);
      moved.push_back(key);
    }
    for (const auto& key : in) {
      const auto at = std::lower_bound(list.begin(), list.end(), key);
      if (at != list.end() && *at == key) continue;
      list.insert(at, key);
      moved.push_back(key);
    }
    return moved;
  }

  // An address that the Service says is its own: held where no older Service claims it and its range takes it.
  void hold(const contrail::IpAddress& address, const ObjectKey& key, std::optional<Problem> refusal,
            ServiceFacts& facts, std::vector<contrail::IpAddress>& held) const {
    if (const auto* holder = claims.holder(address); !refusal && holder && holder->service != key)
      refusal = Problem{"AddressInUse",
                        address.text() + " belongs to the older Service " + holder->service + "; use another address"};
    if (refusal)
      facts.problems.push_back(std::move(*refusal));
    else if (std::find(held.begin(), held.end(), address) == held.end())
      held.push_back(address);
  }

  void hold_addresses(const k8s::Service& object, const ObjectKey& key, ServiceFacts& facts) const {
    for (const auto& address : parsed(object.cluster_ips))
      hold(address, key,
           refuse_address(address, settings.service_cluster_ip_range, false, "ClusterIP", "service-cluster-ip-range"),
           facts, facts.cluster_addresses);
    for (const auto& address : parsed(object.external_ips))
      hold(address, key, refuse_address(address, settings.public_ip_range, true, "external IP", "public-ip-range"),
           facts, facts.external_addresses);
    if (!facts.wants_load_balancer) return;
    for (const auto& address : parsed(object.ingress_ips))
      hold(address, key,
           refuse_address(address, settings.public_ip_range, true, "load-balancer address", "public-ip-range"), facts,
           facts.ingress);
    facts.requested_address = contrail::IpAddress::parse(object.load_balancer_ip);
  }

  // The facts of a Service that counts; nullopt for one that gets nothing.
  std::optional<ServiceFacts> service_facts(const ObjectKey& key, ServiceRecord& record) {
    if (!record.object || record.object->type == k8s::ServiceType::external_name) return std::nullopt;
    const auto& object = *record.object;
    if (object.meta.ns == unusable) return std::nullopt;
    const auto serving = judge_all(record, key);
    if (!object.has_selector && record.mapped == 0) return std::nullopt;

    ServiceFacts facts;
    facts.ns = object.meta.ns;
    facts.name = object.meta.name;
    facts.uid = object.meta.uid;
    facts.created = object.meta.creation_timestamp;
    facts.tier = knm::service_tier(object.meta, settings.network_label);
    facts.headless = is_headless(object);
    facts.wants_load_balancer = !facts.headless && is_our_load_balancer(object, settings);
    hold_addresses(object, key, facts);
    auto served = serve(object, serving);
    facts.backends = std::move(served.pods);
    facts.mappings = std::move(served.mappings);
    for (auto& problem : served.problems) facts.problems.push_back(std::move(problem));
    if (record.stray > 0)
      facts.problems.push_back(
          {"EndpointWithoutNetwork",
           std::to_string(record.stray) +
               " of its endpoints are no Pods with a network of ours (hostNetwork, or written by hand), so its "
               "addresses do not reach them; use Pods with a network, or an external-service"});
    return facts;
  }

  void settle_service(const ObjectKey& key, const DirtyService& dirty) {
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
    }
    record.facts = std::move(facts);
    publish_headless(record);
    if (!record.object) services.erase(found);
  }

  // Of a Service that is not there nobody else takes note.
  void retire(const ObjectKey& key, const ServiceFacts& old, const std::optional<ServiceFacts>& now) {
    const auto tier = tier_key(old.ns, old.tier);
    if (now && tier == tier_key(now->ns, now->tier) && now->headless == old.headless) return;
    auto& record = service_tiers[tier];
    record.services.erase(key);
    record.addressed.erase(key);
    dirty_service_tiers.insert(tier);
  }

  void enlist(const ObjectKey& key, const ServiceFacts& facts) {
    const auto tier = tier_key(facts.ns, facts.tier);
    auto& record = service_tiers[tier];
    bool touched = record.services.insert(key).second;
    if (!facts.headless) touched |= record.addressed.insert(key).second;
    if (touched) dirty_service_tiers.insert(tier);
  }

  // Which pod tiers a headless Service opens, counted per service tier on both sides.
  void publish_headless(ServiceRecord& record) {
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

  void count_headless(const std::string& pair, bool in) {
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

  // --- Tiers
  // ------------------------------------------------------------------------------------------------------------

  std::optional<PodTierFacts> pod_tier_facts(const TierKey& key, const PodTierRecord& record) const {
    if (record.pods == 0) return std::nullopt;
    PodTierFacts facts{std::string(ns_of(key)), std::string(name_of(key)), {}, {}};
    for (const auto& [name, count] : record.uses) facts.wishes.insert(tier_key(facts.ns, name));
    for (const auto& name : settings.namespace_service) facts.wishes.insert(tier_key(facts.ns, name));
    facts.wishes.insert(cluster_wishes.begin(), cluster_wishes.end());
    for (const auto& [service, count] : record.serves) facts.serves.insert(service);
    return facts;
  }

  void settle_pod_tier(const TierKey& key) {
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
      change(UnitKind::pod_tier, key);
    }
    record.facts = std::move(facts);
    if (!record.facts && record.serves.empty()) pod_tiers.erase(found);
  }

  void wish(const TierKey& pod_tier, const TierKey& service_tier, bool in) {
    auto& wishers = service_tiers[service_tier].wishers;
    in ? void(wishers.insert(pod_tier)) : void(wishers.erase(pod_tier));
    dirty_service_tiers.insert(service_tier);
  }

  std::optional<ServiceTierFacts> service_tier_facts(const TierKey& key, const ServiceTierRecord& record) const {
    if (record.services.empty()) return std::nullopt;
    ServiceTierFacts facts{
        std::string(ns_of(key)), std::string(name_of(key)), !record.addressed.empty(), record.wishers, {}};
    for (const auto& [tier, count] : record.headless_backends) facts.headless_backends.insert(tier);
    return facts;
  }

  void settle_service_tier(const TierKey& key) {
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
      change(UnitKind::service_tier, key);
    }
    record.facts = std::move(facts);
    if (!record.facts && record.wishers.empty() && record.headless_backends.empty()) service_tiers.erase(found);
  }

  std::vector<Unit> settle() {
    moved_backends.clear();
    for (const auto& [key, dirty] : std::exchange(dirty_services, {})) settle_service(key, dirty);
    for (const auto& key : std::exchange(dirty_pod_tiers, {})) settle_pod_tier(key);
    for (const auto& key : std::exchange(dirty_service_tiers, {})) settle_service_tier(key);
    std::vector<Unit> out(changed.begin(), changed.end());
    changed.clear();
    return out;
  }
};

Intent::Intent(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
Intent::~Intent() = default;
Intent::Intent(Intent&&) noexcept = default;
Intent& Intent::operator=(Intent&&) noexcept = default;

void Intent::put(const k8s::Namespace& object) {
  NamespaceFacts facts{object.meta.name, object.meta.uid};
  auto& known = state_->namespaces[facts.name];
  if (known == facts) return;
  known = std::move(facts);
  state_->change(UnitKind::ns, object.meta.name);
}

void Intent::drop_namespace(const std::string& name) {
  if (state_->namespaces.erase(name) > 0) state_->change(UnitKind::ns, name);
}

void Intent::put(const k8s::Pod& object) { state_->put_pod(object); }
void Intent::put(const k8s::Service& object) { state_->put_service(object); }
void Intent::put(const k8s::EndpointSlice& object) { state_->put_slice(object); }
void Intent::drop_pod(const ObjectKey& key) { state_->drop_pod(key); }
void Intent::drop_service(const ObjectKey& key) { state_->drop_service(key); }
void Intent::drop_slice(const ObjectKey& key) { state_->drop_slice(key); }
std::vector<Unit> Intent::settle() { return state_->settle(); }

const NamespaceFacts* Intent::ns(std::string_view name) const { return find_or_null(state_->namespaces, name); }

const PodFacts* Intent::pod(std::string_view key) const {
  const auto* record = find_or_null(state_->pods, key);
  return record ? &record->facts : nullptr;
}

const PodFacts* Intent::pod_by_uid(std::string_view uid) const { return state_->pod_by_uid(uid); }

namespace {
template <class Map>
auto* published(const Map& map, std::string_view key) {
  const auto* record = find_or_null(map, key);
  return record && record->facts ? &*record->facts : nullptr;
}
}  // namespace

const PodTierFacts* Intent::pod_tier(std::string_view key) const { return published(state_->pod_tiers, key); }
const ServiceTierFacts* Intent::service_tier(std::string_view key) const {
  return published(state_->service_tiers, key);
}
const ServiceFacts* Intent::service(std::string_view key) const { return published(state_->services, key); }
const std::vector<ObjectKey>* Intent::moved_backends(std::string_view key) const {
  return find_or_null(state_->moved_backends, key);
}

std::vector<ObjectKey> Intent::services_of(std::string_view pod_uid) const {
  auto out = state_->endpoints.services_of(state_->endpoints.id_of(pod_uid));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Intent::keys(UnitKind kind) const {
  std::vector<std::string> out;
  const auto collect = [&](const auto& map, auto&& exists) {
    for (const auto& [key, record] : map)
      if (exists(record)) out.push_back(key);
  };
  const auto always = [](const auto&) { return true; };
  const auto has_facts = [](const auto& record) { return record.facts.has_value(); };
  switch (kind) {
    case UnitKind::ns:
      collect(state_->namespaces, always);
      break;
    case UnitKind::pod:
      collect(state_->pods, always);
      break;
    case UnitKind::pod_tier:
      collect(state_->pod_tiers, has_facts);
      break;
    case UnitKind::service_tier:
      collect(state_->service_tiers, has_facts);
      break;
    case UnitKind::service:
      collect(state_->services, has_facts);
      break;
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Intent::keys_in(UnitKind kind, std::string_view ns) const {
  auto all = keys(kind);
  std::erase_if(all, [&](const auto& key) { return ns_of(key) != ns; });
  return all;
}

std::vector<TierKey> Intent::attached(const PodTierFacts& tier) const {
  std::vector<TierKey> out;
  const auto add_open = [&](const TierSet& keys) {
    for (const auto& key : keys)
      if (const auto* facts = service_tier(key); facts && facts->open()) out.push_back(key);
  };
  add_open(tier.wishes);
  add_open(tier.serves);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace knm
