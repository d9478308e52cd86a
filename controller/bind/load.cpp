#include <algorithm>

#include "controller/bind/binder.hpp"
#include "controller/model/policy_rules.hpp"
#include "controller/model/provenance.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

// The name that we have for a virtual-machine. The predecessor named them otherwise, but their uuid is the Pod's UID:
// that is enough to know them.
contrail::FqName machine_name(const contrail::FqName& name, const contrail::Uuid& uuid) {
  return uuid.is_nil() || uuid_of_uid(name) == uuid ? name : uuid.text();
}

bool has_other_machine_names(const Object& object) {
  return std::any_of(object.machines.begin(), object.machines.end(),
                     [](const auto& reference) { return machine_name(reference.to, reference.uuid) != reference.to; });
}

}  // namespace

SlotId Binder::find(const Object& object) const {
  const auto id = table_.find(object.type, object.fq_name);
  if (object.type != Type::virtual_machine || id != no_slot || owners_.of(object.annotations) == Ownership::other)
    return id;
  return table_.find(object.type, machine_name(object.fq_name, object.uuid));
}

SlotId Binder::slot_of(const Object& object, Ownership owned) {
  const auto id = table_.find(object.type, object.fq_name);
  if (object.type != Type::virtual_machine || id != no_slot || owned == Ownership::other) {
    if (id != no_slot) machine_names_.erase(id);  // it has our name, whatever was there before
    return id == no_slot ? table_.slot(object.type, object.fq_name) : id;
  }
  const auto name = machine_name(object.fq_name, object.uuid);
  const auto own = table_.slot(object.type, name);
  if (name != object.fq_name) machine_names_[own] = object.fq_name;
  return own;
}

SlotId Binder::load(const Object& object) {
  if (has_other_machine_names(object)) {
    auto renamed = object;
    for (auto& reference : renamed.machines) reference.to = machine_name(reference.to, reference.uuid);
    return load(renamed);
  }
  const auto owned = owners_.of(object.annotations);
  const auto id = slot_of(object, owned);
  auto& entry = table_[id];
  note_provenance(id, object, owned);
  entry.cold.take(&ColdState::foreign_rules);
  entry.cold.take(&ColdState::foreign_ipams);
  for (const auto& rule : object.rules)
    if (!has_our_id(object.fq_name, rule)) entry.cold.make().foreign_rules.push_back(rule);
  if (!entry.cold->kept.empty()) keep_rules(id, object);
  for (auto ipam : object.ipams) {
    std::erase_if(ipam.subnets,
                  [&](const auto& subnet) { return subnet.subnet_uuid == subnet_uuid(object.uuid, subnet.cidr); });
    if (!ipam.subnets.empty()) entry.cold.make().foreign_ipams.push_back(std::move(ipam));
  }
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (object.type == Type::virtual_network && object.fq_name == subnets->network())
      subnets->read(object, user_key(owners_.ours()));
  note_former_subnets(id, object);
  const bool allocation = object.networks.size() == 1 && object.networks.front().to == names_.allocation_network();
  if (object.type == Type::instance_ip && !allocation && owned == Ownership::ours && object.address) {
    const auto uid = text_of(object.annotations, mark_uid);
    const auto owner = Names::address_allocation(uid, object.address->family);
    entry.reserved_by = table_.slot(Type::instance_ip, owner);
    // Its allocation may have been lost: a running Pod's address stays what it is.
    if (intent_.pod_by_uid(uid) && !addresses_.of(owner)) addresses_.hold(owner, *object.address);
  }
  name_targets(object);
  reserve_for_subnets(object);
  table_.set_observed(id, true, atoms_of(object));
  load_balancers_.read(object, id);
  if (object.type == Type::instance_ip && object.address && allocation)
    addresses_.hold(object.fq_name, *object.address);
  return id;
}

// Those rules of ours that the guard keeps though they are not wanted.
void Binder::keep_rules(SlotId id, const Object& object) {
  auto& cold = table_[id].cold.make();
  cold.kept_rules.clear();
  for (const auto& rule : object.rules) {
    Object alone;
    alone.type = object.type;
    alone.fq_name = object.fq_name;
    alone.rules = {rule};
    const auto atoms = atoms_of(alone);
    const auto is_kept = [&](const Atom& atom) {
      return atom.field() == contrail::Field::rules && std::binary_search(cold.kept.begin(), cold.kept.end(), atom.key);
    };
    if (std::any_of(atoms.begin(), atoms.end(), is_kept)) cold.kept_rules.push_back(rule);
  }
}

// Lists come in any order: what an object refers to and what it lies in get their entries now, so that it is counted as
// what keeps them from going.
void Binder::name_targets(const Object& object) {
  if (const auto parent = contrail::type_named(contrail::parent_type(object.type)))
    table_.slot(*parent, contrail::parent_of(object.fq_name));
  for (const auto& reference : object.networks) table_.slot(Type::virtual_network, reference.to);
  for (const auto& reference : object.machines) table_.slot(Type::virtual_machine, reference.to);
  for (const auto& reference : object.interfaces) table_.slot(Type::virtual_machine_interface, reference.to);
  for (const auto& reference : object.projects) table_.slot(Type::project, reference.to);
  for (const auto& reference : object.policies) table_.slot(Type::network_policy, reference.to);
}

void Binder::note_provenance(SlotId id, const Object& object, Ownership owned) {
  auto& entry = table_[id];
  const auto uid = text_of(object.annotations, mark_uid);
  const auto identity = identity_of(uid);
  const bool known =
      entry.exists && entry.uuid() == object.uuid && entry.identity() == identity && entry.ownership == owned;
  entry.ownership = owned;
  entry.set_ids({object.uuid, identity});
  entry.looked_into = false;
  entry.former = owners_.is_former(object.annotations);
  if (!known) entry.adopted = owned == Ownership::ours && !has_derived_uuid(object);
  if (object.type == Type::virtual_machine_interface && (entry.adopted || owned == Ownership::unmarked)) {
    // As it was found the first time: what somebody writes there later is drift.
    auto& found = found_macs_[id];
    if (found.first != object.uuid) found = {object.uuid, object.mac};
  }
  const bool is_held = !entry.wanted && owned == Ownership::ours &&
                       !is_explained(object.type, text_of(object.annotations, mark_kind), uid);
  if (is_held && entry.hold == Hold::guard) return;  // which is the stronger one
  if (is_held)
    entry.hold = Hold::unexplained;
  else if (entry.hold == Hold::unexplained)
    entry.hold = Hold::none;
}

void Binder::gone(SlotId id, Time now) {
  const auto& entry = table_[id];
  made_anew(id);
  if (entry.type == Type::instance_ip && !entry.wanted) addresses_.release(entry.name, now);
  if (entry.type == Type::floating_ip) load_balancers_.gone(id);
}

}  // namespace knm
