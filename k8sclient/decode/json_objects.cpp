#include "k8sclient/decode/json_objects.hpp"

#include <algorithm>
#include <ctime>
#include <map>

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

// Only the last member of a name counts.
void check_texts(Value map, const char* key) {
  std::map<std::string, bool> is_text;
  std::string room;
  map.each_member([&](Value name, Value value) { is_text[std::string(name.characters(room))] = value.is_text(); });
  if (!std::all_of(is_text.begin(), is_text.end(), [](const auto& entry) { return entry.second; }))
    malformed_member(key, "has values that are not strings");
}

// The pairs whose keys are kept, in the order of the keys.
void keep_all(Value meta, const char* key, const std::vector<std::string>& keys, std::vector<KeyValue>& into) {
  const Value map = object(meta, key);
  if (!map) return;
  bool texts_only = true;
  std::string room;
  map.each_member([&](Value name, Value value) {
    texts_only = texts_only && value.is_text();
    const auto characters = name.characters(room);
    if (!value.is_text() || !is_kept(keys, characters)) return;
    auto at = std::lower_bound(into.begin(), into.end(), characters,
                               [](const KeyValue& pair, std::string_view than) { return pair.first < than; });
    if (at == into.end() || at->first != characters) at = into.insert(at, {std::string(characters), {}});
    assign(value, at->second);
  });
  if (!texts_only) check_texts(map, key);
}

std::string entry(Value meta, const char* map_key, std::string_view name) { return text(object(meta, map_key), name); }

bool has_entry(Value meta, const char* map_key, std::string_view name) {
  return static_cast<bool>(object(meta, map_key).member(name));
}

// 0: it is absent.
std::uint64_t version_in(Value meta) { return parse_resource_version(text(meta, "resourceVersion")); }

// The object's metadata, which must be present.
Value read_meta(Value source, const Projection& projection, ObjectMeta& meta) {
  const Value json = object(source, "metadata");
  if (!json) malformed("metadata is missing");
  text(json, "name", meta.name);
  text(json, "namespace", meta.ns);
  text(json, "uid", meta.uid);
  meta.resource_version = version_in(json);
  const std::string created = text(json, "creationTimestamp");
  if (!created.empty()) meta.creation_timestamp = parse_time(created);
  meta.terminating = static_cast<bool>(member(json, "deletionTimestamp"));
  keep_all(json, "labels", projection.labels, meta.labels);
  keep_all(json, "annotations", projection.annotations, meta.annotations);
  if (meta.name.empty()) malformed("metadata.name is missing");
  if (meta.resource_version == 0) malformed("metadata.resourceVersion is missing");
  return json;
}

void read_pod_spec(Value spec, Pod& pod) {
  text(spec, "nodeName", pod.node);
  boolean(spec, "hostNetwork", pod.host_network);
}

void read_pod_status(Value status, Pod& pod) {
  pod.phase = parse_phase(text(status, "phase"));
  each(status, "conditions", [&](Value condition) {
    if (text(condition, "type") == "Ready" && text(condition, "status") == "True") pod.ready = true;
  });
}

ServicePort read_service_port(Value json) {
  ServicePort port;
  text(json, "name", port.name);
  text(json, "protocol", port.protocol);
  int32(json, "port", port.port);
  int32(json, "nodePort", port.node_port);
  if (const Value target = member(json, "targetPort")) {
    if (target.is_text())
      assign(target, port.target_name);
    else
      port.target_port = int32_of(target, "targetPort");
  }
  complete(port);
  return port;
}

void read_service_spec(Value spec, Service& service) {
  service.type = parse_service_type(text(spec, "type"));
  each(spec, "ports", [&](Value port) { service.ports.push_back(read_service_port(port)); });
  texts(spec, "clusterIPs", service.cluster_ips);
  const std::string cluster_ip = text(spec, "clusterIP");
  if (service.cluster_ips.empty() && !cluster_ip.empty()) service.cluster_ips.push_back(cluster_ip);
  texts(spec, "externalIPs", service.external_ips);
  const Value selector = object(spec, "selector");
  service.has_selector = selector && !selector.is_empty();
  boolean(spec, "publishNotReadyAddresses", service.publish_not_ready_addresses);
  service.has_load_balancer_class = static_cast<bool>(member(spec, "loadBalancerClass"));
  text(spec, "loadBalancerClass", service.load_balancer_class);
  text(spec, "loadBalancerIP", service.load_balancer_ip);
  texts(spec, "loadBalancerSourceRanges", service.load_balancer_source_ranges);
  text(spec, "externalTrafficPolicy", service.external_traffic_policy);
  text(spec, "internalTrafficPolicy", service.internal_traffic_policy);
  text(spec, "sessionAffinity", service.session_affinity);
}

