#include "tests/scenarios/objects.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

#include "tests/support/builders.hpp"

namespace knm::test {
namespace {

std::string ns_of_key(const std::string& key) { return key.substr(0, key.find('/')); }
std::string name_of_key(const std::string& key) { return key.substr(key.find('/') + 1); }

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size() && !text.empty();) {
    const auto to = std::min(text.find(at, from), text.size());
    out.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

void set(std::vector<k8s::KeyValue>& map, const std::string& key, const std::string& value) {
  std::erase_if(map, [&](const auto& pair) { return pair.first == key; });
  if (!value.empty()) map.emplace_back(key, value);
}

int incarnation_in(const Words& words) {
  for (const auto& word : words)
    if (word.starts_with("uid=")) return std::stoi(word.substr(4));
  return 0;
}

std::string known_uid(const std::string& kind, const std::string& key, int incarnation, KnownUids& uids) {
  const auto id = uid(kind, key, incarnation);
  uids[id] = kind + " " + key + (incarnation > 1 ? " #" + std::to_string(incarnation) : "");
  return id;
}

// The existing object, or a new one if there is none or the words name another incarnation.
template <class Object>
Object current(const std::map<std::string, Object>& objects, const std::string& kind, const std::string& key,
               const Words& words, KnownUids& uids) {
  const auto known = objects.find(key);
  const int named = incarnation_in(words);
  if (known != objects.end() && (named == 0 || known->second.meta.uid == uid(kind, key, named))) return known->second;
  Object fresh;
  fresh.meta.name = name_of_key(key);
  if (kind != "namespace") fresh.meta.ns = ns_of_key(key);
  fresh.meta.uid = known_uid(kind, key, std::max(named, 1), uids);
  fresh.meta.creation_timestamp = 1000;
  fresh.meta.resource_version = 1;
  return fresh;
}

// Kubernetes requires names for several ports.
std::string port_name(std::int32_t port, std::string protocol) {
  for (auto& c : protocol) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return "p" + std::to_string(port) + "-" + protocol;
}

// "80", "80:3000", "80:http", each optionally with "/UDP"
std::vector<k8s::ServicePort> service_ports(const std::string& text) {
  std::vector<k8s::ServicePort> out;
  for (const auto& item : split(text, ',')) {
    const auto slash = item.find('/');
    const auto numbers = split(item.substr(0, slash), ':');
    k8s::ServicePort port;
    port.protocol = slash == std::string::npos ? "TCP" : item.substr(slash + 1);
    port.port = port.target_port = std::stoi(numbers.at(0));
    if (numbers.size() > 1 && std::isdigit(static_cast<unsigned char>(numbers[1].front()))) {
      port.target_port = std::stoi(numbers[1]);
    } else if (numbers.size() > 1) {
      port.target_port = 0;
      port.target_name = numbers[1];
    }
    port.name = port_name(port.port, port.protocol);
    out.push_back(std::move(port));
  }
  return out;
}

// The ports of a slice: the resolved ones of its Service.
std::vector<k8s::EndpointPort> slice_ports(const std::string& text) {
  std::vector<k8s::EndpointPort> out;
  for (const auto& port : service_ports(text)) out.push_back({port.name, port.protocol, port.target_port});
  return out;
}

k8s::PodPhase phase_named(const std::string& name) {
  if (name == "pending") return k8s::PodPhase::pending;
  if (name == "running") return k8s::PodPhase::running;
  if (name == "succeeded") return k8s::PodPhase::succeeded;
  if (name == "failed") return k8s::PodPhase::failed;
  throw std::runtime_error("no phase is called " + name);
}

k8s::ServiceType type_named(const std::string& name) {
  if (name == "ClusterIP") return k8s::ServiceType::cluster_ip;
  if (name == "NodePort") return k8s::ServiceType::node_port;
  if (name == "LoadBalancer") return k8s::ServiceType::load_balancer;
  if (name == "ExternalName") return k8s::ServiceType::external_name;
  throw std::runtime_error("no type of Service is called " + name);
}

// Sets a field of the metadata; returns whether the word was one.
bool is_meta(k8s::ObjectMeta& meta, const std::string& key, const std::string& value) {
  if (key == "uid") return true;
  if (key == "created") return meta.creation_timestamp = std::stoll(value), true;
  if (key.starts_with("@")) return set(meta.annotations, key.substr(1), value), true;
  return false;
}

std::pair<std::string, std::string> split_word(const std::string& word) {
  const auto equals = word.find('=');
  return equals == std::string::npos ? std::pair(word, std::string())
                                     : std::pair(word.substr(0, equals), word.substr(equals + 1));
}

bool is_pod_field(k8s::Pod& pod, const std::string& key, const std::string& value) {
  if (key == "phase") return pod.phase = phase_named(value), true;
  if (key == "host-network") return pod.host_network = true, true;
  if (key == "mirror") return pod.mirror = true, true;
  if (key == "terminating") return pod.meta.terminating = true, true;
  if (key == "state") return set(pod.meta.annotations, "opencontrail.org/pod-state", value), true;
  return false;
}

bool is_service_field(k8s::Service& service, const std::string& key, const std::string& value) {
  if (key == "ip") return service.cluster_ips = split(value, ','), true;
  if (key == "headless") return service.cluster_ips = {"None"}, true;
  if (key == "external") return service.external_ips = split(value, ','), true;
  if (key == "ports") return service.ports = service_ports(value), true;
  if (key == "node-port") {
    for (auto& port : service.ports) port.node_port = value.empty() ? 0 : std::stoi(value);
    return true;
  }
  if (key == "type") return service.type = type_named(value), true;
  if (key == "no-selector") return service.has_selector = false, true;
  if (key == "publish-not-ready") return service.publish_not_ready_addresses = value != "no", true;
  if (key == "class") {
    service.has_load_balancer_class = !value.empty();
    service.load_balancer_class = value;
    return true;
  }
  if (key == "request") return service.load_balancer_ip = value, true;
  if (key == "ingress") return service.ingress = split(value, ','), true;
  if (key == "source-ranges") return service.load_balancer_source_ranges = split(value, ','), true;
  if (key == "affinity") return service.session_affinity = value, true;
  if (key == "external-policy") return service.external_traffic_policy = value, true;
  if (key == "internal-policy") return service.internal_traffic_policy = value, true;
  return false;
}

}  // namespace

k8s::Namespace namespace_of(const Cluster& cluster, const std::string& name, const Words& words, KnownUids& uids) {
  return current(cluster.namespaces, "namespace", name, words, uids);
}

k8s::Pod pod_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids) {
  auto pod = current(cluster.pods, "pod", key, words, uids);
  if (pod.phase == k8s::PodPhase::unknown) pod.phase = k8s::PodPhase::running;
  for (const auto& word : words) {
    const auto [name, value] = split_word(word);
    if (!is_meta(pod.meta, name, value) && !is_pod_field(pod, name, value)) set(pod.meta.labels, name, value);
  }
  return pod;
}

