#include "controller/bind/bodies.hpp"

#include <algorithm>

#include "controller/bind/namespace_uid.hpp"
#include "controller/bind/role.hpp"
#include "controller/model/pod_state.hpp"
#include "controller/model/policy_rules.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

// Adds the foreign rules of the observed policy to the derived ones.
void add_foreign_rules(const Entry& entry, Object& object) {
  const auto has_derived_id = [derived = object.rules](const contrail::Rule& rule) {
    return std::any_of(derived.begin(), derived.end(), [&](const auto& other) { return other.uuid == rule.uuid; });
  };
  const auto has_content = [derived = object.rules](const contrail::Rule& rule) {
    return std::any_of(derived.begin(), derived.end(), [&](const auto& other) {
      return other.sources == rule.sources && other.destinations == rule.destinations;
    });
  };
  for (const auto& foreign : entry.cold().foreign_rules) {
    if (has_derived_id(foreign)) continue;  // a derived one that another client changed
    if (entry.ownership() == Ownership::unowned && foreign.plain && has_content(foreign)) continue;  // adopted
    // Another client wrote the same rule: the foreign one stays, since the server refuses a second one.
    std::erase_if(object.rules, [&](const auto& rule) {
      return foreign.plain && rule.sources == foreign.sources && rule.destinations == foreign.destinations;
    });
    object.rules.push_back(foreign);
  }
}

// Derived rules that are not desired and that the guard keeps.
void add_kept_rules(const Entry& entry, Object& object) {
  for (const auto& kept : entry.cold().kept_rules)
    if (std::none_of(object.rules.begin(), object.rules.end(),
                     [&](const auto& rule) { return rule.uuid == kept.uuid; }))
      object.rules.push_back(kept);
}

// The subnets of other clients, also of a range that is desired under another id.
void add_foreign_subnets(const Entry& entry, Object& object) {
  for (const auto& foreign : entry.cold().foreign_ipams) {
    for (auto& ipam : object.ipams)
      std::erase_if(ipam.subnets, [&](const auto& subnet) {
        return std::any_of(foreign.subnets.begin(), foreign.subnets.end(),
                           [&](const auto& other) { return other.cidr == subnet.cidr; });
      });
    const auto same =
        std::find_if(object.ipams.begin(), object.ipams.end(), [&](const auto& ipam) { return ipam.to == foreign.to; });
    if (same == object.ipams.end())
      object.ipams.push_back(foreign);
    else
      same->subnets.insert(same->subnets.end(), foreign.subnets.begin(), foreign.subnets.end());
  }
}

}  // namespace

Bodies::Bodies(const Settings& settings, const Intent& intent, const Table& table, const Names& names,
               const Bindings& bindings, const PodAddresses& addresses, const RangeChanges& ranges,
               const LoadBalancers& load_balancers, const Adopted& adopted, const ObjectRenderer& renderer)
    : settings_(settings),
      intent_(intent),
      table_(table),
      names_(names),
      bindings_(bindings),
      addresses_(addresses),
      ranges_(ranges),
      load_balancers_(load_balancers),
      adopted_(adopted),
      renderer_(renderer) {}

// --- Objects

Object Bodies::object(SlotId id) const {
  const auto& entry = table_[id];
  auto object = from(entry.source());
  if (!entry.is_desired()) object.type = entry.type(), object.fq_name = entry.name();
  if (entry.exists()) object.uuid = entry.uuid();
  for (auto& ipam : object.ipams)
    for (auto& subnet : ipam.subnets) subnet.subnet_uuid = subnet_uuid(object.uuid, subnet.cidr);
  identify(object.fq_name, object.rules);
  if (!entry.cold().foreign_rules.empty()) add_foreign_rules(entry, object);
  add_kept_rules(entry, object);
  add_foreign_subnets(entry, object);
  return object;
}

