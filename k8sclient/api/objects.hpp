#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Projections of Kubernetes objects: only the fields that a network controller reads.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/ (core/v1, discovery.k8s.io/v1).
// Absent text is empty, absent numbers are 0, absent lists are empty; a comment notes where absence has another
// meaning.
namespace k8s {

using KeyValue = std::pair<std::string, std::string>;

struct ObjectMeta {
  std::string ns;  // empty for cluster-scoped objects
  std::string name;
  std::string uid;
  std::uint64_t resource_version = 0;
  std::int64_t creation_timestamp = 0;  // seconds since the epoch
  bool terminating = false;             // deletionTimestamp is set
  std::vector<KeyValue> labels;         // only the keys in the projection, in the object's order
  std::vector<KeyValue> annotations;    // as labels

  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

// The value of `key`; null: it is absent.
inline const std::string* find_value(const std::vector<KeyValue>& map, const std::string& key) {
  for (const auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}

enum class PodPhase : std::uint8_t { unknown, pending, running, succeeded, failed };

struct Pod {
  ObjectMeta meta;
  PodPhase phase = PodPhase::unknown;
  bool host_network = false;
  bool mirror = false;  // has the annotation kubernetes.io/config.mirror: the mirror of a static Pod in the API
  bool ready = false;   // condition Ready is True
  std::string node;

  friend bool operator==(const Pod&, const Pod&) = default;
};

enum class ServiceType : std::uint8_t { cluster_ip, node_port, load_balancer, external_name };

struct ServicePort {
  std::string name;
  std::string protocol;  // never empty
  std::int32_t port = 0;
  std::int32_t target_port = 0;  // 0 if target_name is set; = port if absent in the object
  std::string target_name;       // a named target port
  std::int32_t node_port = 0;

  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

struct Service {
  ObjectMeta meta;
  ServiceType type = ServiceType::cluster_ip;
  std::vector<std::string> cluster_ips;  // `None` alone for a headless Service; empty for ExternalName
  std::vector<std::string> external_ips;
  std::vector<ServicePort> ports;
  bool has_selector = false;
  bool publish_not_ready_addresses = false;
  bool has_load_balancer_class = false;
  std::string load_balancer_class;
  std::string load_balancer_ip;
  std::vector<std::string> load_balancer_source_ranges;
  std::string external_traffic_policy;
  std::string internal_traffic_policy;
  std::string session_affinity;
  std::vector<std::string> ingress;  // status.loadBalancer.ingress[]: its ip; if there is none, its hostname

  friend bool operator==(const Service&, const Service&) = default;
};

struct Namespace {
  ObjectMeta meta;

  friend bool operator==(const Namespace&, const Namespace&) = default;
};

struct Endpoint {
  std::vector<std::string> addresses;
  bool ready = false;        // conditions.ready; nil counts as true (API convention)
  bool serving = false;      // conditions.serving; nil counts as ready
  bool terminating = false;  // conditions.terminating
  std::string target_kind;   // targetRef
  std::string target_ns;
  std::string target_name;
  std::string target_uid;
  std::string node;  // nodeName

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// The port to which Kubernetes resolved a port of the Service, for all endpoints of a slice.
struct EndpointPort {
  std::string name;       // the Service port's name; empty if it has none
  std::string protocol;   // never empty
  std::int32_t port = 0;  // 0 if absent in the object, which means all ports

  friend bool operator==(const EndpointPort&, const EndpointPort&) = default;
};

// The API server accepts at most this many ports in a slice. Further ones are not read.
inline constexpr std::size_t max_slice_ports = 20'000;

enum class AddressType : std::uint8_t { ipv4, ipv6, fqdn };

struct EndpointSlice {
  ObjectMeta meta;
  std::string service;  // label kubernetes.io/service-name; empty: the slice belongs to no Service
  AddressType address_type = AddressType::ipv4;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;

  friend bool operator==(const EndpointSlice&, const EndpointSlice&) = default;
};

// Empties an object that the next one is read into. Its metadata keeps its memory: most objects need as much.
inline void clear(ObjectMeta& meta) {
  for (auto* text : {&meta.ns, &meta.name, &meta.uid}) text->clear();
  meta.resource_version = 0;
  meta.creation_timestamp = 0;
  meta.terminating = false;
  meta.labels.clear();
  meta.annotations.clear();
}
inline void clear(Pod& pod) {
  clear(pod.meta);
  pod.phase = PodPhase::unknown;
  pod.host_network = pod.mirror = pod.ready = false;
  pod.node.clear();
}
template <class T>
void clear(T& object) {
  auto meta = std::move(object.meta);
  clear(meta);
  object = T();
  object.meta = std::move(meta);
}

}  // namespace k8s
