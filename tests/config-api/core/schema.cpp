#include "tests/config-api/core/schema.hpp"

#include <algorithm>
#include <climits>

namespace standin {
namespace {

using Kind = PropertyInfo::Kind;

Shape number() { return integer(INT_MIN, UINT_MAX); }

Shape key_value_pairs() {
  return structure({{"key_value_pair", list(structure({{"key", text()}, {"value", text()}}))}});
}

Shape subnet() { return structure({{"ip_prefix", text()}, {"ip_prefix_len", number()}}); }

Shape route_table() { return structure({{"route", list(anything())}}); }

Shape dhcp_options() { return structure({{"dhcp_option", list(anything())}}); }

Shape route_targets() { return structure({{"route_target", list(text())}}); }

/// The attr of a network's reference to an ipam.
Shape ipam_subnets() {
  const Shape pool = structure({{"start", text()}, {"end", text()}, {"vrouter_specific_pool", boolean()}});
  const Shape one = structure({{"subnet", subnet()},
                               {"default_gateway", text()},
                               {"dns_server_address", text()},
                               {"subnet_uuid", text()},
                               {"subnet_name", text()},
                               {"enable_dhcp", boolean()},
                               {"dns_nameservers", list(text())},
                               {"allocation_pools", list(pool)},
                               {"addr_from_start", boolean()},
                               {"dhcp_option_list", dhcp_options()},
                               {"host_routes", route_table()},
                               {"alloc_unit", number()},
                               {"created", text()},
                               {"last_modified", text()},
                               {"subscriber_tag", text()},
                               {"vlan_tag", number()},
                               {"dhcp_relay_server", list(text())}});
  return structure({{"ipam_subnets", list(one)}, {"host_routes", route_table()}});
}

/// The attr of a network's reference to a policy.
Shape policy_attachment() {
  return structure(
      {{"sequence", structure({{"major", number()}, {"minor", number()}})},
       {"timer",
        structure({{"start_time", text()}, {"on_interval", text()}, {"off_interval", text()}, {"end_time", text()}})}});
}

Shape policy_entries() {
  const Shape port = integer(-1, 65535);
  const Shape ports = list(structure({{"start_port", port}, {"end_port", port}}));
  const Shape addresses = list(structure({{"subnet", subnet()},
                                          {"virtual_network", text()},
                                          {"security_group", text()},
                                          {"network_policy", text()},
                                          {"subnet_list", list(subnet())}}));
  const Shape actions = structure({{"simple_action", choice({"deny", "pass"})},
                                   {"gateway_name", text()},
                                   {"apply_service", list(text())},
                                   {"mirror_to", anything()},
                                   {"assign_routing_instance", text()},
                                   {"log", boolean()},
                                   {"alert", boolean()},
                                   {"qos_action", text()},
                                   {"host_based_service", boolean()}});
  const Shape rule = structure({{"rule_sequence", structure({{"major", number()}, {"minor", number()}})},
                                {"rule_uuid", text()},
                                {"direction", choice({">", "<>"})},
                                {"protocol", text()},
                                {"src_addresses", addresses},
                                {"src_ports", ports},
                                {"application", list(text())},
                                {"dst_addresses", addresses},
                                {"dst_ports", ports},
                                {"action_list", actions},
                                {"ethertype", choice({"IPv4", "IPv6"})},
                                {"created", text()},
                                {"last_modified", text()}});
  return structure({{"policy_rule", list(rule)}});
}

Shape quota() {
  Shape shape = structure({});
  for (const char* name : {"defaults",
                           "floating_ip",
                           "instance_ip",
                           "virtual_machine_interface",
                           "virtual_network",
                           "virtual_router",
                           "virtual_DNS",
                           "virtual_DNS_record",
                           "bgp_router",
                           "network_ipam",
                           "access_control_list",
                           "network_policy",
                           "floating_ip_pool",
                           "service_template",
                           "service_instance",
                           "logical_router",
                           "security_group",
                           "security_group_rule",
                           "subnet",
                           "global_vrouter_config",
                           "loadbalancer_pool",
                           "loadbalancer_member",
                           "loadbalancer_healthmonitor",
                           "virtual_ip",
                           "route_table",
                           "security_logging_object",
                           "firewall_group",
                           "firewall_policy",
                           "firewall_rule",
                           "host_based_service"}) {
    shape.fields.push_back({name, number()});
  }
  return shape;
}

Shape network_properties() {
  return structure({{"allow_transit", boolean()},
                    {"network_id", number()},
                    {"vxlan_network_identifier", integer(1, 16777215)},
                    {"forwarding_mode", choice({"l2_l3", "l2", "l3"})},
                    {"rpf", choice({"enable", "disable"})},
                    {"mirror_destination", boolean()},
                    {"max_flows", number()}});
}

std::vector<PropertyInfo> domain_properties() {
  return {{"domain_limits",
           structure(
               {{"project_limit", number()}, {"virtual_network_limit", number()}, {"security_group_limit", number()}}),
           Kind::plain, ""}};
}

std::vector<PropertyInfo> project_properties() {
  return {{"quota", quota(), Kind::plain, ""},
          {"vxlan_routing", boolean(), Kind::plain, ""},
          {"alarm_enable", boolean(), Kind::plain, ""},
          {"enable_security_policy_draft", boolean(), Kind::plain, ""}};
}

std::vector<PropertyInfo> network_property_list() {
  return {{"virtual_network_properties", network_properties(), Kind::plain, ""},
          {"virtual_network_network_id", number(), Kind::plain, ""},
          {"virtual_network_category", choice({"infra", "tenant", "internal", "routed"}), Kind::plain, ""},
          {"address_allocation_mode",
           choice({"user-defined-subnet-preferred", "user-defined-subnet-only", "flat-subnet-preferred",
                   "flat-subnet-only"}),
           Kind::plain, ""},
          {"route_target_list", route_targets(), Kind::plain, ""},
          {"import_route_target_list", route_targets(), Kind::plain, ""},
          {"export_route_target_list", route_targets(), Kind::plain, ""},
          {"is_shared", boolean(), Kind::plain, ""},
          {"is_provider_network", boolean(), Kind::plain, ""},
          {"router_external", boolean(), Kind::plain, ""},
          {"external_ipam", boolean(), Kind::plain, ""},
          {"port_security_enabled", boolean(), Kind::plain, ""},
          {"fabric_snat", boolean(), Kind::plain, ""},
          {"flood_unknown_unicast", boolean(), Kind::plain, ""},
          {"multi_policy_service_chains_enabled", boolean(), Kind::plain, ""},
          {"mac_learning_enabled", boolean(), Kind::plain, ""},
          {"igmp_enable", boolean(), Kind::plain, ""},
          {"provider_properties", structure({{"segmentation_id", integer(0, 4094)}, {"physical_network", text()}}),
           Kind::plain, ""},
          {"ecmp_hashing_include_fields", anything(), Kind::plain, ""}};
}

std::vector<PropertyInfo> ipam_properties() {
  return {{"network_ipam_mgmt",
           structure(
               {{"ipam_method", choice({"dhcp", "fixed"})},
                {"ipam_dns_method", choice({"none", "default-dns-server", "tenant-dns-server", "virtual-dns-server"})},
                {"ipam_dns_server", anything()},
                {"dhcp_option_list", dhcp_options()},
                {"cidr_block", subnet()},
                {"host_routes", route_table()}}),
           Kind::plain, ""},
          {"ipam_subnet_method", choice({"user-defined-subnet", "flat-subnet", "auto-subnet"}), Kind::plain, ""},
          {"ipam_subnetting", boolean(), Kind::plain, ""}};
}

std::vector<PropertyInfo> floating_ip_properties() {
  return {{"floating_ip_address", text(), Kind::plain, ""},
          {"floating_ip_is_virtual_ip", boolean(), Kind::plain, ""},
          {"floating_ip_fixed_ip_address", text(), Kind::plain, ""},
          {"floating_ip_address_family", choice({"v4", "v6"}), Kind::plain, ""},
          {"floating_ip_port_mappings_enable", boolean(), Kind::plain, ""},
          // The real server does not look inside a mapping: any protocol, any port.
          {"floating_ip_port_mappings", structure({{"port_mappings", list(anything())}}), Kind::list, "port_mappings"},
          {"floating_ip_traffic_direction", choice({"ingress", "egress", "both"}), Kind::plain, ""}};
}

std::vector<PropertyInfo> interface_properties() {
  return {{"virtual_machine_interface_mac_addresses", structure({{"mac_address", list(text())}}), Kind::plain, ""},
          {"virtual_machine_interface_device_owner", text(), Kind::plain, ""},
          {"virtual_machine_interface_disable_policy", boolean(), Kind::plain, ""},
          {"virtual_machine_interface_dhcp_option_list", dhcp_options(), Kind::plain, ""},
          {"virtual_machine_interface_host_routes", route_table(), Kind::plain, ""},
          {"virtual_machine_interface_allowed_address_pairs", structure({{"allowed_address_pair", list(anything())}}),
           Kind::plain, ""},
          {"virtual_machine_interface_properties",
           structure({{"service_interface_type", text()},
                      {"interface_mirror", anything()},
                      {"local_preference", number()},
                      {"sub_interface_vlan_tag", integer(0, 4094)},
                      {"max_flows", number()}}),
           Kind::plain, ""},
          {"virtual_machine_interface_bindings", key_value_pairs(), Kind::map, "key_value_pair"},
          {"port_security_enabled", boolean(), Kind::plain, ""},
          {"igmp_enable", boolean(), Kind::plain, ""},
          {"ecmp_hashing_include_fields", anything(), Kind::plain, ""}};
}

std::vector<PropertyInfo> instance_ip_properties() {
  return {{"instance_ip_address", text(), Kind::plain, ""},
          {"instance_ip_family", choice({"v4", "v6"}), Kind::plain, ""},
          {"instance_ip_mode", choice({"active-active", "active-standby"}), Kind::plain, ""},
          {"instance_ip_secondary", boolean(), Kind::plain, ""},
          {"instance_ip_local_ip", boolean(), Kind::plain, ""},
          {"instance_ip_subscriber_tag", text(), Kind::plain, ""},
          {"secondary_ip_tracking_ip", subnet(), Kind::plain, ""},
          {"instance_ip_subnet", subnet(), Kind::plain, ""},
          {"service_instance_ip", boolean(), Kind::plain, ""},
          {"service_health_check_ip", boolean(), Kind::plain, ""},
          {"subnet_uuid", text(), Kind::plain, ""}};
}

TypeInfo make_type(const char* name, std::vector<TypeIndex> parents, std::vector<PropertyInfo> properties,
                   std::vector<ReferenceInfo> references) {
  TypeInfo type;
  type.name = name;
  type.underscored = name;
  std::ranges::replace(type.underscored, '-', '_');
  type.collection = type.name + "s";
  type.children_field = type.underscored + "s";
  type.back_field = type.underscored + "_back_refs";
  type.parents = std::move(parents);
  type.properties = std::move(properties);
  type.properties.push_back({"display_name", text(), Kind::plain, ""});
  type.properties.push_back({"annotations", key_value_pairs(), Kind::map, "key_value_pair"});
  type.references = std::move(references);
  return type;
}

std::vector<TypeInfo> make_schema() {
  std::vector<TypeInfo> types;
  types.push_back(make_type("domain", {}, domain_properties(), {}));
  types.push_back(make_type("project", {kDomain}, project_properties(), {}));
  types.push_back(make_type("virtual-network", {kProject}, network_property_list(),
                            {{"network_ipam_refs", kNetworkIpam, ipam_subnets()},
                             {"network_policy_refs", kNetworkPolicy, policy_attachment()}}));
  types.push_back(make_type("network-ipam", {kProject}, ipam_properties(), {}));
  types.push_back(
      make_type("network-policy", {kProject}, {{"network_policy_entries", policy_entries(), Kind::plain, ""}}, {}));
  types.push_back(make_type("floating-ip-pool", {kVirtualNetwork},
                            {{"floating_ip_pool_subnets", structure({{"subnet_uuid", list(text())}}), Kind::plain, ""}},
                            {}));
  types.push_back(make_type("floating-ip", {kFloatingIpPool}, floating_ip_properties(),
                            {{"project_refs", kProject, std::nullopt},
                             {"virtual_machine_interface_refs", kVirtualMachineInterface, std::nullopt}}));
  types.push_back(
      make_type("virtual-machine", {},
                {{"server_type", choice({"virtual-server", "baremetal-server", "container"}), Kind::plain, ""}}, {}));
  types.push_back(make_type("virtual-machine-interface", {kProject, kVirtualMachine}, interface_properties(),
                            {{"virtual_network_refs", kVirtualNetwork, std::nullopt},
                             {"virtual_machine_refs", kVirtualMachine, std::nullopt}}));
  types.push_back(make_type("instance-ip", {}, instance_ip_properties(),
                            {{"virtual_network_refs", kVirtualNetwork, std::nullopt},
                             {"virtual_machine_interface_refs", kVirtualMachineInterface, std::nullopt}}));
  return types;
}

}  // namespace

const PropertyInfo* TypeInfo::property(std::string_view property_name) const {
  const auto found = std::ranges::find(properties, property_name, &PropertyInfo::name);
  return found == properties.end() ? nullptr : &*found;
}

const ReferenceInfo* TypeInfo::reference(TypeIndex target) const {
  const auto found = std::ranges::find(references, target, &ReferenceInfo::target);
  return found == references.end() ? nullptr : &*found;
}

const std::vector<TypeInfo>& schema() {
  static const std::vector<TypeInfo> types = make_schema();
  return types;
}

std::optional<TypeIndex> find_type(std::string_view name) {
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  const auto found = std::ranges::find(schema(), dashed, &TypeInfo::name);
  if (found == schema().end()) return std::nullopt;
  return static_cast<TypeIndex>(found - schema().begin());
}

}  // namespace standin
