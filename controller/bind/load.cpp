#include <algorithm>

#include "controller/bind/binder.hpp"
#include "controller/bind/rules.hpp"
#include "controller/rule.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

}  // namespace

SlotId Binder::load(const Object& object) {
  const auto owned = ownership(object.annotations, owner_);
  auto id = table_.find(object.type, object.fq_name);
  // The predecessor named its virtual-machines otherwise, but their uuid is the Pod's: that is enough to know them.
  if (object.type == Type::virtual_machine && owned == Ownership::unmarked && id == no_slot &&
      holds(Rule::adopted_machines))
    id = table_.find(object.type, object.uuid.text());
  if (id == no_slot) id = table_.slot(object.type, object.fq_name);
  auto& entry = table_[id];
  entry.ownership = owned;
  entry.uuid = object.uuid;
  entry.identity = identity_of(text_of(object.annotations, mark_uid));
  entry.aside.take(&Aside::foreign_rules);
  entry.aside.take(&Aside::foreign_ipams);
  for (const auto& rule : object.rules)
    if (!is_our_rule(object.fq_name, rule)) entry.aside.make().foreign_rules.push_back(rule);
  for (auto ipam : object.ipams) {
    std::erase_if(ipam.subnets,
                  [&](const auto& subnet) { return subnet.subnet_uuid == subnet_uuid(object.uuid, subnet.cidr); });
    if (!ipam.subnets.empty()) entry.aside.make().foreign_ipams.push_back(std::move(ipam));
  }
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (object.type == Type::virtual_network && object.fq_name == subnets->network())
      subnets->read(object, user_key(owner_));
  note_former_subnets(id, object);
  const bool allocation = object.networks.size() == 1 && object.networks.front().to == names_.allocation_network();
  if (object.type == Type::instance_ip && !allocation && owned == Ownership::ours && object.address)
    entry.reserved_by = table_.slot(
        Type::instance_ip, Names::address_allocation(text_of(object.annotations, mark_uid), object.address->family));
  name_targets(object);
  table_.set_have(id, true, atoms_of(object));
  note_public_address(object, id);
  if (object.type == Type::instance_ip && object.address && allocation)
    addresses_.hold(object.fq_name, *object.address);
  return id;
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

void Binder::gone(SlotId id, Time now) {
  const auto& entry = table_[id];
  if (entry.type == Type::instance_ip && !entry.wanted) addresses_.release(entry.name, now);
  if (entry.type == Type::floating_ip)
    std::erase_if(public_slots_, [&](const auto& pair) { return pair.second == id; });
}

}  // namespace knm
