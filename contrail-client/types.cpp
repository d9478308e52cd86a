#include "contrail-client/types.hpp"

#include <array>

namespace contrail {
namespace {

struct TypeNames {
  std::string_view name;
  std::string_view plural;
  std::string_view parent;
};

// In the order of Type.
constexpr std::array<TypeNames, type_count> types{{
    {"project", "projects", "domain"},
    {"virtual-network", "virtual-networks", "project"},
    {"network-ipam", "network-ipams", "project"},
    {"network-policy", "network-policys", "project"},
    {"floating-ip-pool", "floating-ip-pools", "virtual-network"},
    {"floating-ip", "floating-ips", "floating-ip-pool"},
    {"virtual-machine", "virtual-machines", ""},
    {"virtual-machine-interface", "virtual-machine-interfaces", "project"},
    {"instance-ip", "instance-ips", ""},
}};

// In the order of Field.
constexpr std::array<std::string_view, field_count> members{
    "display_name",
    "annotations",
    "virtual_network_refs",
    "virtual_machine_refs",
    "virtual_machine_interface_refs",
    "project_refs",
    "network_policy_refs",
    "network_ipam_refs",
    "virtual_machine_interface_mac_addresses",
    "floating_ip_address",
    "instance_ip_mode",
    "floating_ip_traffic_direction",
    "floating_ip_port_mappings",
    "network_policy_entries",
};

const TypeNames& names(Type type) { return types[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view name(Type type) { return names(type).name; }
std::string_view plural(Type type) { return names(type).plural; }
std::string_view parent_type(Type type) { return names(type).parent; }

std::optional<Type> type_named(std::string_view name) {
  for (std::size_t i = 0; i < types.size(); ++i)
    if (types[i].name == name) return static_cast<Type>(i);
  return std::nullopt;
}

FqName parent_of(const FqName& name) {
  const auto colon = name.rfind(':');
  return colon == name.npos ? FqName{} : name.substr(0, colon);
}

std::string_view last_of(const FqName& name) {
  const auto colon = name.rfind(':');
  return std::string_view{name}.substr(colon == name.npos ? 0 : colon + 1);
}

std::vector<std::string> elements(const FqName& name) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const auto colon = name.find(':', start);
    parts.push_back(name.substr(start, colon == name.npos ? name.npos : colon - start));
    if (colon == name.npos) return parts;
    start = colon + 1;
  }
}

FqName join(const std::vector<std::string>& elements) {
  FqName name;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) name += ':';
    name += elements[i];
  }
  return name;
}

std::string_view member(Field field) { return members[static_cast<std::size_t>(field)]; }

std::string_view member(Type type, Field field) {
  return field == Field::address && type == Type::instance_ip ? "instance_ip_address" : member(field);
}

const std::vector<Field>& fields_of(Type type) {
  using enum Field;
  static const std::array<std::vector<Field>, type_count> fields{{
      {display_name, annotations},                                                                   // project
      {display_name, annotations, policies, ipams},                                                  // virtual-network
      {display_name, annotations},                                                                   // network-ipam
      {display_name, annotations, rules},                                                            // network-policy
      {display_name, annotations},                                                                   // floating-ip-pool
      {display_name, annotations, interfaces, projects, address, traffic_direction, port_mappings},  // floating-ip
      {display_name, annotations},                                                                   // virtual-machine
      {display_name, annotations, networks, machines, mac},                                          // …-interface
      {display_name, annotations, networks, interfaces, address, instance_ip_mode},                  // instance-ip
  }};
  return fields[static_cast<std::size_t>(type)];
}

}  // namespace contrail
