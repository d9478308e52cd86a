#include "k8sclient/decode/protobuf_objects.hpp"

#include <optional>

#include "base/utf8.hpp"
#include "k8sclient/decode/protobuf_fields.hpp"

namespace k8s::pb {
namespace {

struct Pair {
  std::string_view key, value;
};

Pair read_pair(Reader reader) {
  Pair pair;
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        pair.key = bytes(r);
        break;
      case 2:
        pair.value = bytes(r);
        break;
      default:
        r.skip();
    }
  });
  return pair;
}

std::int64_t read_seconds(Reader reader) {
  std::int64_t seconds = 0;
  each(std::move(reader), [&](Reader& r) {
    if (r.tag() == 1)
      seconds = int64(r);
    else
      r.skip();
  });
  return seconds;
}

// Fields of an object's metadata besides ObjectMeta, independent of the projection.
struct Marks {
  bool mirror = false;
  std::string service_name;
};

void read_meta(Reader reader, const Projection& projection, ObjectMeta& meta, Marks& marks) {
  each(std::move(reader), [&](Reader& r) {
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
        meta.creation_timestamp = read_seconds(message(r));
        break;
      case 9:
        message(r);
        meta.terminating = true;
        break;
      case 11: {
        const Pair label = read_pair(message(r));
        if (label.key == service_name_label) marks.service_name = label.value;
        keep(projection.labels, label.key, label.value, meta.labels);
        break;
      }
      case 12: {
        const Pair annotation = read_pair(message(r));
        if (annotation.key == mirror_annotation) marks.mirror = true;
        keep(projection.annotations, annotation.key, annotation.value, meta.annotations);
        break;
      }
      default:
        r.skip();
    }
  });
}

// An object without a name cannot be stored.
void check_meta(const ObjectMeta& meta) {
  if (meta.name.empty()) malformed("metadata.name is missing");
  if (meta.resource_version == 0) malformed("metadata.resourceVersion is missing");
}

void read_pod_spec(Reader reader, Pod& pod) {
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 10:
        pod.node = text(r);
        break;
      case 11:
        pod.host_network = boolean(r);
        break;
      default:
        r.skip();
    }
  });
}

bool is_ready_condition(Reader reader) {
  std::string_view type, status;
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        type = bytes(r);
        break;
      case 2:
        status = bytes(r);
        break;
      default:
        r.skip();
    }
  });
  return type == "Ready" && status == "True";
}

void read_pod_status(Reader reader, Pod& pod) {
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        pod.phase = parse_phase(text(r));
        break;
      case 2:
        pod.ready = is_ready_condition(message(r)) || pod.ready;
        break;
      default:
        r.skip();
    }
  });
}

// intstr.IntOrString: type 0 is a number, 1 a name.
void read_target_port(Reader reader, ServicePort& port) {
  std::int64_t type = 0;
  each(std::move(reader), [&](Reader& r) {
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
        r.skip();
    }
  });
  if (type == 0)
    port.target_name.clear();
  else
    port.target_port = 0;
}

ServicePort read_service_port(Reader reader) {
  ServicePort port;
  each(std::move(reader), [&](Reader& r) {
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
        read_target_port(message(r), port);
        break;
      case 5:
        port.node_port = int32(r);
        break;
      default:
        r.skip();
    }
  });
  complete(port);
  return port;
}

void read_service_spec(Reader reader, Service& service) {
  std::string cluster_ip;
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        service.ports.push_back(read_service_port(message(r)));
        break;
      case 2:
        message(r);
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
        r.skip();
    }
  });
  if (service.cluster_ips.empty() && !cluster_ip.empty()) service.cluster_ips.push_back(std::move(cluster_ip));
}

std::string read_ingress(Reader reader) {
  std::string ip, hostname;
  each(std::move(reader), [&](Reader& r) {
    if (r.tag() == 1)
      ip = text(r);
    else if (r.tag() == 2)
      hostname = text(r);
    else
      r.skip();
  });
  return ip.empty() ? hostname : ip;
}

