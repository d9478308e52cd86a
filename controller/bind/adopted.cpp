#include <algorithm>

#include "controller/bind/binder.hpp"
#include "controller/model/pod_state.hpp"
#include "controller/model/policy_rules.hpp"

// What was found under the names that are ours keeps its ids: they are read, never assumed.
namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

// The subnet of this range that a network was found with; null where it has ours, or none.
const contrail::Subnet* found_subnet(const Entry& network, const contrail::Cidr& range) {
  for (const auto& ipam : network.cold().foreign_ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.cidr == range) return &subnet;
  return nullptr;
}

}  // namespace

// --- Virtual-machines
// -------------------------------------------------------------------------------------------------------------------

contrail::FqName Binder::name_in_api(SlotId machine) const {
  const auto other = machine_names_.find(machine);
  return other == machine_names_.end() ? table_[machine].name().text() : other->second;
}

void Binder::made_anew(SlotId id) {
  machine_names_.erase(id);
  found_macs_.erase(id);
}

// --- Interfaces
// -------------------------------------------------------------------------------------------------------------------

// Whether what is there is, or will be by adoption, the interface of this Pod and of no predecessor.
bool Binder::is_interface_of(SlotId id, const PodFacts& pod) const {
  if (id == no_slot || !table_[id].exists()) return false;
  const auto& entry = table_[id];
  return entry.ownership() == Ownership::unmarked ||
         (entry.ownership() == Ownership::ours &&
          (entry.identity() == identity_of(pod.uid) || entry.identity() == identity_of("")));
}

contrail::Uuid Binder::interface_uuid(const PodFacts& pod) {
  return derived_uuid(Type::virtual_machine_interface, pod.uid, "interface");
}

std::string Binder::mac_for(SlotId id, const PodFacts& pod) const {
  const auto derived = interface_uuid(pod);
  if (!is_interface_of(id, pod)) return mac_of(derived);
  const auto& uuid = table_[id].uuid();
  const auto found = found_macs_.find(id);
  const bool keeps = uuid != derived && found != found_macs_.end() && found->second.first == uuid;
  return keeps && !found->second.second.empty() ? found->second.second : mac_of(uuid);
}

// --- Policies
// -------------------------------------------------------------------------------------------------------------------

void Binder::rules_are_ours(SlotId policy) {
  std::vector<contrail::Rule> others;
  const auto& foreign = table_[policy].cold().foreign_rules;
  for (const auto& rule : describe(policy).rules)
    if (std::find(foreign.begin(), foreign.end(), rule) != foreign.end()) others.push_back(rule);
  table_[policy].set_foreign_rules(std::move(others));
}

std::vector<contrail::FqName> Binder::all_networks() const {
  std::vector<contrail::FqName> out;
  for (SlotId id = 0; id < table_.size(); ++id)
    if (table_[id].home() == Home::config && table_[id].type() == Type::virtual_network)
      out.push_back(table_[id].name().text());
  return out;
}

void Binder::reclaim_rules(SlotId policy) {
  auto& entry = table_[policy];
  if (entry.type() != Type::network_policy || entry.ownership() != Ownership::ours) return;
  std::vector<contrail::FqName> networks;
  const auto is_ours = [&](const contrail::Rule& rule) {
    if (!is_derived(rule.uuid) || strange_rules_.contains({entry.uuid(), rule.uuid})) return false;
    if (networks.empty()) networks = all_networks();
    if (has_id_of_ours(entry.name().text(), rule, networks)) return true;
    strange_rules_.emplace(entry.uuid(), rule.uuid);
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

std::map<std::string, std::string> Binder::own_mark(SlotId id) const {
  if (table_[id].ownership() == Ownership::shared) return {{user_key(owners_.ours()), std::string(owners_.uid())}};
  return {{std::string(mark_owner), owners_.ours()}};
}

std::map<std::string, std::string> Binder::leftover_mark(SlotId policy) const {
  const auto name = table_[policy].name().text();
  const auto project = contrail::parent_of(name);
  const auto tier = contrail::last_of(name).substr(std::string_view("__svc_").size());
  // A project of ours has its Namespace's UID.
  return mark(owners_.ours(), "AccessPolicy", table_[table_.find(Type::project, project)].uuid().text(),
              tier_key(contrail::last_of(project), tier));
}

// --- Subnets
// -------------------------------------------------------------------------------------------------------------------

contrail::IpAddress Binder::gateway_for(const PodFacts& pod, const contrail::Cidr& range) const {
  const auto id = table_.find(Type::virtual_network, names_.pod_network(pod.ns, pod.tier));
  const auto* found = id == no_slot || !table_[id].exists() ? nullptr : found_subnet(table_[id], range);
  return found && found->gateway ? *found->gateway : gateway_of(range);
}

bool Binder::is_reserved(const ServiceFacts& service, const contrail::IpAddress& address) const {
  const auto id = service_network(tier_key(service.ns, service.tier));
  if (id == no_slot || !table_[id].exists()) return false;
  for (const auto& ipam : table_[id].cold().foreign_ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.gateway == address || subnet.dns == address) return true;
  return false;
}

}  // namespace knm
