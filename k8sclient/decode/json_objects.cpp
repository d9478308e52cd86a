#include "k8sclient/decode/json_objects.hpp"

#include <ctime>

#include <nlohmann/json.hpp>

#include "base/cut.hpp"
#include "k8sclient/decode/json_fields.hpp"
#include "k8sclient/decode/text.hpp"

namespace k8s::js {
namespace {

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

// The object's metadata, which must be present.
const Json& read_meta(const Json& source, const Projection& projection, ObjectMeta& meta) {
  const Json* json = object(source, "metadata");
  if (!json) malformed("metadata is missing");
  text(*json, "name", meta.name);
  text(*json, "namespace", meta.ns);
  text(*json, "uid", meta.uid);
  meta.resource_version = read_object_version(source);
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

Json parse(std::string_view source) {
  Json value = Json::parse(source.begin(), source.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) malformed("it is not JSON");
  if (!value.is_object()) malformed("it is not a JSON object");
  return value;
}

void check_kind(const Json& source, std::string_view api_version, const std::string& kind) {
  const std::string has_version = text(source, "apiVersion"), has_kind = text(source, "kind");
  if (has_version != api_version || has_kind != kind)
    malformed("it is a '" + has_version + " " + has_kind + "', not a '" + std::string(api_version) + " " + kind + "'");
}

ListMeta read_list_meta(const Json& list) {
  ListMeta meta;
  meta.resource_version = read_object_version(list);
  if (const Json* json = object(list, "metadata")) text(*json, "continue", meta.continue_token);
  return meta;
}

Status read_status(const Json& json) {
  Status status;
  std::int32_t code = 0, seconds = 0;
  int32(json, "code", code);
  status.code = code;
  text(json, "reason", status.reason);
  text(json, "message", status.message);
  const Json* details = object(json, "details");
  if (!details) return status;
  int32(*details, "retryAfterSeconds", seconds);
  if (seconds > 0) status.retry_after = std::chrono::seconds(seconds);
  each(*details, "causes", [&](const Json& cause) {
    status.causes.push_back({text(cause, "reason"), text(cause, "message"), text(cause, "field")});
  });
  return status;
}

std::uint64_t read_object_version(const Json& source) {
  const Json* meta = object(source, "metadata");
  const std::string version = meta ? text(*meta, "resourceVersion") : std::string();
  return version.empty() ? 0 : parse_resource_version(version);
}

Bookmark read_bookmark(const Json& source) {
  const Json* meta = object(source, "metadata");
  return {read_object_version(source), meta && entry(*meta, "annotations", initial_events_end_annotation) == "true"};
}

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

}  // namespace k8s::js
