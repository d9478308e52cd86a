#include "controller/bind/object_loader.hpp"

#include <algorithm>

#include "controller/bind/namespace_uid.hpp"
#include "controller/model/policy_rules.hpp"
#include "controller/model/provenance.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

// The name of the entry of a virtual machine. The predecessor used other names, but the uuid is the Pod's UID: that
// identifies it.
contrail::FqName machine_name(const contrail::FqName& name, const contrail::Uuid& uuid) {
  return uuid.is_nil() || uuid_of_uid(name) == uuid ? name : uuid.text();
}

bool has_other_machine_names(const Object& object) {
  return std::any_of(object.machines.begin(), object.machines.end(),
                     [](const auto& reference) { return machine_name(reference.to, reference.uuid) != reference.to; });
}

Object with_machine_names(Object object) {
  for (auto& reference : object.machines) reference.to = machine_name(reference.to, reference.uuid);
  return object;
}

// The items of other clients, which a write of the whole object must keep.
std::vector<contrail::Rule> foreign_rules_of(const Object& object) {
  std::vector<contrail::Rule> rules;
  for (const auto& rule : object.rules)
    if (!has_our_id(object.fq_name, rule)) rules.push_back(rule);
  return rules;
}

std::vector<contrail::IpamReference> foreign_ipams_of(const Object& object) {
  std::vector<contrail::IpamReference> ipams;
  for (auto ipam : object.ipams) {
    std::erase_if(ipam.subnets,
                  [&](const auto& subnet) { return subnet.subnet_uuid == subnet_uuid(object.uuid, subnet.cidr); });
    if (!ipam.subnets.empty()) ipams.push_back(std::move(ipam));
  }
  return ipams;
}

}  // namespace

ObjectLoader::ObjectLoader(const Settings& settings, const Intent& intent, Table& table, const Names& names,
                           PodAddresses& addresses, RangeChanges& ranges, LoadBalancers& load_balancers)
    : intent_(intent),
      table_(table),
      names_(names),
      addresses_(addresses),
      ranges_(ranges),
      load_balancers_(load_balancers),
      adopted_(table) {
  for (const auto& [ns, tier] : settings.cluster_service) {
    if (names_.project(ns) == names_.default_project()) continue;
    retained_tiers_.push_back(tier_key(ns, tier));
    table_.retain(table_.slot(Type::virtual_network, names_.service_network(ns, tier)),
                  table_.slot(Type::project, names_.project(ns)));
  }
}

// --- Objects

SlotId ObjectLoader::find(const Object& object) const {
  const auto id = table_.find(object.type, object.fq_name);
  if (object.type != Type::virtual_machine || id != no_slot || owners_.of(object.annotations) == Ownership::foreign)
    return id;
  return table_.find(object.type, machine_name(object.fq_name, object.uuid));
}

SlotId ObjectLoader::slot_of(const Object& object, Ownership owned) {
  const auto id = table_.find(object.type, object.fq_name);
  if (object.type != Type::virtual_machine || id != no_slot || owned == Ownership::foreign) {
    if (id != no_slot) adopted_.forget_name(id);  // it has the derived name now
    return id == no_slot ? table_.slot(object.type, object.fq_name) : id;
  }
  const auto name = machine_name(object.fq_name, object.uuid);
  const auto own = table_.slot(object.type, name);
  if (name != object.fq_name) adopted_.note_name(own, object.fq_name);
  return own;
}

void ObjectLoader::begin_inventory() {
  ranges_.begin_count();
  load_balancers_.begin_inventory();
}

void ObjectLoader::count(const Object& object) {
  ranges_.count(object);
  if (object.type == Type::floating_ip && object.address) load_balancers_.count(object, owners_.of(object.annotations));
}

void ObjectLoader::end_inventory() {
  ranges_.end_count();
  load_balancers_.end_inventory();
}

SlotId ObjectLoader::load(const Object& object) {
  if (has_other_machine_names(object)) return load(with_machine_names(object));
  const auto owned = owners_.of(object.annotations);
  const auto id = slot_of(object, owned);
  note_address(id, object, owned);
  name_targets(object);
  addresses_.reserve_found(object);
  table_[id].identify(provenance_of(object, owned));
  table_.set_observed(id, true, digests_of(object));
  note_foreign_items(id, object);
  note_found_mac(id, object);
  review_explanation(id, object);
  ranges_.read(object, id, owners_.ours());
  load_balancers_.read(object, id);
  return id;
}

void ObjectLoader::note_address(SlotId id, const Object& object, Ownership owned) {
  if (object.type != Type::instance_ip || !object.address) return;
  const bool reservation = object.networks.size() == 1 && object.networks.front().to == names_.allocation_network();
  if (reservation) return addresses_.hold(object.fq_name, *object.address);
  if (owned != Ownership::owned) return;
  const auto uid = text_of(object.annotations, annotation_uid);
  const auto owner = Names::address_allocation(uid, object.address->family);
  table_[id].reserve_for(table_.slot(Type::instance_ip, owner));
  // Its reservation may have been lost: a running Pod keeps its address.
  if (intent_.pod_by_uid(uid) && !addresses_.of_reservation(owner)) addresses_.hold(owner, *object.address);
}

Content ObjectLoader::content_of(const Object& object) const {
  if (has_other_machine_names(object)) return content_of(with_machine_names(object));
  return {provenance_of(object, owners_.of(object.annotations)), digests_of(object), foreign_rules_of(object),
          foreign_ipams_of(object)};
}

bool ObjectLoader::came(const Object& object) {
  return object.type == Type::floating_ip && load_balancers_.came(object, owners_.of(object.annotations));
}

