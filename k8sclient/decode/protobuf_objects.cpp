#include "k8sclient/decode/protobuf_objects.hpp"

#include <optional>

#include "base/utf8.hpp"
#include "k8sclient/decode/protobuf_fields.hpp"

namespace k8s::pb {
namespace {

struct Pair {
  std::string_view key, value;
};

// A pair as all servers write it: the key and then the value, each shorter than 128 bytes. False: it is another one.
bool read_short_pair(std::string_view message, Pair& pair) {
  constexpr char key_field = 1 << 3 | 2, value_field = 2 << 3 | 2;
  if (message.size() < 4 || message.size() > 127 || message[0] != key_field) return false;
  const auto key = static_cast<unsigned char>(message[1]);
  if (key > message.size() - 4 || message[key + 2] != value_field) return false;
  const auto value = static_cast<unsigned char>(message[key + 3]);
  if (key + value != message.size() - 4) return false;
  pair = {message.substr(2, key), message.substr(key + 4)};
  return true;
}

Pair read_pair(std::string_view message) {
  Pair pair;
  if (read_short_pair(message, pair)) return pair;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        pair.key = bytes(r);
        break;
      case 2:
        pair.value = bytes(r);
        break;
      default:
        break;
    }
  });
  return pair;
}

std::int64_t read_seconds(std::string_view message) {
  std::int64_t seconds = 0;
  each(message, [&](const Reader& r) {
    if (r.tag() == 1) seconds = int64(r);
  });
  return seconds;
}

// Fields of an object's metadata besides ObjectMeta, independent of the projection.
struct Marks {
  bool mirror = false;
  std::string service_name;
};

void read_meta(std::string_view message, const Projection& projection, ObjectMeta& meta, Marks& marks) {
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        meta.name = text(r);
        break;
      case 3:
        meta.ns = text(r);
        break;
      case 5:
        meta.uid = text(r);
        break;
      case 6:
        meta.resource_version = parse_resource_version(text(r));
        break;
      case 8:
        meta.creation_timestamp = read_seconds(bytes(r));
        break;
      case 9:
        bytes(r);
        meta.terminating = true;
        break;
      case 11: {
        const Pair label = read_pair(bytes(r));
        if (label.key == service_name_label) marks.service_name = label.value;
        keep(projection.labels, label.key, label.value, meta.labels);
        break;
      }
      case 12: {
        const Pair annotation = read_pair(bytes(r));
        if (annotation.key == mirror_annotation) marks.mirror = true;
        keep(projection.annotations, annotation.key, annotation.value, meta.annotations);
        break;
      }
      default:
        break;
    }
  });
}

// An object without a name cannot be stored.
void check_meta(const ObjectMeta& meta) {
  if (meta.name.empty()) malformed("metadata.name is missing");
  if (meta.resource_version == 0) malformed("metadata.resourceVersion is missing");
}

void read_pod_spec(std::string_view message, Pod& pod) {
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 10:
        pod.node = text(r);
        break;
      case 11:
        pod.host_network = boolean(r);
        break;
      default:
        break;
    }
  });
}

bool is_ready_condition(std::string_view message) {
  std::string_view type, status;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        type = bytes(r);
        break;
      case 2:
        status = bytes(r);
        break;
      default:
        break;
    }
  });
  return type == "Ready" && status == "True";
}

void read_pod_status(std::string_view message, Pod& pod) {
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        pod.phase = parse_phase(text(r));
        break;
      case 2:
        pod.ready = is_ready_condition(bytes(r)) || pod.ready;
        break;
      default:
        break;
    }
  });
}

// intstr.IntOrString: type 0 is a number, 1 a name.
void read_target_port(std::string_view message, ServicePort& port) {
  std::int64_t type = 0;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        type = int64(r);
        break;
      case 2:
        port.target_port = int32(r);
        break;
      case 3:
        port.target_name = text(r);
        break;
      default:
        break;
    }
  });
  if (type == 0)
    port.target_name.clear();
  else
    port.target_port = 0;
}

ServicePort read_service_port(std::string_view message) {
  ServicePort port;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        port.name = text(r);
        break;
      case 2:
        port.protocol = text(r);
        break;
      case 3:
        port.port = int32(r);
        break;
      case 4:
        read_target_port(bytes(r), port);
        break;
      case 5:
        port.node_port = int32(r);
        break;
      default:
        break;
    }
  });
  complete(port);
  return port;
}

void read_service_spec(std::string_view message, Service& service) {
  std::string cluster_ip;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        service.ports.push_back(read_service_port(bytes(r)));
        break;
      case 2:
        bytes(r);
        service.has_selector = true;
        break;
      case 3:
        cluster_ip = text(r);
        break;
      case 4:
        service.type = parse_service_type(text(r));
        break;
      case 5:
        service.external_ips.emplace_back(text(r));
        break;
      case 7:
        service.session_affinity = text(r);
        break;
      case 8:
        service.load_balancer_ip = text(r);
        break;
      case 9:
        service.load_balancer_source_ranges.emplace_back(text(r));
        break;
      case 11:
        service.external_traffic_policy = text(r);
        break;
      case 13:
        service.publish_not_ready_addresses = boolean(r);
        break;
      case 18:
        service.cluster_ips.emplace_back(text(r));
        break;
      case 21:
        service.load_balancer_class = text(r);
        service.has_load_balancer_class = true;
        break;
      case 22:
        service.internal_traffic_policy = text(r);
        break;
      default:
        break;
    }
  });
  if (service.cluster_ips.empty() && !cluster_ip.empty()) service.cluster_ips.push_back(std::move(cluster_ip));
}

