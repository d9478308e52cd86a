#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/bind/adopted.hpp"
#include "controller/bind/bindings.hpp"
#include "controller/bind/bodies.hpp"
#include "controller/bind/load_balancers.hpp"
#include "controller/bind/pod_addresses.hpp"
#include "controller/bind/policy_book.hpp"
#include "controller/bind/range_changes.hpp"
#include "controller/bind/role.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/model/owners.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Gives the intent its names, ids and addresses, and says in the table what is wanted.
//
// It reads what is there (adopted ids, taken addresses, who holds a name) from the table and its ledgers, so that both
// must know the inventory before the first unit is bound. Binding a unit again with unchanged facts changes nothing.
class Binder {
 public:
  // All three outlive the Binder.
  Binder(const Settings& settings, const Intent& intent, Table& table);

  // Who marks are signed by; before anything is bound or loaded.
  void set_owner(std::string owner) { owners_.set(std::move(owner)); }
  const std::string& owner() const { return owners_.ours(); }
  const Owners& owners() const { return owners_; }
  // The objects of a former cluster of our name (its kube-system UID) are ours from now on; before they are loaded.
  bool take_over(std::string uid) { return owners_.take_over(std::move(uid)); }

  // Wants what belongs to no unit: the networks that all clusters share, as of the last plan_shared().
  std::vector<SlotId> bind_shared();
  // RangeChanges::plan()
  bool plan_shared() { return ranges_.plan(); }

  // --- Ranges that changed (docs/object-model.md, "Ranges that change")
  // An inventory begins, shows an object, and is complete: who has addresses of former ranges.
  void begin_count();
  void count(const contrail::Object& object);
  void end_count();
  // The server does not let a subnet of this shared network go.
  void subnet_refused(SlotId network) { ranges_.subnet_refused(network); }
  const RangeChanges& ranges() const { return ranges_; }
  // What is wrong with the public addresses of a Service besides what its facts say.
  std::vector<Problem> address_problems(const ServiceFacts& service) const;
  // Wants what the facts of a unit ask for, and no longer what they asked for before. The entries that changed.
  std::vector<SlotId> bind(const Unit& unit, Time now);
  // The same for a Service of which nothing has changed but that these backends came or went: at the cost of these, not
  // of all that it has.
  std::vector<SlotId> bind_backends(const ObjectKey& service, const std::vector<ObjectKey>& moved);

  // The same for a Pod that is as it was but for what the cluster has of its annotation.
  std::vector<SlotId> reread_text(const Unit& pod, Time now);

  // The same for a service tier or a network outside of which nothing has changed but that these tiers came to use it,
  // or ceased to: at the cost of these, not of all its users.
  std::vector<SlotId> bind_users(const Unit& unit, const std::set<TierKey>& moved, Time now);

  // The entry of such an object; no_slot where there is none yet.
  SlotId find(const contrail::Object& object) const;
  // An object that the server has (by inventory, audit or look-up); its entry. no_slot where it is none of our
  // business.
  SlotId load(const contrail::Object& object);

  const Adopted& adopted() const { return adopted_; }
  // An entry was written: what was found there before does not hold any longer.
  void made_anew(SlotId id) { adopted_.forget(id); }
  void rules_are_ours(SlotId policy);
  // Remembers those rules of an object, as it was read, that the guard keeps though they are not wanted
  // (ColdState::kept).
  void keep_rules(SlotId id, const contrail::Object& object);
  // Of a policy of ours, which rules are ours though somebody has rewritten them, so that what they say does not give
  // their ids any longer; once the networks that they may have named are loaded.
  void reclaim_rules(SlotId policy);
  const Bodies& bodies() const { return bodies_; }

  // An entry that is not wanted is not there any longer, or never was: an address that it held rests from now on.
  void gone(SlotId id, Time now);
  const Bindings& bindings() const { return bindings_; }
  std::optional<Unit> unit_of(SlotId id) const { return bindings_.unit_of(id); }

  // The service tiers whose networks stay when their last Service goes (`cluster-service`): to be bound with or
  // without facts, for it is the inventory that says whether such a network is there.
  const std::vector<TierKey>& outliving_tiers() const { return outliving_tiers_; }
  // The network of such a tier that is there without a Service; no_slot: it is not there, or a Service has it.
  SlotId retained(const TierKey& tier) const;

  // The server refused the address of this entry, as `taken` or again and again without a reason. The unit that is to
  // choose another: to be bound again; nullopt: none is, or it was not our choice.
  std::optional<Unit> address_refused(SlotId id, bool taken, Time now);
  // Too many choices for a Pod were refused: the server chooses its IPv4 address, until it has one. To be bound again.
  void let_server_choose(const ObjectKey& pod) { addresses_.let_server_choose(pod); }
  // What this entry says in Kubernetes is what it is to say.
  void told(SlotId id);
  const PodAddresses& addresses() const { return addresses_; }
  const LoadBalancers& load_balancers() const { return load_balancers_; }
  // Services to be bound again for what others were given or lost since the last call.
  std::set<ObjectKey> take_disturbed() { return load_balancers_.take_disturbed(); }
  bool take_stirred() { return load_balancers_.take_stirred(); }
  // Whether an address is there as a Service's (see Possession).
  bool possesses(const Claimant& claimant, const contrail::IpAddress& address) const;
  // Whether an entry is an address of the public network.
  bool is_public_address(SlotId id) const;

  const PolicyBook& policies() const { return policies_; }

  const Names& names() const { return names_; }

 private:
  class Rebinding;

  void bind_namespace(const std::string& key, Rebinding& out);
  void bind_pod(const std::string& key, Rebinding& out, Time now);
  void bind_pod_tier(const std::string& key, Rebinding& out);
  void bind_service_tier(const std::string& key, Rebinding& out);
  void bind_service(const std::string& key, Rebinding& out, Time now);
  void bind_outside(const std::string& key, Rebinding& out);
  void remember_users(const Unit& unit);
  std::vector<BoundAddress> name_public_addresses(const ServiceFacts& service,
                                                  const std::vector<contrail::IpAddress>& balanced) const;

  SlotId slot_of(const contrail::Object& object, Ownership owned);
  Provenance provenance_of(const contrail::Object& object, Ownership owned) const;
  void note_foreign_items(SlotId id, const contrail::Object& object);
  void note_found_mac(SlotId id, const contrail::Object& object);
  void review_explanation(SlotId id, const contrail::Object& object);
  bool want(SlotId id, Source source, const contrail::Object& object);
  bool want_text(SlotId id, Source source, std::vector<Dependency> dependencies);
  // Takes over what the watch shows of the text, unless our own last write is newer. Whether that changed anything.
  bool see_text(Entry& entry);
  bool unwant(SlotId id, const PackedText* unit);
  bool is_reserved(const ServiceFacts& service, const contrail::IpAddress& address) const;
  std::vector<Dependency> dependencies_of(const contrail::Object& object);
  void name_targets(const contrail::Object& object);

  std::vector<contrail::FqName> all_networks() const;

  const Settings& settings_;
  const Intent& intent_;
  Table& table_;
  Names names_;
  Owners owners_;
  Adopted adopted_;
  PodAddresses addresses_;
  RangeChanges ranges_;
  LoadBalancers load_balancers_;
  std::vector<TierKey> outliving_tiers_;
  PolicyBook policies_;
  Bindings bindings_;
  Bodies bodies_;
  // Rules that look like rewritten ones of ours and are none, each with its policy: not to be asked about again.
  std::set<std::pair<contrail::Uuid, contrail::Uuid>> strange_rules_;
};

}  // namespace knm