k8s::Service service_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids) {
  auto service = current(cluster.services, "service", key, words, uids);
  if (service.ports.empty()) {
    service.ports = service_ports("80");
    service.has_selector = true;
  }
  for (const auto& word : words) {
    const auto [name, value] = split_word(word);
    if (!is_meta(service.meta, name, value) && !is_service_field(service, name, value))
      set(service.meta.labels, name, value);
  }
  return service;
}

namespace {

// A slice with this address family and these ports, which apply to all of its endpoints.
k8s::EndpointSlice slice_for(const Cluster& cluster, const std::string& service, const std::string& ports,
                             const std::string& family) {
  auto slice = make_slice(ns_of_key(service), name_of_key(service), std::vector<k8s::Pod>{});
  slice.ports = slice_ports(ports);
  if (family == "6") slice.address_type = k8s::AddressType::ipv6;
  if (family == "fqdn") slice.address_type = k8s::AddressType::fqdn;
  if (ports != "80") {
    std::string text = ports;
    for (auto& c : text) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    slice.meta.name += "-" + text;
  }
  if (family != "4") slice.meta.name += "-v" + family;
  const auto known = cluster.slices.find(slice.meta.ns + "/" + slice.meta.name);
  return known != cluster.slices.end() ? known->second : slice;
}

k8s::Endpoint endpoint_of(const Cluster& cluster, const std::string& service, std::string pod,
                          const std::string& state) {
  k8s::Endpoint endpoint;
  endpoint.ready = endpoint.serving = state == "ready";
  endpoint.terminating = state == "terminating";
  if (pod == "node") {
    endpoint.node = "node-1";
  } else if (pod != "-") {
    const auto hash = pod.find('#');
    const auto incarnation = hash == std::string::npos ? 0 : std::stoi(pod.substr(hash + 1));
    pod = pod.substr(0, hash);
    if (pod.find('/') == std::string::npos) pod = ns_of_key(service) + "/" + pod;
    const auto there = cluster.pods.find(pod);
    endpoint.target_kind = "Pod";
    endpoint.target_ns = ns_of_key(pod);
    endpoint.target_name = name_of_key(pod);
    endpoint.target_uid = incarnation == 0 && there != cluster.pods.end() ? there->second.meta.uid
                                                                          : uid("pod", pod, std::max(incarnation, 1));
  }
  return endpoint;
}

bool is_same(const k8s::Endpoint& a, const k8s::Endpoint& b) {
  return a.target_uid == b.target_uid && a.node == b.node;
}

}  // namespace

std::vector<k8s::EndpointSlice> slices_of(const Cluster& cluster, const std::string& service, const Words& words) {
  const auto& state = words.at(1);
  const auto endpoint = endpoint_of(cluster, service, words.at(0), state);
  std::string family = "4";
  std::optional<std::string> ports;
  for (const auto& word : words) {
    if (word.starts_with("family=")) family = word.substr(7);
    if (word.starts_with("ports=")) ports = word.substr(6);
  }
  auto desired = slice_for(cluster, service, ports.value_or("80"), family);
  // The endpoint stays in its slice, or moves to another one if its ports change.
  std::vector<k8s::EndpointSlice> out;
  for (const auto& [key, slice] : cluster.slices) {
    if (slice.meta.ns != desired.meta.ns || slice.service != desired.service ||
        slice.address_type != desired.address_type)
      continue;
    auto left = slice;
    if (std::erase_if(left.endpoints, [&](const auto& other) { return is_same(other, endpoint); }) == 0) continue;
    if (!ports) ports = "", desired = left;
    if (left.meta.name != desired.meta.name) out.push_back(std::move(left));
  }
  std::erase_if(desired.endpoints, [&](const auto& other) { return is_same(other, endpoint); });
  if (state != "gone") desired.endpoints.push_back(endpoint);
  // The order of endpoints has no meaning in Kubernetes.
  std::sort(desired.endpoints.begin(), desired.endpoints.end(),
            [](const auto& a, const auto& b) { return a.target_uid < b.target_uid; });
  out.push_back(std::move(desired));
  return out;
}

}  // namespace knm::test
