#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/time.hpp"
#include "controller/bind/adopted.hpp"
#include "controller/bind/load_balancers.hpp"
#include "controller/bind/pod_addresses.hpp"
#include "controller/bind/range_changes.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/model/owners.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Takes what the config API shows into the table, and tells the parts that depend on it: which addresses and subnets
// are there, what objects were found with, which rules of a policy are foreign.
class ObjectLoader {
 public:
  // All of them live longer. Retained networks are announced to the table at once.
  ObjectLoader(const Settings& settings, const Intent& intent, Table& table, const Names& names,
               PodAddresses& addresses, RangeChanges& ranges, LoadBalancers& load_balancers);

  // --- Owners. Both come before the first object is loaded or bound.
  // Of this cluster: owner_of().
  void set_owner(std::string owner) { owners_.set(std::move(owner)); }
  // The objects of a former cluster of the same name (its kube-system UID) belong to this one. Whether that is news.
  bool take_over(std::string uid) { return owners_.take_over(std::move(uid)); }
  const Owners& owners() const { return owners_; }

  // --- Objects
  // An inventory begins, shows an object, and is complete: which addresses are in use, and by which clients.
  void begin_inventory();
  void count(const contrail::Object& object);
  void end_inventory();
  // The entry of such an object; no_slot where there is none yet.
  SlotId find(const contrail::Object& object) const;
  // An object that the server has, by inventory, audit or look-up; its entry.
  SlotId load(const contrail::Object& object);
  // An entry was written: what was found there before does not hold any longer.
  void made_anew(SlotId id) { adopted_.forget(id); }
  // An entry that is not wanted is not there any longer, or never was: its address cools down from now on.
  void gone(SlotId id, Time now);
  const Adopted& adopted() const { return adopted_; }

  // --- Rules of policies
  // Remembers those rules of an object, as it was read, that the guard keeps though they are not wanted
  // (ColdState::kept).
  void keep_rules(SlotId id, const contrail::Object& object);
  // An unowned policy was adopted and has these rules now: what is not among them is no foreign rule any longer.
  void adopt_rules(SlotId policy, const std::vector<contrail::Rule>& rules);
  // Finds the derived rules of an owned policy that another client rewrote, so that what they say does not give their
  // ids any longer; once the networks that they may have named are loaded.
  void reclaim_rules(SlotId policy);

  // --- Retained networks
  // Their tiers (`cluster-service`), to be bound with or without facts: it is the inventory that says whether such a
  // network is there.
  const std::vector<TierKey>& retained_tiers() const { return retained_tiers_; }
  // The network of such a tier that is there without a Service; no_slot: it is not there, or a Service has it.
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
  // Rules that look like rewritten derived ones and are none, by uuid of the policy and the rule: not to be judged
  // again.
  std::set<std::pair<contrail::Uuid, contrail::Uuid>> foreign_rules_;
  std::vector<TierKey> retained_tiers_;
};

}  // namespace knm
