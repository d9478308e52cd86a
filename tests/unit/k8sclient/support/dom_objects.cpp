#include "tests/unit/k8sclient/support/dom_objects.hpp"

#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/cut.hpp"
#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/text.hpp"

namespace test {
namespace {

using namespace k8s;
using Json = nlohmann::json;

// Type-checked reading of members. An absent or null member leaves the target unchanged.

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const Json* object(const Json& parent, const char* key) {
  const Json* value = member(parent, key);
  if (value && !value->is_object()) malformed("'" + std::string(key) + "' is not an object");
  return value;
}

const Json* array(const Json& parent, const char* key) {
  const Json* value = member(parent, key);
  if (value && !value->is_array()) malformed("'" + std::string(key) + "' is not an array");
  return value;
}

void text(const Json& parent, const char* key, std::string& into) {
  const Json* value = member(parent, key);
  if (!value) return;
  if (!value->is_string()) malformed("'" + std::string(key) + "' is not a string");
  into = value->get_ref<const std::string&>();
}

std::string text(const Json& parent, const char* key) {
  std::string value;
  text(parent, key, value);
  return value;
}

void boolean(const Json& parent, const char* key, bool& into) {
  const Json* value = member(parent, key);
  if (!value) return;
  if (!value->is_boolean()) malformed("'" + std::string(key) + "' is not a boolean");
  into = value->get<bool>();
}

std::int32_t int32_of(const Json& value, const char* key) {
  using Limits = std::numeric_limits<std::int32_t>;
  // A number above 2^63 is unsigned in nlohmann/json, one below is signed: both orders of comparison are needed.
  const bool fits = value.is_number_integer() &&
                    (value.is_number_unsigned()
                         ? value.get<std::uint64_t>() <= Limits::max()
                         : value.get<std::int64_t>() >= Limits::min() && value.get<std::int64_t>() <= Limits::max());
  if (!fits) malformed("'" + std::string(key) + "' is not a 32-bit integer");
  return static_cast<std::int32_t>(value.get<std::int64_t>());
}

void int32(const Json& parent, const char* key, std::int32_t& into) {
  if (const Json* value = member(parent, key)) into = int32_of(*value, key);
}

void texts(const Json& parent, const char* key, std::vector<std::string>& into) {
  const Json* list = array(parent, key);
  if (!list) return;
  for (const auto& entry : *list) {
    if (!entry.is_string()) malformed("'" + std::string(key) + "' has values that are not strings");
    into.push_back(entry.get_ref<const std::string&>());
  }
}

// Calls `read` for each object of an array.
template <class Read>
void each(const Json& parent, const char* key, Read read) {
  const Json* list = array(parent, key);
  if (!list) return;
  for (const auto& entry : *list) {
    if (!entry.is_object()) malformed("'" + std::string(key) + "' holds something else than objects");
    read(entry);
  }
}

// RFC 3339 in UTC, the format of meta/v1 Time: "2026-01-31T12:34:56Z". Seconds since the epoch.
std::int64_t parse_time(const std::string& text) {
  std::tm tm{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &tm);
  if (!end || *end)
    malformed("the time '" + std::string(base::cut(text, 40)) + "' is not in the form 2026-01-31T12:34:56Z");
  return ::timegm(&tm);
}

void keep_all(const Json& meta, const char* key, const std::vector<std::string>& keys, std::vector<KeyValue>& into) {
  const Json* map = object(meta, key);
  if (!map) return;
  for (const auto& [name, value] : map->items()) {
    if (!value.is_string()) malformed("'" + std::string(key) + "' has values that are not strings");
    keep(keys, name, value.get_ref<const std::string&>(), into);
  }
}

std::string entry(const Json& meta, const char* map_key, std::string_view name) {
  const Json* map = object(meta, map_key);
  return map ? text(*map, std::string(name).c_str()) : std::string();
}

bool has_entry(const Json& meta, const char* map_key, std::string_view name) {
  const Json* map = object(meta, map_key);
  return map && map->contains(std::string(name));
}

std::uint64_t version_of(const Json& source) {
  const Json* meta = object(source, "metadata");
  const std::string version = meta ? text(*meta, "resourceVersion") : std::string();
  return version.empty() ? 0 : parse_resource_version(version);
}

// The object's metadata, which must be present.
const Json& read_meta(const Json& source, const Projection& projection, ObjectMeta& meta) {
  const Json* json = object(source, "metadata");
  if (!json) malformed("metadata is missing");
  text(*json, "name", meta.name);
  text(*json, "namespace", meta.ns);
  text(*json, "uid", meta.uid);
  meta.resource_version = version_of(source);
  const std::string created = text(*json, "creationTimestamp");
  if (!created.empty()) meta.creation_timestamp = parse_time(created);
  meta.terminating = member(*json, "deletionTimestamp") != nullptr;
  keep_all(*json, "labels", projection.labels, meta.labels);
  keep_all(*json, "annotations", projection.annotations, meta.annotations);
  if (meta.name.empty()) malformed("metadata.name is missing");
  if (meta.resource_version == 0) malformed("metadata.resourceVersion is missing");
  return *json;
}

void read_pod_spec(const Json& spec, Pod& pod) {
  text(spec, "nodeName", pod.node);
  boolean(spec, "hostNetwork", pod.host_network);
}

void read_pod_status(const Json& status, Pod& pod) {
  pod.phase = parse_phase(text(status, "phase"));
  each(status, "conditions", [&](const Json& condition) {
    if (text(condition, "type") == "Ready" && text(condition, "status") == "True") pod.ready = true;
  });
}

ServicePort read_service_port(const Json& json) {
  ServicePort port;
  text(json, "name", port.name);
  text(json, "protocol", port.protocol);
  int32(json, "port", port.port);
  int32(json, "nodePort", port.node_port);
  if (const Json* target = member(json, "targetPort")) {
    if (target->is_string())
      port.target_name = target->get_ref<const std::string&>();
    else
      port.target_port = int32_of(*target, "targetPort");
  }
  complete(port);
  return port;
}

void read_service_spec(const Json& spec, Service& service) {
  service.type = parse_service_type(text(spec, "type"));
  each(spec, "ports", [&](const Json& port) { service.ports.push_back(read_service_port(port)); });
  texts(spec, "clusterIPs", service.cluster_ips);
  const std::string cluster_ip = text(spec, "clusterIP");
  if (service.cluster_ips.empty() && !cluster_ip.empty()) service.cluster_ips.push_back(cluster_ip);
  texts(spec, "externalIPs", service.external_ips);
  const Json* selector = object(spec, "selector");
  service.has_selector = selector && !selector->empty();
  boolean(spec, "publishNotReadyAddresses", service.publish_not_ready_addresses);
  service.has_load_balancer_class = member(spec, "loadBalancerClass") != nullptr;
  text(spec, "loadBalancerClass", service.load_balancer_class);
  text(spec, "loadBalancerIP", service.load_balancer_ip);
  texts(spec, "loadBalancerSourceRanges", service.load_balancer_source_ranges);
  text(spec, "externalTrafficPolicy", service.external_traffic_policy);
  text(spec, "internalTrafficPolicy", service.internal_traffic_policy);
  text(spec, "sessionAffinity", service.session_affinity);
}

void read_service_status(const Json& status, Service& service) {
  const Json* balancer = object(status, "loadBalancer");
  if (!balancer) return;
  each(*balancer, "ingress", [&](const Json& ingress) {
    std::string ip = text(ingress, "ip");
    service.ingress.push_back(ip.empty() ? text(ingress, "hostname") : std::move(ip));
  });
}

Endpoint read_endpoint(const Json& json) {
  Endpoint endpoint;
  texts(json, "addresses", endpoint.addresses);
  endpoint.ready = true;  // the default of an absent condition
  if (const Json* conditions = object(json, "conditions")) boolean(*conditions, "ready", endpoint.ready);
  endpoint.serving = endpoint.ready;
  if (const Json* conditions = object(json, "conditions")) {
    boolean(*conditions, "serving", endpoint.serving);
    boolean(*conditions, "terminating", endpoint.terminating);
  }
  if (const Json* target = object(json, "targetRef")) {
    text(*target, "kind", endpoint.target_kind);
    text(*target, "namespace", endpoint.target_ns);
    text(*target, "name", endpoint.target_name);
    text(*target, "uid", endpoint.target_uid);
  }
  text(json, "nodeName", endpoint.node);
  return endpoint;
}

EndpointPort read_endpoint_port(const Json& json) {
  EndpointPort port;
  text(json, "name", port.name);
  text(json, "protocol", port.protocol);
  int32(json, "port", port.port);
  complete(port);
  return port;
}

}  // namespace

template <>
Pod read_object<Pod>(const Projection& projection, const Json& source) {
  Pod pod;
  const Json& meta = read_meta(source, projection, pod.meta);
  pod.mirror = has_entry(meta, "annotations", mirror_annotation);
  if (const Json* spec = object(source, "spec")) read_pod_spec(*spec, pod);
  if (const Json* status = object(source, "status")) read_pod_status(*status, pod);
  return pod;
}

template <>
Service read_object<Service>(const Projection& projection, const Json& source) {
  Service service;
  read_meta(source, projection, service.meta);
  if (const Json* spec = object(source, "spec")) read_service_spec(*spec, service);
  if (const Json* status = object(source, "status")) read_service_status(*status, service);
  return service;
}

template <>
Namespace read_object<Namespace>(const Projection& projection, const Json& source) {
  Namespace ns;
  read_meta(source, projection, ns.meta);
  return ns;
}

template <>
EndpointSlice read_object<EndpointSlice>(const Projection& projection, const Json& source) {
  EndpointSlice slice;
  const Json& meta = read_meta(source, projection, slice.meta);
  slice.service = entry(meta, "labels", service_name_label);
  slice.address_type = parse_address_type(text(source, "addressType"));
  each(source, "endpoints", [&](const Json& json) { slice.endpoints.push_back(read_endpoint(json)); });
  each(source, "ports", [&](const Json& json) {
    if (slice.ports.size() < max_slice_ports) slice.ports.push_back(read_endpoint_port(json));
  });
  return slice;
}

}  // namespace test