Object Bodies::from(Source source) const {
  const auto role = static_cast<Role>(source.role);
  switch (role) {
    case Role::allocation_network:
    case Role::public_network:
    case Role::public_pool:
    case Role::public_ipam:
      return shared_object(source);
    case Role::project:
      return renderer_.project(*intent_.ns(*source.unit));
    case Role::pod_network:
    case Role::service_network:
    case Role::service_pool:
    case Role::access_policy:
      return tier_object(source);
    case Role::virtual_machine:
    case Role::interface:
    case Role::reservation:
    case Role::instance_ip:
      return pod_object(source, *intent_.pod(*source.unit));
    case Role::cluster_address:
    case Role::public_address:
      return service_address(source);
    case Role::external_network:
      return renderer_.external_network(*source.unit, policies_of(*source.unit));
    case Role::global_policy: {
      const auto& network = *intent_.outside(*source.unit);
      return renderer_.global_policy(network, uid_of_namespace(intent_, namespace_with(network)),
                                     is_bundled(names_.global_policy(network.network)));
    }
    case Role::none:
    case Role::pod_state:
    case Role::load_balancer_status:
      break;
  }
  return {};
}

Object Bodies::shared_object(Source source) const {
  switch (static_cast<Role>(source.role)) {
    case Role::allocation_network:
      return renderer_.allocation_network(ranges_.allocation_ipams(), policies_of(names_.allocation_network()));
    case Role::public_network:
      return renderer_.public_network(ranges_.public_ipams(), policies_of(names_.public_network()));
    case Role::public_pool:
      return renderer_.public_pool();
    default:
      return renderer_.public_ipam();
  }
}

Object Bodies::tier_object(Source source) const {
  const auto role = static_cast<Role>(source.role);
  const TierKey key = *source.unit;
  const auto ns = ns_of(key), tier = name_of(key);
  const auto ns_uid = uid_of_namespace(intent_, ns);
  if (role == Role::service_pool) return renderer_.service_pool(key, ns_uid);
  if (role == Role::access_policy)
    return renderer_.access_policy(key, ns_uid, *intent_.service_tier(key), is_bundled(names_.access_policy(ns, tier)));
  ObjectRenderer::Policies policies;
  if (role == Role::pod_network) {
    const auto& facts = *intent_.pod_tier(key);
    for (const auto& other : intent_.attached(facts))
      policies.push_back(names_.access_policy(ns_of(other), name_of(other)));
    for (const auto& global : facts.outside) policies.push_back(names_.global_policy(global));
    add_external_policies(names_.pod_network(ns, tier), policies);
    return renderer_.pod_network(key, ns_uid, std::move(policies));
  }
  if (const auto* facts = intent_.service_tier(key); facts && facts->addressed && facts->open())
    policies.push_back(names_.access_policy(ns, tier));
  add_external_policies(names_.service_network(ns, tier), policies);
  return renderer_.service_network(key, ns_uid, std::move(policies));
}

Object Bodies::pod_object(Source source, const PodFacts& pod) const {
  const auto role = static_cast<Role>(source.role);
  if (role == Role::virtual_machine) return renderer_.virtual_machine(pod);
  if (role == Role::interface) {
    const auto id = table_.find(Type::virtual_machine_interface, names_.interface(pod.ns, pod.name));
    return renderer_.interface(pod, adopted_.mac_of_interface(id, pod.uid));
  }
  const auto family = addresses_.families()[source.index];
  const auto address = addresses_.of(pod.uid, family);
  return role == Role::instance_ip ? renderer_.instance_ip(pod, family, address)
                                   : renderer_.reservation(pod, family, address);
}

Object Bodies::service_address(Source source) const {
  const auto& service = *intent_.service(*source.unit);
  const auto& binding = *bindings_.find(UnitKind::service, *source.unit);
  if (static_cast<Role>(source.role) == Role::cluster_address)
    return renderer_.cluster_address(service, binding.cluster_addresses[source.index].address, source.index > 0);
  const auto& bound = binding.public_addresses[source.index];
  return renderer_.public_address(service, bound.address, bound.short_name);
}

SlotId Bodies::service_network(const TierKey& tier) const {
  return table_.find(Type::virtual_network, names_.service_network(ns_of(tier), name_of(tier)));
}

// --- Policies

// The policies of any network that the configuration names.
void Bodies::add_external_policies(const contrail::FqName& network, ObjectRenderer::Policies& policies) const {
  const auto* facts = intent_.outside(network);
  if (!facts) return;
  for (const auto& key : facts->services)
    if (!uid_of_namespace(intent_, ns_of(key)).empty())
      policies.push_back(names_.access_policy(ns_of(key), name_of(key)));
  if (!facts->tiers.empty()) policies.push_back(names_.global_policy(network));
}

ObjectRenderer::Policies Bodies::policies_of(const contrail::FqName& network) const {
  ObjectRenderer::Policies out;
  add_external_policies(network, out);
  return out;
}

