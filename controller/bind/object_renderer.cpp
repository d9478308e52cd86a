#include "controller/bind/object_renderer.hpp"

#include <algorithm>
#include <utility>

#include "controller/model/identity.hpp"
#include "controller/model/policy_rules.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

void add_policies(Object& network, ObjectRenderer::Policies policies) {
  for (auto& policy : policies) {
    if (std::any_of(network.policies.begin(), network.policies.end(),
                    [&](const auto& known) { return known.to == policy; }))
      continue;
    contrail::PolicyReference reference{std::move(policy), {}, {}};
    reference.sequence = contrail::Sequence{};
    network.policies.push_back(std::move(reference));
  }
}

void set_subnets(Object& network, std::vector<contrail::IpamReference> ipams) {
  network.ipams = std::move(ipams);
  for (auto& ipam : network.ipams)
    for (auto& subnet : ipam.subnets) subnet.subnet_uuid = subnet_uuid(network.uuid, subnet.cidr);
}

void add_subnets(Object& network, const std::vector<contrail::Cidr>& ranges, bool reserve_nothing) {
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

}  // namespace

contrail::Uuid interface_uuid(std::string_view pod_uid) {
  return derived_uuid(Type::virtual_machine_interface, pod_uid, "interface");
}

Object ObjectRenderer::owned(Type type, contrail::FqName name, const contrail::Uuid& uuid, std::string_view kind,
                             std::string_view uid, std::string_view object) const {
  Object out;
  out.type = type;
  out.uuid = uuid;
  out.fq_name = std::move(name);
  out.annotations = mark(owners_.ours(), kind, uid, object);
  return out;
}

// --- Shared networks

Object ObjectRenderer::shared(Type type, contrail::FqName name, std::string_view kind) const {
  Object out;
  out.type = type;
  out.uuid = derived_uuid(type, "", name);
  out.fq_name = std::move(name);
  out.annotations = shared_annotation(owners_.ours(), kind, out.fq_name);
  return out;
}

Object ObjectRenderer::allocation_network(std::vector<contrail::IpamReference> ipams, Policies policies) const {
  auto out = shared(Type::virtual_network, names_.allocation_network(), "AddressAllocation");
  set_subnets(out, std::move(ipams));
  add_policies(out, std::move(policies));
  return out;
}

Object ObjectRenderer::public_network(std::vector<contrail::IpamReference> ipams, Policies policies) const {
  auto out = shared(Type::virtual_network, names_.public_network(), "PublicNetwork");
  set_subnets(out, std::move(ipams));
  add_policies(out, std::move(policies));
  return out;
}

Object ObjectRenderer::public_pool() const {
  return shared(Type::floating_ip_pool, Names::pool(names_.public_network()), "PublicPool");
}

Object ObjectRenderer::public_ipam() const {
  const auto name = names_.public_ipam();
  const auto cluster = owners_.uid();
  return owned(Type::network_ipam, name, derived_uuid(Type::network_ipam, cluster, name), "PublicIpam", cluster, name);
}

// --- Namespaces and tiers

Object ObjectRenderer::project(const NamespaceFacts& ns) const {
  return owned(Type::project, names_.project(ns.name), uuid_of_uid(ns.uid), "Namespace", ns.uid, ns.name);
}

Object ObjectRenderer::pod_network(const TierKey& tier, std::string_view ns_uid, Policies policies) const {
  auto name = names_.pod_network(ns_of(tier), name_of(tier));
  const auto uuid = derived_uuid(Type::virtual_network, ns_uid, name);
  auto out = owned(Type::virtual_network, std::move(name), uuid, "PodTier", ns_uid, tier);
  add_subnets(out, settings_.private_ip_range, false);
  add_policies(out, std::move(policies));
  return out;
}

Object ObjectRenderer::service_network(const TierKey& tier, std::string_view ns_uid, Policies policies) const {
  auto name = names_.service_network(ns_of(tier), name_of(tier));
  const auto uuid = derived_uuid(Type::virtual_network, ns_uid, name);
  auto out = owned(Type::virtual_network, std::move(name), uuid, "ServiceTier", ns_uid, tier);
  // A ClusterIP may be any address of the range.
  add_subnets(out, settings_.service_cluster_ip_range, true);
  add_policies(out, std::move(policies));
  return out;
}

Object ObjectRenderer::service_pool(const TierKey& tier, std::string_view ns_uid) const {
  auto name = Names::pool(names_.service_network(ns_of(tier), name_of(tier)));
  const auto uuid = derived_uuid(Type::floating_ip_pool, ns_uid, name);
  return owned(Type::floating_ip_pool, std::move(name), uuid, "ServicePool", ns_uid, tier);
}

Object ObjectRenderer::access_policy(const TierKey& tier, std::string_view ns_uid, const ServiceTierFacts& facts,
                                     bool bundled) const {
  auto name = names_.access_policy(ns_of(tier), name_of(tier));
  const auto uuid = derived_uuid(Type::network_policy, ns_uid, name);
  auto out = owned(Type::network_policy, std::move(name), uuid, "AccessPolicy", ns_uid, tier);
  add_rules(out, facts.users, destinations(tier, facts), bundled);
  return out;
}

void ObjectRenderer::add_rules(Object& policy, const TierSet& users, const std::vector<contrail::FqName>& networks,
                               bool bundled) const {
  policy.rules =
      rules_between(pod_networks(users), networks, bundled, static_cast<std::size_t>(settings_.policy_size_limit));
}

