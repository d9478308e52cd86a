#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/intent/claims.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// The facts of the cluster, kept up to date unit by unit.
//
// Objects may be put in any order and repeatedly; settle() recomputes the units that they touch and returns those whose
// facts changed. The facts depend only on the present objects: not on the order or number of events. A change costs
// what its own units cost, for any size of the cluster.
class Intent {
 public:
  explicit Intent(const Settings& settings);
  ~Intent();
  Intent(Intent&&) noexcept;
  Intent& operator=(Intent&&) noexcept;

  void put(const k8s::Namespace& object);
  void put(const k8s::Pod& object);
  void put(const k8s::Service& object);
  void put(const k8s::EndpointSlice& object);
  void drop_namespace(const std::string& name);
  void drop_pod(const ObjectKey& key);
  void drop_service(const ObjectKey& key);
  void drop_slice(const ObjectKey& key);
  // The resourceVersions of all Pods, or Services, so far compare with no later ones: etcd was restored from a backup.
  void forget_pod_versions();
  void forget_service_versions();
  // Whether an external network exists and may be connected; networks that are not configured are ignored. At first
  // none exists. Networks of tiers of this cluster, and shared networks, need not be put. Returns whether that changed.
  bool put_external_network(std::string_view network, bool exists);

  // Sets the source of the addresses that a Service has in the config API (controller/intent/claims.hpp); called by
  // settle(). At first none.
  void set_possession(Possession possession);
  const Possession& possession() const;
  // An address exists there for a Service from now on.
  void possess(const ObjectKey& service, const contrail::IpAddress& address);

  // Whether a Namespace is not served, since its project is foreign: then nothing in it counts.
  void refuse_namespace(const std::string& name, bool refused);
  const std::set<std::string, std::less<>>& refused_namespaces() const;

  // Whether nothing is dirty.
  bool is_settled() const;
  // Recomputes dirty units. Returns the units whose facts changed, each once, lower kinds first.
  std::vector<Unit> settle();
  // Before the first settle(): forgets what has changed so far, so that it takes no memory. For a caller that will look
  // at all units.
  void forget_changes();

  // The facts as of the last settle(); null: the unit does not exist. A Pod exists as long as its object does.
  const NamespaceFacts* ns(std::string_view name) const;
  // Whether an existing Namespace may have a project of its own.
  bool is_served(std::string_view ns) const;
  const PodFacts* pod(std::string_view key) const;
  const PodFacts* pod_by_uid(std::string_view uid) const;
  const PodTierFacts* pod_tier(std::string_view key) const;
  const ServiceTierFacts* service_tier(std::string_view key) const;
  const ServiceFacts* service(std::string_view key) const;
  const ExternalNetworkFacts* outside(std::string_view network) const;

  // All configured networks, existing or not, sorted.
  std::vector<std::string> external_networks() const;

  // The key of a unit in the memory of its record, if the unit exists.
  PackedText shared_key(const Unit& unit) const;

  // The Service that holds an address from its specification: a ClusterIP, external IP or loadBalancerIP; empty: no
  // Service claims it.
  PackedText claimant(const contrail::IpAddress& address) const;
  // The same for load-balancer statuses, which any client may have written.
  PackedText shown_by(const contrail::IpAddress& address) const;

  // The number of endpoints of an EndpointSlice.
  std::size_t endpoints_in(std::string_view slice) const;

  // The Services whose endpoints name a Pod.
  std::vector<ObjectKey> services_of(std::string_view pod_uid) const;

  // For a Service of which only backends changed at the last settle(): those that were added or removed, in no order.
  // Null: anything else may have changed.
  const std::vector<ObjectKey>* moved_backends(std::string_view service) const;

  // Whether nothing changed at the last settle() from which objects of this Pod in the config API follow: only its
  // annotation, say, or that it is terminating.
  bool has_same_objects(const ObjectKey& pod) const;
  // For a service tier or an external network of which only the using pod tiers changed at the last settle(): those
  // that were added or removed. Null: anything else may have changed.
  const std::set<TierKey>* moved_users(const Unit& unit) const;
  // The number of calls of settle().
  std::uint64_t round() const;

  // All keys of a kind, sorted, in the memory of their records; for reports and full comparisons.
  std::vector<PackedText> keys(UnitKind kind) const;

  // The same in no order, at the cost of a copy: for a stepwise walk.
  std::vector<PackedText> unsorted_keys(UnitKind kind) const;

  // The number of Pods that should have a network and lack the annotation.
  std::size_t pods_without_state() const;

  // The keys of a kind in a namespace, sorted; not for UnitKind::ns and UnitKind::external_network.
  std::vector<PackedText> keys_in(UnitKind kind, std::string_view ns) const;

  // The existing, open service tiers of a pod tier, sorted: those that it uses and those whose backends it has.
  std::vector<TierKey> attached(const PodTierFacts& tier) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace knm
