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

// What the cluster means, kept up to date unit by unit.
//
// Objects go in one by one, in any order and as often as one likes; settle() recomputes the units that they touch and
// says which facts changed. The facts depend on the objects that are there now and on nothing else: not on the order of
// events, not on how often they came. A change costs what its own units cost, whatever the size of the cluster.
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
  // Whether a network outside of the cluster that the configuration names is there and may be connected; others are
  // ignored. At first none is. Those that are networks of our own tiers, or that we make ourselves, need not be put.
  // Whether that is news.
  bool put_external_network(std::string_view network, bool exists);

  // What the config API has of a Service's addresses (controller/intent/claims.hpp); asked by settle(). At first
  // nothing.
  void set_possession(Possession possession);
  const Possession& possession() const;
  // An address came there as a Service's.
  void possess(const ObjectKey& service, const contrail::IpAddress& address);

  // A Namespace that has no place in the config API, for somebody else has its project: nothing in it counts, until
  // this is taken back.
  void refuse_namespace(const std::string& name, bool refused);
  const std::set<std::string, std::less<>>& refused_namespaces() const;

  // Whether nothing is dirty.
  bool is_settled() const;
  // Recomputes what is dirty; the units whose facts changed, each once, lower ones first.
  std::vector<Unit> settle();

  // The facts as of the last settle(); null where the unit does not exist. A Pod exists here while its object does.
  const NamespaceFacts* ns(std::string_view name) const;
  // Whether a Namespace that is there may have a project of its own.
  bool is_served(std::string_view ns) const;
  const PodFacts* pod(std::string_view key) const;
  const PodFacts* pod_by_uid(std::string_view uid) const;
  const PodTierFacts* pod_tier(std::string_view key) const;
  const ServiceTierFacts* service_tier(std::string_view key) const;
  const ServiceFacts* service(std::string_view key) const;
  const ExternalNetworkFacts* outside(std::string_view network) const;

  // All networks that the configuration names, there or not, sorted.
  std::vector<std::string> external_networks() const;

  // The key of a unit in the memory that the intent has it in, where the unit exists.
  PackedText shared_key(const Unit& unit) const;

  // The Service that has an address which its specification names, as ClusterIP, external IP or loadBalancerIP; empty
  // where nobody claims it.
  PackedText claimant(const contrail::IpAddress& address) const;
  // The same of load-balancer statuses, which anybody may have written.
  PackedText shown_by(const contrail::IpAddress& address) const;

  // How many endpoints an EndpointSlice has.
  std::size_t endpoints_in(std::string_view slice) const;

  // The Services whose endpoints name a Pod.
  std::vector<ObjectKey> services_of(std::string_view pod_uid) const;

  // Of a Service that changed in nothing but its backends at the last settle(): those that came or went, in no order.
  // Null: anything else may have changed.
  const std::vector<ObjectKey>* moved_backends(std::string_view service) const;

  // Whether of this Pod, which changed at the last settle(), nothing did that its objects in the config API follow
  // from: its annotation, say, or that it is terminating.
  bool has_same_objects(const ObjectKey& pod) const;
  // Of a service tier or an external network that changed in nothing but the pod tiers that use it at the last
  // settle(): those that came to, or ceased to. Null: anything else may have changed.
  const std::set<TierKey>* moved_users(const Unit& unit) const;
  // How often settle() was called.
  std::uint64_t round() const;

  // All keys of a kind, sorted, in the memory that the intent has them in; for reports and full comparisons.
  std::vector<PackedText> keys(UnitKind kind) const;

  // The same in no order, at the cost of a copy: for a walk that goes step by step.
  std::vector<PackedText> unsorted_keys(UnitKind kind) const;

  // How many Pods are to have a network and are without the annotation that says that they have.
  std::size_t pods_without_state() const;

  // The keys of a kind in a namespace, sorted; not for UnitKind::ns and UnitKind::external_network.
  std::vector<PackedText> keys_in(UnitKind kind, std::string_view ns) const;

  // The service tiers that exist and are open to a pod tier, sorted: those that it wishes and those that it serves.
  std::vector<TierKey> attached(const PodTierFacts& tier) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace knm