std::vector<contrail::FqName> ObjectRenderer::pod_networks(const TierSet& pod_tiers) const {
  std::vector<contrail::FqName> out;
  out.reserve(pod_tiers.size());
  for (const auto& key : pod_tiers) out.push_back(names_.pod_network(ns_of(key), name_of(key)));
  return out;
}

std::vector<contrail::FqName> ObjectRenderer::destinations(const TierKey& tier, const ServiceTierFacts& facts) const {
  auto out = pod_networks(facts.headless_backends);
  if (facts.addressed) out.insert(out.begin(), names_.service_network(ns_of(tier), name_of(tier)));
  if (!facts.external.empty()) out.push_back(facts.external);
  return out;
}

// --- External networks

Object ObjectRenderer::external_network(const contrail::FqName& name, Policies policies) const {
  Object out;
  out.type = Type::virtual_network;
  out.fq_name = name;
  add_policies(out, std::move(policies));
  return out;
}

Object ObjectRenderer::global_policy(const ExternalNetworkFacts& network, std::string_view ns_uid, bool bundled) const {
  auto name = names_.global_policy(network.network);
  const auto uid = ns_uid.empty() ? owners_.uid() : ns_uid;
  const auto uuid = derived_uuid(Type::network_policy, uid, name);
  auto out = owned(Type::network_policy, std::move(name), uuid, kind_global_policy, uid, network.network);
  add_rules(out, network.tiers, {network.network}, bundled);
  return out;
}

// --- Pods

Object ObjectRenderer::of_pod(const PodFacts& pod, Type type, contrail::FqName name, const contrail::Uuid& uuid) const {
  return owned(type, std::move(name), uuid, "Pod", pod.uid, pod.key.view());
}

Object ObjectRenderer::virtual_machine(const PodFacts& pod) const {
  auto out = of_pod(pod, Type::virtual_machine, pod.uid, uuid_of_uid(pod.uid));
  out.display_name = pod.name;
  return out;
}

Object ObjectRenderer::interface(const PodFacts& pod, std::string mac) const {
  auto out = of_pod(pod, Type::virtual_machine_interface, names_.interface(pod.ns, pod.name), interface_uuid(pod.uid));
  out.networks = {{names_.pod_network(pod.ns, pod.tier), {}}};
  out.machines = {{pod.uid, {}}};
  out.mac = std::move(mac);
  return out;
}

Object ObjectRenderer::reservation(const PodFacts& pod, contrail::Family family,
                                   std::optional<contrail::IpAddress> address) const {
  auto out = of_pod(
      pod, Type::instance_ip, Names::address_allocation(pod.uid, family),
      derived_uuid(Type::instance_ip, pod.uid, family == contrail::Family::v6 ? "allocation v6" : "allocation v4"));
  out.address = address;
  out.networks = {{names_.allocation_network(), {}}};
  return out;
}

Object ObjectRenderer::instance_ip(const PodFacts& pod, contrail::Family family,
                                   std::optional<contrail::IpAddress> address) const {
  auto out = of_pod(pod, Type::instance_ip, names_.address_use(pod.ns, pod.name, family),
                    derived_uuid(Type::instance_ip, pod.uid, family == contrail::Family::v6 ? "use v6" : "use v4"));
  out.address = address;
  out.networks = {{names_.pod_network(pod.ns, pod.tier), {}}};
  out.interfaces = {{names_.interface(pod.ns, pod.name), {}}};
  out.instance_ip_mode = "active-active";
  return out;
}

// --- Services

Object ObjectRenderer::of_service(const ServiceFacts& service, const contrail::IpAddress& address,
                                  contrail::FqName name) const {
  auto out = owned(Type::floating_ip, std::move(name), derived_uuid(Type::floating_ip, service.uid, address.text()),
                   "Service", service.uid, tier_key(service.ns, service.name));
  out.address = address;
  out.traffic_direction = "ingress";
  const auto& reached = service.reached(address.family);
  out.port_mappings = reached.mappings;
  out.port_mappings_enable = !out.port_mappings.empty();
  for (const auto& pod : reached.pods) out.interfaces.push_back({names_.interface(ns_of(pod), name_of(pod)), {}});
  return out;
}

Object ObjectRenderer::cluster_address(const ServiceFacts& service, const contrail::IpAddress& address,
                                       bool second) const {
  auto out = of_service(service, address,
                        names_.cluster_address(service.ns, service.tier, service.name, address.family, second));
  out.projects = {{names_.project(service.ns), {}}};
  return out;
}

Object ObjectRenderer::public_address(const ServiceFacts& service, const contrail::IpAddress& address,
                                      bool short_name) const {
  auto out = of_service(service, address, names_.public_address(service.ns, service.name, address, short_name));
  out.projects = {{contrail::parent_of(names_.public_network()), {}}};
  return out;
}

// --- Owner annotations alone

std::map<std::string, std::string> ObjectRenderer::owner_annotation(bool shared) const {
  if (shared) return {{user_key(owners_.ours()), std::string(owners_.uid())}};
  return {{std::string(annotation_owner), owners_.ours()}};
}

std::map<std::string, std::string> ObjectRenderer::leftover_annotations(const contrail::FqName& policy,
                                                                        const contrail::Uuid& project) const {
  const auto tier = contrail::last_of(policy).substr(std::string_view("__svc_").size());
  const auto ns = contrail::parent_of(policy);
  // The uuid of a project of this cluster is its Namespace's UID.
  return mark(owners_.ours(), "AccessPolicy", project.text(), tier_key(contrail::last_of(ns), tier));
}

}  // namespace knm
