#include <algorithm>

#include "controller/bind/binder.hpp"
#include "controller/model/pod_state.hpp"
#include "controller/model/policy_rules.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

// The rules of others on the policy that is there, among ours.
void add_foreign_rules(const Entry& entry, Object& object) {
  const auto has_our_id = [ours = object.rules](const contrail::Rule& rule) {
    return std::any_of(ours.begin(), ours.end(), [&](const auto& other) { return other.uuid == rule.uuid; });
  };
  const auto has_content = [ours = object.rules](const contrail::Rule& rule) {
    return std::any_of(ours.begin(), ours.end(), [&](const auto& other) {
      return other.sources == rule.sources && other.destinations == rule.destinations;
    });
  };
  for (const auto& foreign : entry.cold().foreign_rules) {
    if (has_our_id(foreign)) continue;  // one of ours, with what somebody wrote into it
    if (entry.ownership() == Ownership::unmarked && foreign.plain && has_content(foreign)) continue;  // adopted
    // Somebody wrote the very rule that we want: his stays, a second one would be refused.
    std::erase_if(object.rules, [&](const auto& rule) {
      return foreign.plain && rule.sources == foreign.sources && rule.destinations == foreign.destinations;
    });
    object.rules.push_back(foreign);
  }
}

// Those of ours that the guard keeps though they are not wanted.
void add_kept_rules(const Entry& entry, Object& object) {
  for (const auto& kept : entry.cold().kept_rules)
    if (std::none_of(object.rules.begin(), object.rules.end(),
                     [&](const auto& rule) { return rule.uuid == kept.uuid; }))
      object.rules.push_back(kept);
}

}  // namespace

std::string_view Binder::uid_of_namespace(std::string_view ns) const {
  const auto* facts = intent_.ns(ns);
  return facts ? std::string_view(facts->uid) : std::string_view();
}

