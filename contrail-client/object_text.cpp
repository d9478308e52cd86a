#include "contrail-client/object_text.hpp"

#include "contrail-client/json_text.hpp"

namespace contrail {
namespace {

void open_member(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
}

// `open` … `close` around the elements, with commas between them.
template <class List, class Append>
void append_list(std::string& out, std::string_view open, const List& list, std::string_view close, Append append) {
  out += open;
  bool first = true;
  for (const auto& element : list) {
    if (!first) out += ',';
    first = false;
    append(element);
  }
  out += close;
}

void append_annotations(std::string& out, const Object& object) {
  append_list(out, "{\"key_value_pair\":[", object.annotations, "]}", [&](const auto& pair) {
    out += "{\"key\":";
    append_json_string(out, pair.first);
    out += ",\"value\":";
    append_json_string(out, pair.second);
    out += '}';
  });
}

void append_references(std::string& out, const std::vector<Reference>& references) {
  append_list(out, "[", references, "]", [&](const Reference& reference) {
    out += "{\"to\":";
    append_name(out, reference.to);
    out += '}';
  });
}

// The server requires the key `attr` for policies and ipams, and accepts null as its value.
void append_policies(std::string& out, const std::vector<PolicyReference>& references) {
  append_list(out, "[", references, "]", [&](const PolicyReference& reference) {
    out += "{\"to\":";
    append_name(out, reference.to);
    out += ",\"attr\":";
    if (reference.sequence)
      append_sequence(out, *reference.sequence);
    else
      out += "null";
    out += '}';
  });
}

void append_subnet(std::string& out, const Subnet& subnet) {
  if (!subnet.raw.empty()) {
    out += subnet.raw;
    return;
  }
  out += "{\"subnet\":{\"ip_prefix\":\"";
  out += subnet.cidr.base.text();
  out += "\",\"ip_prefix_len\":";
  append_number(out, subnet.cidr.length);
  out += '}';
  if (!subnet.subnet_uuid.is_nil()) {
    out += ",\"subnet_uuid\":";
    append_uuid(out, subnet.subnet_uuid);
  }
  if (subnet.gateway) out.append(",\"default_gateway\":\"").append(subnet.gateway->text()).append(1, '"');
  if (subnet.dns) out.append(",\"dns_server_address\":\"").append(subnet.dns->text()).append(1, '"');
  out += '}';
}

void append_ipams(std::string& out, const std::vector<IpamReference>& references) {
  append_list(out, "[", references, "]", [&](const IpamReference& reference) {
    out += "{\"to\":";
    append_name(out, reference.to);
    append_list(out, ",\"attr\":{\"ipam_subnets\":[", reference.subnets, "]}}",
                [&](const Subnet& subnet) { append_subnet(out, subnet); });
  });
}

void append_mac(std::string& out, const std::string& mac) {
  out += "{\"mac_address\":[";
  if (!mac.empty()) append_json_string(out, mac);
  out += "]}";
}

void append_port_mappings(std::string& out, const Object& object) {
  append_list(out, "{\"port_mappings\":[", object.port_mappings, "]}", [&](const PortMapping& mapping) {
    out += "{\"protocol\":";
    append_json_string(out, mapping.protocol);
    out += ",\"src_port\":";
    append_number(out, mapping.source);
    out += ",\"dst_port\":";
    append_number(out, mapping.destination);
    out += '}';
  });
  out += ",\"floating_ip_port_mappings_enable\":";
  out += object.port_mappings_enable ? "true" : "false";
}

void append_networks(std::string& out, std::string_view open, const std::vector<FqName>& networks) {
  append_list(out, open, networks, "]", [&](const FqName& network) {
    out += "{\"virtual_network\":";
    append_json_string(out, network);
    out += '}';
  });
}

void append_rule(std::string& out, const Rule& rule) {
  if (!rule.raw.empty()) {
    out += rule.raw;
    return;
  }
  append_networks(out, R"({"protocol":"any","direction":"<>","src_addresses":[)", rule.sources);
  append_networks(out, R"(,"dst_addresses":[)", rule.destinations);
  out += R"(,"src_ports":[{"start_port":-1,"end_port":-1}],"dst_ports":[{"start_port":-1,"end_port":-1}])";
  out += R"(,"action_list":{"simple_action":"pass"})";
  if (!rule.uuid.is_nil()) {
    out += ",\"rule_uuid\":";
    append_uuid(out, rule.uuid);
  }
  out += '}';
}

bool has_no_empty_form(const Object& object, Field field) {
  switch (field) {
    case Field::address:
      return !object.address;
    case Field::instance_ip_mode:
      return object.instance_ip_mode.empty();
    case Field::traffic_direction:
      return object.traffic_direction.empty();
    default:
      return false;
  }
}

}  // namespace

void append_identity(std::string& out, const Object& object) {
  open_member(out, "fq_name");
  append_name(out, object.fq_name);
  if (const auto parent = parent_type(object.type); !parent.empty()) {
    open_member(out, "parent_type");
    append_json_string(out, parent);
  }
  if (!object.uuid.is_nil()) {
    open_member(out, "uuid");
    append_uuid(out, object.uuid);
  }
}

bool belongs_in_create(const Object& object, Field field) {
  switch (field) {
    case Field::display_name:
      return !object.display_name.empty();
    case Field::annotations:
      return !object.annotations.empty();
    case Field::networks:
      return !object.networks.empty();
    case Field::machines:
      return !object.machines.empty();
    case Field::interfaces:
      return !object.interfaces.empty();
    case Field::projects:
      return !object.projects.empty();
    case Field::policies:
      return !object.policies.empty();
    case Field::ipams:
      return !object.ipams.empty();
    case Field::mac:
      return !object.mac.empty();
    case Field::port_mappings:
      return object.port_mappings_enable || !object.port_mappings.empty();
    default:
      return !has_no_empty_form(object, field);
  }
}

void append_field(std::string& out, const Object& object, Field field) {
  if (has_no_empty_form(object, field)) return;
  open_member(out, member(object.type, field));
  switch (field) {
    case Field::display_name:
      return append_json_string(out, object.display_name);
    case Field::annotations:
      return append_annotations(out, object);
    case Field::networks:
      return append_references(out, object.networks);
    case Field::machines:
      return append_references(out, object.machines);
    case Field::interfaces:
      return append_references(out, object.interfaces);
    case Field::projects:
      return append_references(out, object.projects);
    case Field::policies:
      return append_policies(out, object.policies);
    case Field::ipams:
      return append_ipams(out, object.ipams);
    case Field::mac:
      return append_mac(out, object.mac);
    case Field::address:
      return append_json_string(out, object.address->text());
    case Field::instance_ip_mode:
      return append_json_string(out, object.instance_ip_mode);
    case Field::traffic_direction:
      return append_json_string(out, object.traffic_direction);
    case Field::port_mappings:
      return append_port_mappings(out, object);
    case Field::rules:
      return append_list(out, "{\"policy_rule\":[", object.rules, "]}",
                         [&](const Rule& rule) { append_rule(out, rule); });
  }
}

void append_sequence(std::string& out, const Sequence& sequence) {
  out += "{\"sequence\":{\"major\":";
  append_number(out, sequence.major);
  out += ",\"minor\":";
  append_number(out, sequence.minor);
  out += "}}";
}

}  // namespace contrail
