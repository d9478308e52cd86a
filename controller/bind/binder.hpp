#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/bind/bindings.hpp"
#include "controller/bind/bodies.hpp"
#include "controller/bind/load_balancers.hpp"
#include "controller/bind/object_loader.hpp"
#include "controller/bind/pod_addresses.hpp"
#include "controller/bind/policy_book.hpp"
#include "controller/bind/range_changes.hpp"
#include "controller/bind/role.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Turns changed units into desired entries: gives the facts names, ids and addresses, and sets the desired state in the
// table.
//
// The observed state (adopted ids, addresses in use, existing names) is read from the table and the parts below, so the
// inventory must be loaded before the first unit is bound. Binding a unit again with unchanged facts changes nothing.
// Methods that return entries return the entries that they changed.
class Binder {
 public:
  // All three must outlive the Binder.
  Binder(const Settings& settings, const Intent& intent, Table& table);

  // --- Units
  // Makes the entries of a unit desired as its facts say, and releases its former ones.
  std::vector<SlotId> bind(const Unit& unit, Time now);
  // The same for a Service of which only these backends were added or removed; linear in their number, not in the
  // number of all backends.
  std::vector<SlotId> bind_backends(const ObjectKey& service, const std::vector<ObjectKey>& moved);
  // The same for a service tier or an external network of which only these tiers became users, or ceased to be; linear
  // in their number, not in the number of all users.
  std::vector<SlotId> bind_users(const Unit& unit, const std::set<TierKey>& moved, Time now);
  // The same for a Pod of which only the observed annotation changed.
  std::vector<SlotId> reread_text(const Unit& pod, Time now);
  // The same for the shared networks, which belong to no unit, as of the last plan_shared().
  std::vector<SlotId> bind_shared();

  // --- Answers of the servers that a unit depends on
  // The server refused the address of this entry: because it is `taken`, or repeatedly without a reason. Returns the
  // unit that must be bound again to choose another one; nullopt: none, or the address was not chosen here.
  std::optional<Unit> address_refused(SlotId id, bool taken, Time now);
  // PodAddresses::let_server_choose(); the Pod is to be bound again.
  void let_server_choose(const ObjectKey& pod) { addresses_.let_server_choose(pod); }
  // The text of this entry was written to Kubernetes.
  void status_written(SlotId id);
  // RangeChanges::plan(), subnet_refused()
  bool plan_shared() { return ranges_.plan(); }
  void subnet_refused(SlotId network) { ranges_.subnet_refused(network); }
  // LoadBalancers::take_services_to_rebind(), take_rebind_waiting()
  std::set<ObjectKey> take_services_to_rebind() { return load_balancers_.take_services_to_rebind(); }
  bool take_rebind_waiting() { return load_balancers_.take_rebind_waiting(); }

  // --- Addresses of Services
  // Problems with the addresses of a Service, besides those in its facts.
  std::vector<Problem> address_problems(const ServiceFacts& service) const;
  // Whether an address exists as an address of this Service (see Possession).
  bool possesses(const Claimant& claimant, const contrail::IpAddress& address) const;
  // Whether an entry is an address of the public network.
  bool is_public_address(SlotId id) const;

  // --- The parts
  const Names& names() const { return names_; }
  const Owners& owners() const { return loader_.owners(); }
  const PodAddresses& addresses() const { return addresses_; }
  const RangeChanges& ranges() const { return ranges_; }
  const LoadBalancers& load_balancers() const { return load_balancers_; }
  ObjectLoader& loader() { return loader_; }
  const ObjectLoader& loader() const { return loader_; }
  const PolicyBook& policies() const { return policies_; }
  const Bindings& bindings() const { return bindings_; }
  const Bodies& bodies() const { return bodies_; }
  // Bindings::unit_of()
  std::optional<Unit> unit_of(SlotId id) const { return bindings_.unit_of(id); }

 private:
  class Rebinding;

  void bind_namespace(const std::string& key, Rebinding& out);
  void bind_pod(const std::string& key, Rebinding& out, Time now);
  void bind_pod_tier(const std::string& key, Rebinding& out);
  void bind_service_tier(const std::string& key, Rebinding& out);
  void bind_service(const std::string& key, Rebinding& out, Time now);
  void bind_external(const std::string& key, Rebinding& out);
  void note_destinations(const Unit& unit, SlotId policy);
  void remember_users(const Unit& unit);
  std::vector<BoundAddress> name_public_addresses(const ServiceFacts& service,
                                                  const std::vector<contrail::IpAddress>& balanced) const;
  bool is_reserved(const ServiceFacts& service, const contrail::IpAddress& address) const;

  bool want(SlotId id, Source source, const contrail::Object& object);
  bool want_text(SlotId id, Source source, std::vector<Dependency> dependencies);
  // Takes the observed text from the watch, unless the last write is newer. Returns whether anything changed.
  bool see_text(Entry& entry);
  bool release(SlotId id, const PackedText* unit);
  std::vector<Dependency> dependencies_of(const contrail::Object& object);

  const Intent& intent_;
  Table& table_;
  Names names_;
  PodAddresses addresses_;
  RangeChanges ranges_;
  LoadBalancers load_balancers_;
  ObjectLoader loader_;
  PolicyBook policies_;
  Bindings bindings_;
  Bodies bodies_;
};

}  // namespace knm