void read_service_status(Reader reader, Service& service) {
  each(std::move(reader), [&](Reader& r) {
    if (r.tag() != 1) return r.skip();
    each(message(r), [&](Reader& balancer) {
      if (balancer.tag() != 1) return balancer.skip();
      service.ingress.push_back(read_ingress(message(balancer)));
    });
  });
}

void read_conditions(Reader reader, Endpoint& endpoint) {
  std::optional<bool> ready, serving;
  each(std::move(reader), [&](Reader& r) {
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
        r.skip();
    }
  });
  endpoint.ready = ready.value_or(true);
  endpoint.serving = serving.value_or(endpoint.ready);
}

void read_target(Reader reader, Endpoint& endpoint) {
  each(std::move(reader), [&](Reader& r) {
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
        r.skip();
    }
  });
}

Endpoint read_endpoint(Reader reader) {
  Endpoint endpoint;
  endpoint.ready = endpoint.serving = true;  // no conditions at all
  each(std::move(reader), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        endpoint.addresses.emplace_back(text(r));
        break;
      case 2:
        read_conditions(message(r), endpoint);
        break;
      case 4:
        read_target(message(r), endpoint);
        break;
      case 6:
        endpoint.node = text(r);
        break;
      default:
        r.skip();
    }
  });
  return endpoint;
}

EndpointPort read_endpoint_port(Reader reader) {
  EndpointPort port;
  each(std::move(reader), [&](Reader& r) {
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
        r.skip();
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
  each(Reader(object.data(), object.size()), [&](Reader& r) {
    if (r.tag() == 1)
      read_meta(message(r), projection, meta, marks);
    else
      r.skip();
  });
  const auto* end = find_value(meta.annotations, projection.annotations.front());
  return {meta.resource_version, end && *end == "true"};
}

template <>
Pod read_object<Pod>(const Projection& projection, std::string_view bytes) {
  Pod pod;
  Marks marks;
  each(Reader(bytes.data(), bytes.size()), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(message(r), projection, pod.meta, marks);
        break;
      case 2:
        read_pod_spec(message(r), pod);
        break;
      case 3:
        read_pod_status(message(r), pod);
        break;
      default:
        r.skip();
    }
  });
  check_meta(pod.meta);
  pod.mirror = marks.mirror;
  return pod;
}

template <>
Service read_object<Service>(const Projection& projection, std::string_view bytes) {
  Service service;
  Marks marks;
  each(Reader(bytes.data(), bytes.size()), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(message(r), projection, service.meta, marks);
        break;
      case 2:
        read_service_spec(message(r), service);
        break;
      case 3:
        read_service_status(message(r), service);
        break;
      default:
        r.skip();
    }
  });
  check_meta(service.meta);
  return service;
}

template <>
Namespace read_object<Namespace>(const Projection& projection, std::string_view bytes) {
  Namespace ns;
  Marks marks;
  each(Reader(bytes.data(), bytes.size()), [&](Reader& r) {
    if (r.tag() == 1)
      read_meta(message(r), projection, ns.meta, marks);
    else
      r.skip();
  });
  check_meta(ns.meta);
  return ns;
}

template <>
EndpointSlice read_object<EndpointSlice>(const Projection& projection, std::string_view bytes) {
  EndpointSlice slice;
  Marks marks;
  each(Reader(bytes.data(), bytes.size()), [&](Reader& r) {
    switch (r.tag()) {
      case 1:
        read_meta(message(r), projection, slice.meta, marks);
        break;
      case 2:
        slice.endpoints.push_back(read_endpoint(message(r)));
        break;
      case 3: {
        const auto port = message(r);
        if (slice.ports.size() < max_slice_ports) slice.ports.push_back(read_endpoint_port(port));
        break;
      }
      case 4:
        slice.address_type = parse_address_type(text(r));
        break;
      default:
        r.skip();
    }
  });
  check_meta(slice.meta);
  if (!base::is_utf8(marks.service_name)) malformed("the name of the Service is not UTF-8");
  slice.service = std::move(marks.service_name);
  return slice;
}

}  // namespace k8s::pb
