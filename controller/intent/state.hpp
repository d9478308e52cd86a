#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/base/text_map.hpp"
#include "controller/intent/address_quota.hpp"
#include "controller/intent/claims.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/intent.hpp"
#include "controller/intent/roster.hpp"
#include "k8sclient/api/packed.hpp"

namespace knm {

// Diagram of the units, lower ones first; an arrow is "reads the facts of":
//
//   service → pod, claims        pod_tier → pod, service (whose headless Services it backs)        service_tier →
//   service, pod_tier, outside (whether it is there)        pod_tier → outside (likewise)        outside → pod_tier,
//   service_tier (who is connected to it)
struct Intent::State {
  struct PodRecord {
    PodFacts facts;
  };
  struct PodTierRecord {
    PackedText ns, name;                         // as its Pods share them
    Shared<std::vector<std::string>> last_uses;  // of a Pod of it: nearly always those of them all
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
  // A network that the configuration names.
  struct OutsideRecord {
    bool global = false;
    std::vector<std::string> services;  // service tiers whose place it takes
    TierKey place;                      // "ns/network" where it lies in a Namespace's project; empty: it does not
    bool found = false;                 // an inventory showed it
    bool shared = false;                // it is one that we make for all clusters
    std::size_t made = 0;               // tiers of ours whose network it is
    std::optional<OutsideFacts> facts;
    bool exists() const { return found || shared || made > 0; }
  };
  struct ServiceRecord {
    std::optional<k8s::Packed<k8s::Service>> object;
    // Of the object: what each change of a Pod behind it asks for.
    bool has_selector = false, publishes_not_ready = false, headless = false;
    bool has_place = false;             // it may get something: its type, and its Namespace
    bool anew = false;                  // who is behind it is to be judged anew, each of them
    std::optional<ServiceFacts> facts;  // while it has a place
    RareList<Problem> said;             // what the Service itself has wrong; not the Pods behind it
    Roster roster;
    TierSet headless_tiers;  // "service tier|pod tier", that it contributes while it is headless
  };
  // What of a Service is to be settled: all of it, or the standing of some Pods behind it.
  struct DirtyService {
    bool whole = false;
    std::vector<std::pair<Endpoints::MemberId, ObjectName>> members;  // with the Pod's key where it is known
  };
  // What changed of whom a Service reaches.
  struct Moves {
    bool more = false;                              // more than the Pods below
    std::map<ObjectName, std::array<int, 2>> pods;  // by family: came (1), went (-1), or came back (0)
    std::vector<ObjectKey> names() const;           // of those that came or went
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
  std::string unusable;                        // a Namespace without Pods and Services that count
  std::set<std::string, std::less<>> refused;  // more of them, as the config API has it now
  std::vector<TierKey> cluster_wishes;

  TextMap<NamespaceFacts> namespaces;
  Pods pods;
  PodsByUid pods_by_uid;
  std::size_t without_state = 0;  // Pods that lacks_state() is true of
  TextMap<PodTierRecord> pod_tiers;
  TextMap<ServiceTierRecord> service_tiers;
  TextMap<ServiceRecord> services;
  std::map<std::string, OutsideRecord, std::less<>> outsides;  // all that are configured
  TextMap<std::string> outside_places;                         // of those that have one
  Endpoints endpoints;
  Possession possession;                           // what the config API has of Services; empty: nothing
  Claims claims;                                   // by what their authors say
  Claims shown;                                    // by the status of LoadBalancer Services that are ours to serve
  AddressQuota quota;                              // public addresses of each Namespace
  TextMap<std::vector<ObjectKey>> moved_backends;  // of Services that changed in nothing else at the last settle()
  std::set<ObjectKey> rebound;                     // Services that changed in more

  std::map<ObjectKey, DirtyService> dirty_services;
  std::set<TierKey> dirty_pod_tiers, dirty_service_tiers;
  std::map<TierKey, std::set<TierKey>> wished;  // service tiers, and who came to wish them or ceased to
  std::set<std::string> dirty_outsides;
  std::set<Unit> changed;
  std::map<Unit, std::set<TierKey>> moved_users;  // of these, where nothing else changed at the last settle()
  std::set<ObjectKey> reread, reread_before;      // Pods of these whose objects() are the same; of the last settle()
  std::uint64_t round = 0;

  explicit State(const Settings& given);

  void change(UnitKind kind, std::string_view key);
  // Of a service tier or a network outside nothing but that a pod tier came to use it, or ceased to.
  void change_user(const Unit& unit, const TierKey& tier);
  // Of a Pod nothing that its objects in the config API follow from.
  void change_aside(const ObjectKey& pod);

  bool has_place(std::string_view ns) const { return ns != unusable && !refused.contains(ns); }
  void refuse_namespace(const std::string& name, bool is_refused);

  // --- Pods
  static bool lacks_state(const PodFacts& pod) { return pod.networked && !pod.state; }
  void join_tier(const PodFacts& pod);
  void leave_tier(const PodFacts& pod);
  void dirty_services_of(std::string_view uid);
  void dirty_whole(const ObjectKey& service);
  void put_pod(const k8s::Pod& object);
  void set_pod(const ObjectKey& key, PodFacts facts);
  void share_texts(PodFacts& facts, const PodFacts& before);
  void remember_uid(const Pods::value_type& entry);
  void forget_uid(const Pods::value_type& entry);
  void drop_pod(const ObjectKey& key);
  const PodFacts* pod_by_uid(std::string_view uid) const;