void read_service_status(Value status, Service& service) {
  const Value balancer = object(status, "loadBalancer");
  if (!balancer) return;
  each(balancer, "ingress", [&](Value ingress) {
    std::string ip = text(ingress, "ip");
    service.ingress.push_back(ip.empty() ? text(ingress, "hostname") : std::move(ip));
  });
}

Endpoint read_endpoint(Value json) {
  Endpoint endpoint;
  texts(json, "addresses", endpoint.addresses);
  endpoint.ready = true;  // the default of an absent condition
  if (const Value conditions = object(json, "conditions")) boolean(conditions, "ready", endpoint.ready);
  endpoint.serving = endpoint.ready;
  if (const Value conditions = object(json, "conditions")) {
    boolean(conditions, "serving", endpoint.serving);
    boolean(conditions, "terminating", endpoint.terminating);
  }
  if (const Value target = object(json, "targetRef")) {
    text(target, "kind", endpoint.target_kind);
    text(target, "namespace", endpoint.target_ns);
    text(target, "name", endpoint.target_name);
    text(target, "uid", endpoint.target_uid);
  }
  text(json, "nodeName", endpoint.node);
  return endpoint;
}

EndpointPort read_endpoint_port(Value json) {
  EndpointPort port;
  text(json, "name", port.name);
  text(json, "protocol", port.protocol);
  int32(json, "port", port.port);
  complete(port);
  return port;
}

}  // namespace

void check_kind(Value source, std::string_view api_version, std::string_view kind) {
  k8s::check_kind(text(source, "apiVersion"), text(source, "kind"), api_version, kind);
}

ListMeta read_list_meta(Value json) {
  ListMeta meta;
  meta.resource_version = version_in(json);
  text(json, "continue", meta.continue_token);
  return meta;
}

Status read_status(Value json) {
  Status status;
  std::int32_t code = 0, seconds = 0;
  int32(json, "code", code);
  status.code = code;
  text(json, "reason", status.reason);
  text(json, "message", status.message);
  const Value details = object(json, "details");
  if (!details) return status;
  int32(details, "retryAfterSeconds", seconds);
  if (seconds > 0) status.retry_after = std::chrono::seconds(seconds);
  each(details, "causes", [&](Value cause) {
    status.causes.push_back({text(cause, "reason"), text(cause, "message"), text(cause, "field")});
  });
  return status;
}

Bookmark read_bookmark(Value source) {
  const Value meta = object(source, "metadata");
  return {version_in(meta), meta && entry(meta, "annotations", initial_events_end_annotation) == "true"};
}

template <>
void read_object<Pod>(const Projection& projection, Value source, Pod& pod) {
  Value meta = read_meta(source, projection, pod.meta);
  pod.mirror = has_entry(meta, "annotations", mirror_annotation);
  if (const Value spec = object(source, "spec")) read_pod_spec(spec, pod);
  if (const Value status = object(source, "status")) read_pod_status(status, pod);
}

template <>
void read_object<Service>(const Projection& projection, Value source, Service& service) {
  read_meta(source, projection, service.meta);
  if (const Value spec = object(source, "spec")) read_service_spec(spec, service);
  if (const Value status = object(source, "status")) read_service_status(status, service);
}

template <>
void read_object<Namespace>(const Projection& projection, Value source, Namespace& ns) {
  read_meta(source, projection, ns.meta);
}

template <>
void read_object<EndpointSlice>(const Projection& projection, Value source, EndpointSlice& slice) {
  Value meta = read_meta(source, projection, slice.meta);
  slice.service = entry(meta, "labels", service_name_label);
  slice.address_type = parse_address_type(text(source, "addressType"));
  each(source, "endpoints", [&](Value json) { slice.endpoints.push_back(read_endpoint(json)); });
  each(source, "ports", [&](Value json) {
    if (slice.ports.size() < max_slice_ports) slice.ports.push_back(read_endpoint_port(json));
  });
}

}  // namespace k8s::js
