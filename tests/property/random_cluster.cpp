#include "tests/property/random_cluster.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

// Few names, so that they collide, including reserved and similar ones.
constexpr std::array namespaces{"a", "b", "default-project"};
constexpr std::array tiers{
    "", "web", "web", "db", "db", "service-web", "default", "default-network", "api", "A.b", "default-virtual-network"};
constexpr std::array uses{"",
                          "web",
                          "db",
                          "db",
                          "web,db",
                          " web , db ,",
                          R"(["db","web"])",
                          R"(["db",3])",
                          "[broken",
                          "not/a/tier,web",
                          "service-web",
                          "default",
                          "oracle",
                          "oracle,web",
                          "no-such-tier"};

// External networks that the configuration may name; all are in a project of another client, except for the last one.
constexpr std::array external_networks{"default-domain:legacy:oracle", "default-domain:legacy:backbone",
                                       "default-domain:legacy:db.1", "default-domain:default-project:backbone"};

bool has_no_address(const k8s::Service& service) {
  return !service.cluster_ips.empty() && service.cluster_ips.front() == "None";
}

void set(std::vector<k8s::KeyValue>& map, const std::string& key, const std::string& value) {
  std::erase_if(map, [&](const auto& pair) { return pair.first == key; });
  if (!value.empty()) map.emplace_back(key, value);
}

}  // namespace

namespace {

void name_external_networks(std::mt19937_64& random, Configuration& out) {
  if (random() % 2 == 0) return;
  const auto prefix = std::string("default-domain:") + (out.oracle.cluster_name.empty() ? "" : "east_");
  out.oracle.global_networks = {external_networks[1]};
  if (random() % 3 == 0) out.oracle.global_networks.emplace_back(external_networks[3]);
  if (random() % 3 == 0) out.oracle.global_networks.push_back(prefix + "a:db");
  if (random() % 3 == 0) out.oracle.global_networks.push_back(out.oracle.public_network);
  if (random() % 2 == 0) out.oracle.global_include = random() % 2 == 0 ? "web|db" : "^a/";
  if (random() % 2 == 0) out.oracle.global_exclude = random() % 2 == 0 ? "/default-network$" : "__pod_";
  out.oracle.external_services = {{"oracle", {external_networks[0], {}}}, {"db", {external_networks[2], {}}}};
  if (random() % 3 == 0) out.oracle.external_services["oracle"].namespaces = {"a", "kube-system"};
  if (random() % 3 == 0) out.oracle.external_services["db"].network = external_networks[1];
  if (random() % 4 == 0) out.oracle.external_services["api"] = {prefix + "b:web", {}};

  out.settings.global_network = out.oracle.global_networks;
  out.settings.global_connect_include = Pattern::compile(out.oracle.global_include).value();
  if (!out.oracle.global_exclude.empty())
    out.settings.global_connect_exclude = Pattern::compile(out.oracle.global_exclude).value();
  for (const auto& [tier, external] : out.oracle.external_services)
    out.settings.external_service[tier] = {external.network, {external.namespaces.begin(), external.namespaces.end()}};
}

}  // namespace

Configuration random_setup(std::uint64_t seed) {
  std::mt19937_64 random(seed * 7919 + 1);
  Configuration out;
  const auto range = [](const std::string& text) { return *contrail::Cidr::parse(text); };
  out.oracle.public_ranges = {"192.0.2.0/24"};
  if (random() % 3 == 0) {  // dual stack, with a range that is larger than a 64-bit counter
    out.oracle.private_ranges.emplace_back("fd00:10::/64");
    out.oracle.service_ranges.emplace_back("fd00:20::/112");
    out.oracle.public_ranges.emplace_back("2001:db8::/48");
  }
  for (const auto& text : out.oracle.public_ranges) out.settings.public_ip_range.push_back(range(text));
  out.settings.private_ip_range.clear();
  for (const auto& text : out.oracle.private_ranges) out.settings.private_ip_range.push_back(range(text));
  out.settings.service_cluster_ip_range.clear();
  for (const auto& text : out.oracle.service_ranges) out.settings.service_cluster_ip_range.push_back(range(text));
  if (random() % 4 == 0) out.oracle.public_network = "default-domain:default-project:outside";
  out.settings.public_network = out.oracle.public_network;
  if (random() % 3 == 0) out.settings.cluster_name = out.oracle.cluster_name = "east";
  if (random() % 2 == 0) {
    out.settings.cluster_service = {{"kube-system", "default"}};
    out.oracle.cluster_services = {{"kube-system", "default"}};
  }
  if (random() % 3 == 0) {  // in a Namespace that is deleted and recreated: the retained part is taken over
    out.settings.cluster_service.push_back({"a", "db"});
    out.oracle.cluster_services.emplace_back("a", "db");
  }
  if (random() % 4 == 0) {
    out.settings.network_label = out.oracle.tier_keys = {"opencontrail.org/name", "name"};
    out.settings.service_label = out.oracle.uses_keys = {"opencontrail.org/services", "uses"};
  }
  if (random() % 4 == 0) out.settings.namespace_service = out.oracle.namespace_services = {"api", "default"};
  out.oracle.public_network_is_anothers = random() % 4 == 0;
  if (random() % 2 == 0) out.settings.load_balancer_class = out.oracle.load_balancer_class = "example.com/ours";
  out.settings.load_balancer_default = out.oracle.load_balancer_default = random() % 4 != 0;
  name_external_networks(random, out);
  if (random() % 4 == 0) {
    out.oracle.public_address_limit = 2 + random() % 4;
    out.settings.public_address_limit = static_cast<int>(out.oracle.public_address_limit);
  }
  if (random() % 4 == 0) {
    out.settings.external_ip_namespaces = {"a", "kube-system"};
    out.oracle.external_ip_namespaces = {"a", "kube-system"};
  }
  out.settings.batch_window = std::chrono::milliseconds(random() % 2 * 20);
  return out;
}