bool Bodies::is_bundled(const contrail::FqName& policy) const {
  const auto id = table_.find(Type::network_policy, policy);
  return id != no_slot &&
         has_rules_with_many_sources(table_[id].is_desired() ? table_[id].desired() : table_[id].observed());
}

// The Namespace of the project of a global network's policy, if that project is owned; empty: it is not. A Namespace of
// the same name is not enough: the project of an external network is foreign unless it is known to be owned.
std::string_view Bodies::namespace_with(const ExternalNetworkFacts& network) const {
  if (!network.ns.empty()) return network.ns;
  const auto name = contrail::parent_of(names_.global_policy(network.network));
  const auto project = table_.find(Type::project, name);
  const auto ns = names_.namespace_of(name);
  if (!ns || project == no_slot || !table_[project].exists()) return {};
  const auto* facts = intent_.ns(*ns);
  return facts && intent_.is_served(*ns) && table_[project].ownership() != Ownership::foreign &&
                 table_[project].uuid() == uuid_of_uid(facts->uid)
             ? std::string_view(facts->name)
             : std::string_view();
}

std::optional<Bodies::Connection> Bodies::connection_of(const Unit& unit) const {
  if (unit.kind == UnitKind::external_network) {
    const auto* facts = intent_.outside(unit.key);
    if (!facts || facts->tiers.empty()) return std::nullopt;
    return Connection{names_.global_policy(facts->network), &facts->tiers, {facts->network}};
  }
  const auto* tier = intent_.service_tier(unit.key);
  if (!tier || !tier->open() || uid_of_namespace(intent_, ns_of(unit.key)).empty()) return std::nullopt;
  return Connection{names_.access_policy(ns_of(unit.key), name_of(unit.key)), &tier->users,
                    renderer_.destinations(unit.key, *tier)};
}

std::vector<SlotId> Bodies::networks_of(SlotId policy) const {
  std::vector<SlotId> out;
  const auto& source = table_[policy].source();
  const auto add = [&](SlotId id) {
    if (id != no_slot) out.push_back(id);
  };
  if (static_cast<Role>(source.role) == Role::global_policy) {
    add(table_.find(Type::virtual_network, *source.unit));
    for (const auto& name : renderer_.pod_networks(intent_.outside(*source.unit)->tiers))
      add(table_.find(Type::virtual_network, name));
  }
  if (static_cast<Role>(source.role) != Role::access_policy) return out;
  add(service_network(*source.unit));
  add(table_.find(Type::virtual_network, intent_.service_tier(*source.unit)->external));
  const auto* tier = intent_.service_tier(*source.unit);
  for (const auto* pod_tiers : {&tier->users, &tier->headless_backends})
    for (const auto& name : renderer_.pod_networks(*pod_tiers)) add(table_.find(Type::virtual_network, name));
  return out;
}

// --- Texts and annotations

std::string Bodies::text_from(Source source) const {
  if (static_cast<Role>(source.role) == Role::load_balancer_status) return load_balancers_.status_of(*source.unit);
  if (static_cast<Role>(source.role) != Role::pod_state) return {};
  return pod_state(*intent_.pod(*source.unit));
}

std::string Bodies::pod_state(const PodFacts& pod) const {
  const auto interface = table_.find(Type::virtual_machine_interface, names_.interface(pod.ns, pod.name));
  PodState state;
  state.pod_uid = pod.uid;
  state.interface = adopted_.uuid_of_interface(interface, pod.uid);
  state.mac = adopted_.mac_of_interface(interface, pod.uid);
  for (const auto family : addresses_.families()) {
    const auto address = addresses_.of(pod.uid, family);
    if (!address) continue;
    state.addresses.push_back(*address);
    for (const auto& range : settings_.private_ip_range)
      if (state.addresses.size() == 1 && range.contains(*address))
        state.gateway =
            adopted_.gateway(table_.find(Type::virtual_network, names_.pod_network(pod.ns, pod.tier)), range);
  }
  return render(state);
}

std::map<std::string, std::string> Bodies::owner_annotation(SlotId id) const {
  return renderer_.owner_annotation(table_[id].ownership() == Ownership::shared);
}

std::map<std::string, std::string> Bodies::leftover_annotations(SlotId policy) const {
  const auto name = table_[policy].name().text();
  return renderer_.leftover_annotations(name, table_[table_.find(Type::project, contrail::parent_of(name))].uuid());
}

}  // namespace knm