void ObjectLoader::note_foreign_items(SlotId id, const Object& object) {
  auto& entry = table_[id];
  entry.set_foreign_rules(foreign_rules_of(object));
  entry.set_foreign_ipams(foreign_ipams_of(object));
  if (!entry.cold().kept.empty()) keep_rules(id, object);
}

void ObjectLoader::keep_rules(SlotId id, const Object& object) {
  auto& entry = table_[id];
  const auto& kept = entry.cold().kept;
  std::vector<contrail::Rule> out;
  for (const auto& rule : object.rules) {
    Object alone;
    alone.type = object.type;
    alone.fq_name = object.fq_name;
    alone.rules = {rule};
    const auto items = digests_of(alone);
    const auto is_kept = [&](const FieldDigest& item) {
      return item.field() == contrail::Field::rules && std::binary_search(kept.begin(), kept.end(), item.key);
    };
    if (std::any_of(items.begin(), items.end(), is_kept)) out.push_back(rule);
  }
  entry.keep_rules(std::move(out));
}

// Lists arrive in any order: the parent and the reference targets of an object get their entries now, so that it is
// counted among the entries that block their deletion.
void ObjectLoader::name_targets(const Object& object) {
  if (const auto parent = contrail::type_named(contrail::parent_type(object.type)))
    table_.slot(*parent, contrail::parent_of(object.fq_name));
  for (const auto& reference : object.networks) table_.slot(Type::virtual_network, reference.to);
  for (const auto& reference : object.machines) table_.slot(Type::virtual_machine, reference.to);
  for (const auto& reference : object.interfaces) table_.slot(Type::virtual_machine_interface, reference.to);
  for (const auto& reference : object.projects) table_.slot(Type::project, reference.to);
  for (const auto& reference : object.policies) table_.slot(Type::network_policy, reference.to);
}

Provenance ObjectLoader::provenance_of(const Object& object, Ownership owned) const {
  const auto uid = text_of(object.annotations, annotation_uid);
  return {{object.uuid, identity_of(uid)}, owned, owners_.is_former(object.annotations), has_derived_uuid(object)};
}

void ObjectLoader::note_found_mac(SlotId id, const Object& object) {
  const auto& entry = table_[id];
  if (object.type != Type::virtual_machine_interface) return;
  if (!entry.is_adopted() && entry.ownership() != Ownership::unowned) return;
  adopted_.note_mac(id, object.uuid, object.mac);
}

// Holds an owned object that is not desired and whose owner annotations no rule explains.
void ObjectLoader::review_explanation(SlotId id, const Object& object) {
  auto& entry = table_[id];
  const bool is_unexplained = !entry.is_desired() && entry.ownership() == Ownership::owned &&
                              !is_explained(object.type, text_of(object.annotations, annotation_kind),
                                            text_of(object.annotations, annotation_uid));
  if (is_unexplained && entry.deletion_hold() != DeletionHold::guard)  // the stronger hold stays
    entry.hold(DeletionHold::unexplained);
  else if (!is_unexplained && entry.deletion_hold() == DeletionHold::unexplained)
    entry.end_hold();
}

void ObjectLoader::gone(SlotId id, Time now) {
  const auto& entry = table_[id];
  made_anew(id);
  if (entry.type() == Type::instance_ip && !entry.is_desired()) addresses_.release(entry.name(), now);
  if (entry.type() == Type::floating_ip) load_balancers_.gone(id);
}

// --- Rules of policies

void ObjectLoader::adopt_rules(SlotId policy, const std::vector<contrail::Rule>& rules) {
  const auto& cold = table_[policy].cold();
  std::vector<contrail::Rule> others;
  const auto& foreign = cold.foreign_rules;
  for (const auto& rule : rules)
    if (std::find(foreign.begin(), foreign.end(), rule) != foreign.end()) others.push_back(rule);
  table_[policy].set_foreign_rules(std::move(others));
}

std::vector<contrail::FqName> ObjectLoader::all_networks() const {
  std::vector<contrail::FqName> out;
  for (SlotId id = 0; id < table_.size(); ++id)
    if (table_[id].target_api() == TargetApi::config && table_[id].type() == Type::virtual_network)
      out.push_back(table_[id].name().text());
  return out;
}

void ObjectLoader::reclaim_rules(SlotId policy) {
  auto& entry = table_[policy];
  if (entry.type() != Type::network_policy || entry.ownership() != Ownership::owned) return;
  std::vector<contrail::FqName> networks;
  const auto is_ours = [&](const contrail::Rule& rule) {
    if (!is_derived(rule.uuid) || foreign_rules_.contains({entry.uuid(), rule.uuid})) return false;
    if (networks.empty()) networks = all_networks();
    if (has_id_of_ours(entry.name().text(), rule, networks)) return true;
    foreign_rules_.emplace(entry.uuid(), rule.uuid);
    return false;
  };
  std::vector<contrail::Rule> others;
  for (const auto& rule : entry.cold().foreign_rules) {
    if (is_ours(rule))
      entry.observe_item(rewritten_rule(rule.uuid));
    else
      others.push_back(rule);
  }
  entry.set_foreign_rules(std::move(others));
}

// --- Retained networks

SlotId ObjectLoader::retained(const TierKey& tier) const {
  const auto network = table_.find(Type::virtual_network, names_.service_network(ns_of(tier), name_of(tier)));
  if (network == no_slot || !table_[network].is_retained()) return no_slot;
  const auto* facts = intent_.service_tier(tier);
  return facts && facts->addressed && !uid_of_namespace(intent_, ns_of(tier)).empty() ? no_slot : network;
}

}  // namespace knm