RandomCluster::RandomCluster(World& world, const Configuration& setup, std::uint64_t seed)
    : world_(world), setup_(setup), random_(seed) {
  if (!setup.oracle.public_network_is_anothers) return;
  using nlohmann::json;
  const json subnet{{"subnet", {{"ip_prefix", "203.0.113.0"}, {"ip_prefix_len", 24}}}};
  OtherClient(world.api())
      .create("virtual-network", {{"fq_name", split_name(setup.oracle.public_network)},
                                  {"parent_type", "project"},
                                  {"network_ipam_refs",
                                   {{{"to", {"default-domain", "default-project", "default-network-ipam"}},
                                     {"attr", {{"ipam_subnets", json::array({subnet})}}}}}}});
}

void RandomCluster::step() {
  const auto kind = dice(100);
  if (kind < 6) return change_namespace();
  if (kind < 10 && !setup_.oracle.global_networks.empty()) return change_external_network();
  if (kind < 12) return change_foreign_address();
  if (kind < 45) return change_pod();
  if (kind < 70) return change_service();
  change_slice();
}

std::string RandomCluster::some_namespace() {
  std::string name = one_of(namespaces);
  if (name == "default-project" && dice(4) != 0) name = "a";
  if (!world_.cluster().namespaces.contains(name)) world_.apply(make_namespace(name, ++incarnation_));
  return name;
}

template <class Map>
std::string RandomCluster::some_key(const Map& map, const std::string& ns) {
  std::vector<std::string> keys;
  for (const auto& [key, object] : map)
    if (object.meta.ns == ns) keys.push_back(key);
  return keys.empty() ? "" : one_of(keys);
}

// Another client creates or deletes a network; the next audit shows it.
void RandomCluster::change_external_network() {
  const std::string name = one_of(external_networks);
  OtherClient other(world_.api());
  const auto create = [&](const std::string& type, const std::string& parent, const std::string& fq_name) {
    other.create(type, {{"fq_name", split_name(fq_name)}, {"parent_type", parent}});
  };
  if (other.has("virtual-network", name)) return other.remove("virtual-network", name);
  if (!other.has("project", "default-domain:legacy")) create("project", "domain", "default-domain:legacy");
  create("virtual-network", "project", name);
}

void RandomCluster::change_namespace() {
  const std::string name = one_of(namespaces);
  if (world_.cluster().namespaces.contains(name)) world_.remove_namespace(name);
  if (dice(2) == 0) world_.apply(make_namespace(name, ++incarnation_));
}

void RandomCluster::label(k8s::ObjectMeta& meta) {
  set(meta.labels, "name", one_of(tiers));
  if (dice(4) == 0) set(meta.labels, "opencontrail.org/name", one_of(tiers));
}

void RandomCluster::use(k8s::ObjectMeta& meta) {
  set(meta.annotations, "uses", one_of(uses));
  set(meta.labels, "uses", dice(3) == 0 ? "db" : "");
  if (dice(4) == 0) set(meta.annotations, "opencontrail.org/services", one_of(uses));
}

// Ports that Kubernetes may have resolved or that a user wrote: several lists, so that slices disagree, with ports that
// no Service has, and without some.
std::vector<k8s::EndpointPort> RandomCluster::some_slice_ports() {
  const std::array<std::vector<k8s::EndpointPort>, 7> choices{{
      {{"", "TCP", 80}},
      {{"a", "TCP", 8080}, {"b", "TCP", 443}},
      {{"b", "TCP", 443}, {"a", "TCP", 8080}, {"b", "UDP", 5353}},
      {{"a", "TCP", 8081}},
      {{"a", "TCP", 0}, {"", "TCP", 3000}},
      {{"b", "UDP", 53}},
      {},
  }};
  return choices[dice(3) == 0 ? dice(choices.size()) : dice(2)];
}

