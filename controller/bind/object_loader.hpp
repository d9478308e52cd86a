#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/time.hpp"
#include "controller/bind/adopted.hpp"
#include "controller/bind/content.hpp"
#include "controller/bind/load_balancers.hpp"
#include "controller/bind/pod_addresses.hpp"
#include "controller/bind/range_changes.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/model/owners.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Loads observed objects into the table, and passes to the other parts what they need: the addresses and subnets in
// use, the properties of adopted objects, the foreign rules of a policy.
class ObjectLoader {
 public:
  // All of them must outlive it. The retained networks are set in the table at once.
  ObjectLoader(const Settings& settings, const Intent& intent, Table& table, const Names& names,
               PodAddresses& addresses, RangeChanges& ranges, LoadBalancers& load_balancers);

  // --- Owners. Both are set before the first object is loaded or bound.
  // The owner of this cluster: owner_of().
  void set_owner(std::string owner) { owners_.set(std::move(owner)); }
  // The objects of a former cluster of the same name (its kube-system UID) become owned. Returns whether that is new.
  bool take_over(std::string uid) { return owners_.take_over(std::move(uid)); }
  const Owners& owners() const { return owners_; }

  // --- Objects
  // An inventory begins, shows an object, and is complete: counts the addresses in use, also by other clients.
  void begin_inventory();
  void count(const contrail::Object& object);
  void end_inventory();
  // The entry of such an object; no_slot: there is none yet.
  SlotId find(const contrail::Object& object) const;
  // An object read by an inventory, an audit or a verify. Returns its entry.
  SlotId load(const contrail::Object& object);
  // What load() would store of it.
  Content content_of(const contrail::Object& object) const;
  // The slot of an object that an event shows, as load() would use it; makes an entry if there is none.
  SlotId slot_of(const contrail::Object& object) { return slot_of(object, owners_.of(object.annotations)); }
  // LoadBalancers::came() and went()
  bool came(const contrail::Object& object);
  bool went(const contrail::Uuid& floating_ip) { return load_balancers_.went(floating_ip); }
  // An entry was written: earlier found properties no longer hold.
  void made_anew(SlotId id) { adopted_.forget(id); }
  // An entry that is not desired does not exist any longer, or never did: its address begins to cool down.
  void gone(SlotId id, Time now);
  const Adopted& adopted() const { return adopted_; }

  // --- Rules of policies
  // Stores the rules of an object, as read, that are not desired and that the guard keeps (ColdState::kept).
  void keep_rules(SlotId id, const contrail::Object& object);
  // An unowned policy was adopted and has these rules now: rules that are not among them are not foreign any longer.
  void adopt_rules(SlotId policy, const std::vector<contrail::Rule>& rules);
  // Finds the derived rules of an owned policy whose content another client changed, so that their ids no longer follow
  // from it; after the networks that they may refer to are loaded.
  void reclaim_rules(SlotId policy);

  // --- Retained networks
  // Their tiers (`cluster-service`), to be bound with or without facts: the inventory shows whether such a network
  // exists.
  const std::vector<TierKey>& retained_tiers() const { return retained_tiers_; }
  // The existing network of such a tier without a Service; no_slot: it does not exist, or a Service uses it.
  SlotId retained(const TierKey& tier) const;

 private:
  SlotId slot_of(const contrail::Object& object, Ownership owned);
  Provenance provenance_of(const contrail::Object& object, Ownership owned) const;
  void note_foreign_items(SlotId id, const contrail::Object& object);
  void note_found_mac(SlotId id, const contrail::Object& object);
  void review_explanation(SlotId id, const contrail::Object& object);
  void note_address(SlotId id, const contrail::Object& object, Ownership owned);
  void name_targets(const contrail::Object& object);
  std::vector<contrail::FqName> all_networks() const;

  const Intent& intent_;
  Table& table_;
  const Names& names_;
  PodAddresses& addresses_;
  RangeChanges& ranges_;
  LoadBalancers& load_balancers_;
  Owners owners_;
  Adopted adopted_;
  // Foreign rules that look like changed derived ones, by uuid of the policy and the rule: not to be checked again.
  std::set<std::pair<contrail::Uuid, contrail::Uuid>> foreign_rules_;
  std::vector<TierKey> retained_tiers_;
};

}  // namespace knm