  // --- Services and slices
  void put_service(const k8s::Service& object);
  void release_claims(const ObjectKey& key);
  void drop_service(const ObjectKey& key);
  Endpoints::Touched touch_member();
  void put_slice(const k8s::EndpointSlice& object);
  void drop_slice(const ObjectKey& key);

  // --- Who is behind a Service
  // A member may change: before it does, what is counted of it is taken back.
  void touch(const ObjectKey& service, std::optional<Endpoints::MemberId> id);
  // What the Service makes of a Pod that its endpoints name.
  Endpoints::Member judged(const ServiceRecord& record, Endpoints::Member member, const PodFacts* pod) const;
  struct Behind;  // backends.cpp
  // Judges those that may have changed, or all, and says who is reached; `reach` is what the facts had.
  void muster(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty, std::array<Reach, 2>& reach,
              Moves& moves);
  // Nobody is behind it any longer.
  void dismiss(ServiceRecord& record, const ObjectKey& key);
  // There is no Service whose endpoints these are.
  void forget(const ObjectKey& key, const DirtyService& dirty);
  void forget_behind(const ObjectKey& key, const DirtyService& dirty);
  // What is wrong with who is behind it.
  std::vector<Problem> problems_behind(const ServiceRecord& record, const ObjectKey& key) const;
  // The facts of a Service, but for whom it reaches and what is wrong with them.
  ServiceFacts service_facts(const ObjectKey& key, ServiceRecord& record, const k8s::Service& object);
  void settle_service(const ObjectKey& key, const DirtyService& dirty);
  bool counts(const ServiceRecord& record) const;
  // The Service is as it was; the Pods behind it may not be.
  void settle_behind(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty);
  void settle_whole(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty);
  // Of a Service that is not there nobody else takes note.
  void announce(const ObjectKey& key, const Moves& moves);
  void retire(const ObjectKey& key, const ServiceFacts& old, const std::optional<ServiceFacts>& now);
  void enlist(const ObjectKey& key, const ServiceFacts& facts);
  // Which pod tiers a headless Service opens, counted per service tier on both sides.
  void publish_headless(ServiceRecord& record, bool all);
  void count_headless(const std::string& pair, bool in);

  // --- Addresses
  // What a Service asks for, of which the configuration refuses nothing.
  struct Asked {
    std::vector<contrail::IpAddress> cluster, external;
  };
  Asked asked_addresses(const k8s::Service& object, ServiceFacts& facts) const;
  void read_request(const k8s::Service& object, ServiceFacts& facts) const;
  std::optional<Problem> refuse_choice(std::string_view ns, const std::string& what) const;
  void claim_places(const Claimant& claimant, const Asked& asked, const ServiceFacts& facts);
  void take_places(const ObjectKey& key, Asked& asked, ServiceFacts& facts) const;
  std::optional<Problem> refuse_claim(const contrail::IpAddress& address, const ObjectKey& key) const;
  void hold_addresses(const k8s::Service& object, const ObjectKey& key, ServiceFacts& facts);
  void possess(const ObjectKey& key, const contrail::IpAddress& address);

  // --- Tiers
  std::optional<PodTierFacts> pod_tier_facts(const TierKey& key, const PodTierRecord& record) const;
  void settle_pod_tier(const TierKey& key);
  void wish(const TierKey& pod_tier, const TierKey& service_tier, bool in);
  std::optional<ServiceTierFacts> service_tier_facts(const TierKey& key, const ServiceTierRecord& record) const;
  void settle_service_tier(const TierKey& key);
  // Carries the wishes of these into the facts; false where more than the users may change.
  bool move_users(const TierKey& service_tier, const std::set<TierKey>& pod_tiers);

  // --- Networks outside
  void configure_outside();
  OutsideRecord* outside_at(std::string_view ns, std::string_view network);
  bool put_outside(std::string_view network, bool exists);
  void settle_outside(const std::string& network);
  // A network of our own came or went that may be one of those.
  void count_made(std::string_view ns, std::string_view network, bool in);
  // The global networks that a pod tier is connected to, sorted (object-model rule 3.4).
  std::vector<std::string> global_networks(std::string_view ns, std::string_view tier) const;
  // The network that is configured to take a service tier's place; null: none is, or not for this Namespace.
  const std::string* external_network(std::string_view ns, std::string_view tier) const;
  std::optional<ServiceTierFacts> external_facts(std::string_view ns, std::string_view tier,
                                                 const TierSet& wishers) const;
  static bool is_network_of(std::string_view pod_tier, const OutsideRecord& outside);
  // A Namespace came, went, or gained or lost its place.
  void dirty_external_services(std::string_view ns);
  void connect(const std::string& network, const TierKey& pod_tier, bool in);
  void serve_outside(const std::string& network, const TierKey& service_tier, bool in);
  std::vector<Unit> settle();
  // In no order; of one namespace, or all.
  std::vector<PackedText> keys(UnitKind kind, std::optional<std::string_view> ns) const;
};

}  // namespace knm