std::string read_ingress(std::string_view message) {
  std::string ip, hostname;
  each(message, [&](const Reader& r) {
    if (r.tag() == 1)
      ip = text(r);
    else if (r.tag() == 2)
      hostname = text(r);
  });
  return ip.empty() ? hostname : ip;
}

void read_service_status(std::string_view message, Service& service) {
  each(message, [&](const Reader& r) {
    if (r.tag() != 1) return;
    each(bytes(r), [&](const Reader& balancer) {
      if (balancer.tag() != 1) return;
      service.ingress.push_back(read_ingress(bytes(balancer)));
    });
  });
}

void read_conditions(std::string_view message, Endpoint& endpoint) {
  std::optional<bool> ready, serving;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        ready = boolean(r);
        break;
      case 2:
        serving = boolean(r);
        break;
      case 3:
        endpoint.terminating = boolean(r);
        break;
      default:
        break;
    }
  });
  endpoint.ready = ready.value_or(true);
  endpoint.serving = serving.value_or(endpoint.ready);
}

void read_target(std::string_view message, Endpoint& endpoint) {
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        endpoint.target_kind = text(r);
        break;
      case 2:
        endpoint.target_ns = text(r);
        break;
      case 3:
        endpoint.target_name = text(r);
        break;
      case 4:
        endpoint.target_uid = text(r);
        break;
      default:
        break;
    }
  });
}

Endpoint read_endpoint(std::string_view message) {
  Endpoint endpoint;
  endpoint.ready = endpoint.serving = true;  // no conditions at all
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        endpoint.addresses.emplace_back(text(r));
        break;
      case 2:
        read_conditions(bytes(r), endpoint);
        break;
      case 4:
        read_target(bytes(r), endpoint);
        break;
      case 6:
        endpoint.node = text(r);
        break;
      default:
        break;
    }
  });
  return endpoint;
}

EndpointPort read_endpoint_port(std::string_view message) {
  EndpointPort port;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        port.name = text(r);
        break;
      case 2:
        port.protocol = text(r);
        break;
      case 3:
        port.port = int32(r);
        break;
      default:
        break;
    }
  });
  complete(port);
  return port;
}

}  // namespace

Bookmark read_bookmark(std::string_view object) {
  static const Projection projection{.annotations = {std::string(initial_events_end_annotation)}};
  ObjectMeta meta;
  Marks marks;
  each(object, [&](const Reader& r) {
    if (r.tag() == 1) read_meta(bytes(r), projection, meta, marks);
  });
  const auto* end = find_value(meta.annotations, projection.annotations.front());
  return {meta.resource_version, end && *end == "true"};
}

template <>
void read_object<Pod>(const Projection& projection, std::string_view message, Pod& pod) {
  Marks marks;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(bytes(r), projection, pod.meta, marks);
        break;
      case 2:
        read_pod_spec(bytes(r), pod);
        break;
      case 3:
        read_pod_status(bytes(r), pod);
        break;
      default:
        break;
    }
  });
  check_meta(pod.meta);
  pod.mirror = marks.mirror;
}

template <>
void read_object<Service>(const Projection& projection, std::string_view message, Service& service) {
  Marks marks;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(bytes(r), projection, service.meta, marks);
        break;
      case 2:
        read_service_spec(bytes(r), service);
        break;
      case 3:
        read_service_status(bytes(r), service);
        break;
      default:
        break;
    }
  });
  check_meta(service.meta);
}

template <>
void read_object<Namespace>(const Projection& projection, std::string_view message, Namespace& ns) {
  Marks marks;
  each(message, [&](const Reader& r) {
    if (r.tag() == 1) read_meta(bytes(r), projection, ns.meta, marks);
  });
  check_meta(ns.meta);
}

template <>
void read_object<EndpointSlice>(const Projection& projection, std::string_view message, EndpointSlice& slice) {
  Marks marks;
  each(message, [&](const Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(bytes(r), projection, slice.meta, marks);
        break;
      case 2:
        slice.endpoints.push_back(read_endpoint(bytes(r)));
        break;
      case 3: {
        const auto port = bytes(r);
        if (slice.ports.size() < max_slice_ports) slice.ports.push_back(read_endpoint_port(port));
        break;
      }
      case 4:
        slice.address_type = parse_address_type(text(r));
        break;
      default:
        break;
    }
  });
  check_meta(slice.meta);
  if (!base::is_utf8(marks.service_name)) malformed("the name of the Service is not UTF-8");
  slice.service = std::move(marks.service_name);
}

}  // namespace k8s::pb