Object Binder::describe(SlotId id) const {
  const auto& entry = table_[id];
  auto object = object_of(entry.source());
  if (!entry.is_desired()) object.type = entry.type(), object.fq_name = entry.name();
  if (entry.exists()) object.uuid = entry.uuid();
  for (auto& ipam : object.ipams)
    for (auto& subnet : ipam.subnets) subnet.subnet_uuid = subnet_uuid(object.uuid, subnet.cidr);
  identify(object.fq_name, object.rules);
  if (!entry.cold().foreign_rules.empty()) add_foreign_rules(entry, object);
  add_kept_rules(entry, object);
  for (const auto& foreign : entry.cold().foreign_ipams) {
    // Likewise a range that is there under another id.
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
  return object;
}

Object Binder::object_of(Source source) const {
  const auto role = static_cast<Role>(source.role);
  switch (role) {
    case Role::allocation_network:
    case Role::public_network:
    case Role::public_pool:
      return shared_object(role);
    case Role::public_ipam: {
      const auto name = names_.public_ipam();
      const auto cluster = owners_.uid();
      return base(Type::network_ipam, name, derived_uuid(Type::network_ipam, cluster, name), "PublicIpam", cluster,
                  name);
    }
    case Role::project: {
      const auto& ns = *intent_.ns(*source.unit);
      return base(Type::project, names_.project(ns.name), uuid_of_uid(ns.uid), "Namespace", ns.uid, ns.name);
    }
    case Role::pod_network:
    case Role::service_network:
    case Role::service_pool:
      return tier_network(role, *source.unit);
    case Role::access_policy:
      return policy(*source.unit);
    case Role::machine:
    case Role::interface:
    case Role::allocation:
    case Role::use:
      return pod_object(role, source.index, *intent_.pod(*source.unit));
    case Role::cluster_address:
    case Role::public_address: {
      const auto& binding = bindings_[static_cast<std::size_t>(UnitKind::service)].find(*source.unit)->second;
      return floating_ip(*intent_.service(*source.unit), binding, role == Role::public_address, source.index);
    }
    case Role::outside_network: {
      Object out;
      out.type = Type::virtual_network;
      out.fq_name = *source.unit;
      add_outside_policies(out);
      return out;
    }
    case Role::global_policy:
      return global_policy(*intent_.outside(*source.unit));
    case Role::none:
    case Role::pod_state:
    case Role::load_balancer_status:
      break;
  }
  return {};
}

Object Binder::base(Type type, contrail::FqName name, const contrail::Uuid& uuid, std::string_view kind,
                    std::string_view uid, std::string_view object) const {
  Object out;
  out.type = type;
  out.uuid = uuid;
  out.fq_name = std::move(name);
  out.annotations = mark(owners_.ours(), kind, uid, object);
  return out;
}

Object Binder::shared_object(Role role) const {
  const bool allocation = role == Role::allocation_network;
  const bool pool = role == Role::public_pool;
  const auto& network = allocation ? names_.allocation_network() : names_.public_network();
  Object out;
  out.type = pool ? Type::floating_ip_pool : Type::virtual_network;
  out.fq_name = pool ? Names::pool(network) : network;
  out.uuid = derived_uuid(out.type, "", out.fq_name);
  out.annotations = shared_mark(owners_.ours(),
                                allocation ? "AddressAllocation"
                                : pool     ? "PublicPool"
                                           : "PublicNetwork",
                                out.fq_name);
  if (pool) return out;
  out.ipams = allocation ? ranges_.allocation_ipams() : ranges_.public_ipams();
  for (auto& ipam : out.ipams)
    for (auto& subnet : ipam.subnets) subnet.subnet_uuid = subnet_uuid(out.uuid, subnet.cidr);
  add_outside_policies(out);
  return out;
}

void Binder::add_subnets(Object& network, const std::vector<contrail::Cidr>& ranges, bool reserve_nothing) const {
  contrail::IpamReference ipam;
  ipam.to = Names::ipam();
  for (const auto& cidr : ranges) {
    contrail::Subnet subnet;
    subnet.cidr = cidr;
    subnet.subnet_uuid = subnet_uuid(network.uuid, cidr);
    if (reserve_nothing) {
      contrail::IpAddress none;
      none.family = cidr.base.family;
      subnet.gateway = none;
      subnet.dns = none;
    }
    ipam.subnets.push_back(std::move(subnet));
  }
  network.ipams.push_back(std::move(ipam));
}

void Binder::add_policies(Object& network, const std::vector<TierKey>& service_tiers) const {
  for (const auto& key : service_tiers) add_policy(network, names_.access_policy(ns_of(key), name_of(key)));
}

void Binder::add_policy(Object& network, const contrail::FqName& policy) const {
  for (const auto& known : network.policies)
    if (known.to == policy) return;
  contrail::PolicyReference reference{policy, {}, {}};
  reference.sequence = contrail::Sequence{};
  network.policies.push_back(std::move(reference));
}

void Binder::add_outside_policies(Object& network) const {
  const auto* facts = intent_.outside(network.fq_name);
  if (!facts) return;
  for (const auto& key : facts->services)
    if (!uid_of_namespace(ns_of(key)).empty()) add_policy(network, names_.access_policy(ns_of(key), name_of(key)));
  if (!facts->tiers.empty()) add_policy(network, names_.global_policy(network.fq_name));
}

Object Binder::tier_network(Role role, const std::string& key) const {
  const auto ns = ns_of(key), tier = name_of(key);
  const auto uid = uid_of_namespace(ns);
  const bool pods = role == Role::pod_network;
  const auto network = pods ? names_.pod_network(ns, tier) : names_.service_network(ns, tier);
  const auto kind = pods ? "PodTier" : role == Role::service_pool ? "ServicePool" : "ServiceTier";
  const auto type = role == Role::service_pool ? Type::floating_ip_pool : Type::virtual_network;
  const auto name = role == Role::service_pool ? Names::pool(network) : network;
  auto out = base(type, name, derived_uuid(type, uid, name), kind, uid, key);
  if (role == Role::service_pool) return out;
  add_subnets(out, pods ? settings_.private_ip_range : settings_.service_cluster_ip_range, !pods);
  if (pods) {
    const auto& facts = *intent_.pod_tier(key);
    add_policies(out, intent_.attached(facts));
    for (const auto& global : facts.outside) add_policy(out, names_.global_policy(global));
  } else if (const auto* facts = intent_.service_tier(key); facts && facts->addressed && facts->open()) {
    add_policies(out, {key});
  }
  add_outside_policies(out);
  return out;
}

std::vector<contrail::FqName> Binder::networks_of(const TierSet& pod_tiers) const {
  std::vector<contrail::FqName> out;
  out.reserve(pod_tiers.size());
  for (const auto& key : pod_tiers) out.push_back(names_.pod_network(ns_of(key), name_of(key)));
  return out;
}

Object Binder::policy(const TierKey& key) const {
  const auto& tier = *intent_.service_tier(key);
  const auto uid = uid_of_namespace(ns_of(key));
  const auto name = names_.access_policy(ns_of(key), name_of(key));
  auto out = base(Type::network_policy, name, derived_uuid(Type::network_policy, uid, name), "AccessPolicy", uid, key);
  add_rules(out, tier.users, destinations_of(key, tier));
  return out;
}

std::vector<contrail::FqName> Binder::destinations_of(const TierKey& key, const ServiceTierFacts& tier) const {
  auto out = networks_of(tier.headless_backends);
  if (tier.addressed) out.insert(out.begin(), names_.service_network(ns_of(key), name_of(key)));
  if (!tier.external.empty()) out.push_back(tier.external);
  return out;
}

// The Namespace whose project a global network's policy lies in, where that project is ours; empty: it is not. Whatever
// Namespace is called like it, the project of a network that others made is theirs unless we know it as ours.
std::string_view Binder::namespace_with(const OutsideFacts& network) const {
  if (!network.ns.empty()) return network.ns;
  const auto name = contrail::parent_of(names_.global_policy(network.network));
  const auto project = table_.find(Type::project, name);
  const auto ns = names_.namespace_of(name);
  if (!ns || project == no_slot || !table_[project].exists()) return {};
  const auto* facts = intent_.ns(*ns);
  return facts && intent_.has_place(*ns) && table_[project].ownership() != Ownership::other &&
                 table_[project].uuid() == uuid_of_uid(facts->uid)
             ? std::string_view(facts->name)
             : std::string_view();
}

// It lives with the project that it lies in: with its Namespace where that is one of ours, else with the cluster.
Object Binder::global_policy(const OutsideFacts& network) const {
  const auto name = names_.global_policy(network.network);
  const auto ns_uid = uid_of_namespace(namespace_with(network));
  const auto uid = ns_uid.empty() ? owners_.uid() : ns_uid;
  auto out = base(Type::network_policy, name, derived_uuid(Type::network_policy, uid, name), kind_global_policy, uid,
                  network.network);
  add_rules(out, network.tiers, {network.network});
  return out;
}

void Binder::add_rules(Object& policy, const TierSet& users, const std::vector<contrail::FqName>& networks) const {
  policy.rules = rules_between(networks_of(users), networks, is_bundled(policy.fq_name),
                               static_cast<std::size_t>(settings_.policy_size_limit));
}

bool Binder::is_bundled(const contrail::FqName& policy) const {
  const auto id = table_.find(Type::network_policy, policy);
  // How it is wanted; before the first time, how it is there.
  return id != no_slot &&
         has_rules_with_many_sources(table_[id].is_desired() ? table_[id].desired() : table_[id].observed());
}

Object Binder::pod_object(Role role, std::uint32_t index, const PodFacts& pod) const {
  const auto key = tier_key(pod.ns, pod.name);
  const auto made = [&](Type type, contrail::FqName name, const contrail::Uuid& uuid) {
    return base(type, std::move(name), uuid, "Pod", pod.uid, key);
  };
  if (role == Role::machine) {
    auto out = made(Type::virtual_machine, pod.uid, uuid_of_uid(pod.uid));
    out.display_name = pod.name;
    return out;
  }
  const contrail::Reference network{names_.pod_network(pod.ns, pod.tier), {}};
  const auto interface = names_.interface(pod.ns, pod.name);
  if (role == Role::interface) {
    auto out = made(Type::virtual_machine_interface, interface, interface_uuid(pod));
    out.networks = {network};
    out.machines = {{pod.uid, {}}};
    out.mac = mac_for(table_.find(Type::virtual_machine_interface, interface), pod);
    return out;
  }
  const auto family = addresses_.families()[index];
  const auto allocation = Names::address_allocation(pod.uid, family);
  const std::string suffix = family == contrail::Family::v6 ? " v6" : " v4";
  const bool use = role == Role::use;
  auto out = made(Type::instance_ip, use ? names_.address_use(pod.ns, pod.name, family) : allocation,
                  derived_uuid(Type::instance_ip, pod.uid, (use ? "use" : "allocation") + suffix));
  out.address = addresses_.of_reservation(allocation);
  out.networks = {use ? network : contrail::Reference{names_.allocation_network(), {}}};
  if (use) {
    out.interfaces = {{interface, {}}};
    out.instance_ip_mode = "active-active";
  }
  return out;
}

Object Binder::floating_ip(const ServiceFacts& service, const Binding& binding, bool is_public,
                           std::uint32_t index) const {
  const auto& bound = (is_public ? binding.public_addresses : binding.cluster_addresses)[index];
  const auto& address = bound.address;
  auto name = is_public ? names_.public_address(service.ns, service.name, address, bound.short_name)
                        : names_.cluster_address(service.ns, service.tier, service.name, address.family, index > 0);
  auto out = base(Type::floating_ip, std::move(name), derived_uuid(Type::floating_ip, service.uid, address.text()),
                  "Service", service.uid, tier_key(service.ns, service.name));
  out.address = address;
  out.traffic_direction = "ingress";
  out.projects = {{is_public ? contrail::parent_of(names_.public_network()) : names_.project(service.ns), {}}};
  const auto& reached = service.reached(address.family);
  out.port_mappings = reached.mappings;
  out.port_mappings_enable = !out.port_mappings.empty();
  for (const auto& pod : reached.pods) out.interfaces.push_back({names_.interface(ns_of(pod), name_of(pod)), {}});
  return out;
}

std::string Binder::describe_text(SlotId id) const { return text_for(table_[id].source()); }

std::string Binder::text_for(Source source) const {
  if (static_cast<Role>(source.role) == Role::load_balancer_status) return load_balancers_.status_of(*source.unit);
  if (static_cast<Role>(source.role) != Role::pod_state) return {};
  const auto& pod = *intent_.pod(*source.unit);
  const auto interface = table_.find(Type::virtual_machine_interface, names_.interface(pod.ns, pod.name));
  PodState state;
  state.pod_uid = pod.uid;
  state.interface = is_interface_of(interface, pod) ? table_[interface].uuid() : interface_uuid(pod);
  state.mac = mac_for(interface, pod);
  for (const auto family : addresses_.families()) {
    const auto address = addresses_.of(pod.uid, family);
    if (!address) continue;
    state.addresses.push_back(*address);
    for (const auto& range : settings_.private_ip_range)
      if (state.addresses.size() == 1 && range.contains(*address)) state.gateway = gateway_for(pod, range);
  }
  return render(state);
}

}  // namespace knm