std::vector<k8s::ServicePort> RandomCluster::some_ports() {
  const std::array<std::vector<k8s::ServicePort>, 5> choices{{
      {{"", "TCP", 80, 80, "", 0}},
      {{"", "TCP", 80, 3000, "", 0}},
      {{"a", "TCP", 80, 80, "", 0}, {"b", "UDP", 53, 5353, "", 0}},
      {{"a", "TCP", 80, 0, "http", 0}, {"b", "TCP", 443, 443, "", 0}},
      {{"a", "TCP", 80, 0, "http", 0}},
  }};
  return one_of(choices);
}

void RandomCluster::change_pod() {
  const auto ns = some_namespace();
  const auto known = some_key(world_.cluster().pods, ns);
  const auto what = dice(10);
  if (what < 3 || known.empty()) {  // a new Pod, possibly in place of an existing one
    const auto name = "p" + std::to_string(dice(6));
    auto pod = make_pod(ns, name, "");
    pod.meta.uid = uid("pod", ns + "/" + name, ++incarnation_);
    pod.host_network = dice(12) == 0;
    pod.meta.creation_timestamp = static_cast<std::int64_t>(dice(3));
    pod.mirror = dice(16) == 0;
    pod.phase = dice(3) == 0 ? k8s::PodPhase::pending : k8s::PodPhase::running;
    if (dice(16) == 0) set(pod.meta.annotations, "opencontrail.org/pod-state", R"({"uuid":"forged"})");
    label(pod.meta), use(pod.meta);
    if (world_.cluster().pods.contains(ns + "/" + name)) world_.remove_pod(ns + "/" + name);
    return world_.apply(pod);
  }
  auto pod = world_.cluster().pods.at(known);
  switch (what) {
    case 3:
    case 4:
      return world_.remove_pod(known);
    case 5:
      label(pod.meta);
      break;
    case 6:
      use(pod.meta);
      break;
    case 7:
      pod.phase = dice(2) == 0 ? k8s::PodPhase::succeeded : k8s::PodPhase::failed;
      break;
    case 8:
      pod.meta.terminating = true;
      break;
    default:
      set(pod.meta.annotations, "opencontrail.org/pod-state", dice(2) == 0 ? R"({"uuid":"forged"})" : "none");
      break;
  }
  world_.apply(pod);
}

// The API server keeps ClusterIPs unique, but watches may show two Services with the same one for a while, and a
// rebuilt cluster may have two for ever.
void RandomCluster::claim_addresses(k8s::Service& service) {
  if (has_no_address(service)) return;
  const auto number = dice(20) == 0 ? dice(3) : 10 + static_cast<std::size_t>(incarnation_) % 60;
  service.cluster_ips = {(dice(20) == 0 ? "10.99.0." : "10.254.0.") + std::to_string(number)};
  if (setup_.oracle.service_ranges.size() > 1) {
    service.cluster_ips.push_back("fd00:20::" + std::to_string(number));
    if (dice(3) == 0) std::swap(service.cluster_ips[0], service.cluster_ips[1]);
  }
}

// Of type LoadBalancer or not, with or without a class and a requested address.
void RandomCluster::balance(k8s::Service& service) {
  constexpr std::array requests{
      "", "", "", "192.0.2.10", "192.0.2.20", "192.0.2.21", "192.0.2.254", "203.0.113.1", "2001:db8:0:5::8", "rubbish"};
  if (has_no_address(service)) return;
  service.type = dice(4) == 0 ? k8s::ServiceType::cluster_ip : k8s::ServiceType::load_balancer;
  service.has_load_balancer_class = dice(3) == 0;
  service.load_balancer_class = !service.has_load_balancer_class ? "" : dice(2) == 0 ? "example.com/ours" : "theirs";
  service.load_balancer_ip = one_of(requests);
}

// Another client allocates or frees an address of the public pool.
void RandomCluster::change_foreign_address() {
  OtherClient other(world_.api());
  const auto& network = setup_.oracle.public_network;
  const auto pool = network + ":" + network.substr(network.rfind(':') + 1);
  const auto address = "192.0.2." + std::to_string(15 + dice(15));  // no external IP
  const auto name = pool + ":theirs-" + address;
  if (!other.has("floating-ip-pool", pool)) return;
  if (other.has("floating-ip", name)) return other.remove("floating-ip", name);
  try {
    other.create(
        "floating-ip",
        {{"fq_name", split_name(name)}, {"parent_type", "floating-ip-pool"}, {"floating_ip_address", address}});
  } catch (const std::runtime_error&) {
    // The address is in use, or the network does not have its range yet.
  }
}

// Two Services exchange their requests, so that each may have the address that the other one requests.
void RandomCluster::exchange(const std::string& key) {
  const auto& services = world_.cluster().services;
  std::vector<std::string> others;
  for (const auto& [other, service] : services)
    if (other != key && !has_no_address(service)) others.push_back(other);
  if (others.empty() || has_no_address(services.at(key))) return;
  auto one = services.at(key), other = services.at(one_of(others));
  std::swap(one.load_balancer_ip, other.load_balancer_ip);
  if (dice(2) == 0) std::swap(one.external_ips, other.external_ips);
  if (dice(2) == 0 && !one.external_ips.empty()) {  // or by different kinds of claims
    one.load_balancer_ip = one.external_ips.front();
    one.external_ips.clear();
  }
  world_.apply(one);
  world_.apply(other);
}

void RandomCluster::change_service() {
  static const std::array<std::vector<std::string>, 8> external{{{},
                                                                 {},
                                                                 {"192.0.2.10"},
                                                                 {"192.0.2.11", "192.0.2.10"},
                                                                 {"192.0.2.12"},
                                                                 {"192.0.2.254", "192.0.2.11"},
                                                                 {"203.0.113.1", "192.0.2.13"},
                                                                 {"2001:db8:0:5::7", "192.0.2.14"}}};
  const auto ns = dice(8) == 0 ? "kube-system" : some_namespace();
  const auto known = some_key(world_.cluster().services, ns);
  const auto what = dice(14);
  if (what < 4 || known.empty()) {
    const auto name = "s" + std::to_string(dice(5));
    auto service = make_service(ns, name, "", "");
    service.meta.uid = uid("service", ns + "/" + name, ++incarnation_);
    service.meta.creation_timestamp = static_cast<std::int64_t>(dice(4));
    service.has_selector = dice(6) != 0;
    if (dice(4) == 0) service.cluster_ips = {"None"};
    claim_addresses(service);
    label(service.meta);
    service.ports = some_ports();
    service.publish_not_ready_addresses = dice(5) == 0;
    if (!has_no_address(service)) service.external_ips = one_of(external);
    if (dice(3) == 0) balance(service);
    if (world_.cluster().services.contains(ns + "/" + name)) world_.remove_service(ns + "/" + name);
    return world_.apply(service);
  }
  auto service = world_.cluster().services.at(known);
  switch (what) {
    case 4:
    case 5:
      return world_.remove_service(known);
    case 6:
      label(service.meta);
      break;
    case 7:
      service.ports = some_ports();
      break;
    case 8:
      service.has_selector = !service.has_selector;
      break;
    case 9:
      balance(service);
      break;
    case 11:
      return exchange(known);
    case 10:  // another writer changes the status
      if (service.type != k8s::ServiceType::load_balancer) return;
      service.ingress = {"192.0.2." + std::to_string(dice(30)), "rubbish"};
      if (const auto other = some_key(world_.cluster().services, ns); dice(2) == 0)
        service.ingress = world_.cluster().services.at(other).ingress;
      break;
    default:
      if (!has_no_address(service)) service.external_ips = one_of(external);
      break;
  }
  world_.apply(service);
}

void RandomCluster::change_slice() {
  const auto ns = some_namespace();
  const auto key = some_key(world_.cluster().services, ns);
  if (key.empty()) return;
  const auto service = world_.cluster().services.at(key).meta.name;
  const auto name = service + "-" + std::to_string(dice(4));
  if (world_.cluster().slices.contains(ns + "/" + name) && dice(6) == 0) return world_.remove_slice(ns + "/" + name);
  std::vector<k8s::Pod> pods;
  for (const auto& [pod_key, pod] : world_.cluster().pods)
    if (dice(pod.meta.ns == ns ? 2 : 30) == 0) pods.push_back(pod);
  auto slice = make_slice(ns, service, pods);
  slice.meta.name = name;
  slice.ports = some_slice_ports();
  if (dice(3) == 0) slice.address_type = dice(8) == 0 ? k8s::AddressType::fqdn : k8s::AddressType::ipv6;
  if (dice(8) == 0) slice.service = "s" + std::to_string(dice(5));
  for (auto& endpoint : slice.endpoints) {
    endpoint.ready = dice(4) != 0;
    endpoint.terminating = dice(12) == 0;
    if (dice(16) == 0) endpoint.target_uid.clear();
    if (dice(24) == 0) endpoint.target_kind = "Node";
  }
  world_.apply(slice);
}

}  // namespace knm::test
