#include "contrail-client/answer/schema.hpp"

namespace contrail::answer {
namespace {

constexpr Member text(std::string_view key, Slot slot, std::optional<Field> field = {}) {
  return {.key = key, .shape = Shape::text, .slot = slot, .field = field};
}
constexpr Member number(std::string_view key, Slot slot) { return {.key = key, .shape = Shape::integer, .slot = slot}; }
constexpr Member flag(std::string_view key, Slot slot, Field field) {
  return {.key = key, .shape = Shape::boolean, .slot = slot, .field = field};
}
constexpr Member object(std::string_view key, Place place, std::optional<Field> field = {}) {
  return {.key = key, .shape = Shape::object, .place = place, .field = field};
}
constexpr Member list(std::string_view key, Place place, std::optional<Field> field = {}) {
  return {.key = key, .shape = Shape::array, .place = place, .field = field};
}

constexpr Member item[] = {
    text("uuid", Slot::uuid),
    list("fq_name", Place::fq_name),
    text("parent_uuid", Slot::parent_uuid),
    text("display_name", Slot::display_name, Field::display_name),
    object("annotations", Place::annotations, Field::annotations),
    list("virtual_network_refs", Place::references, Field::networks),
    list("virtual_machine_refs", Place::references, Field::machines),
    list("virtual_machine_interface_refs", Place::references, Field::interfaces),
    list("project_refs", Place::references, Field::projects),
    list("network_policy_refs", Place::policies, Field::policies),
    list("network_ipam_refs", Place::ipams, Field::ipams),
    object("virtual_machine_interface_mac_addresses", Place::macs, Field::mac),
    text("floating_ip_address", Slot::address, Field::address),
    text("instance_ip_address", Slot::address, Field::address),
    text("instance_ip_mode", Slot::instance_ip_mode, Field::instance_ip_mode),
    text("floating_ip_traffic_direction", Slot::traffic_direction, Field::traffic_direction),
    object("floating_ip_port_mappings", Place::mappings, Field::port_mappings),
    flag("floating_ip_port_mappings_enable", Slot::mappings_enable, Field::port_mappings),
    object("network_policy_entries", Place::entries, Field::rules),
};

constexpr Member items[] = {object("", Place::item)};
constexpr Member fq_name[] = {text("", Slot::name_element)};
constexpr Member annotations[] = {list("key_value_pair", Place::pairs)};
constexpr Member pairs[] = {object("", Place::pair)};
constexpr Member pair[] = {text("key", Slot::annotation_key), text("value", Slot::annotation_value)};

constexpr Member references[] = {object("", Place::reference)};
constexpr Member reference[] = {list("to", Place::to), text("uuid", Slot::reference_uuid)};
constexpr Member to[] = {text("", Slot::to_element)};
constexpr Member policies[] = {object("", Place::policy)};
constexpr Member policy[] = {list("to", Place::to), text("uuid", Slot::reference_uuid),
                             object("attr", Place::policy_attr)};
constexpr Member policy_attr[] = {object("sequence", Place::sequence)};
constexpr Member sequence[] = {number("major", Slot::major), number("minor", Slot::minor)};
constexpr Member ipams[] = {object("", Place::ipam)};
constexpr Member ipam[] = {list("to", Place::to), text("uuid", Slot::reference_uuid), object("attr", Place::ipam_attr)};
constexpr Member ipam_attr[] = {list("ipam_subnets", Place::subnets)};
constexpr Member subnets[] = {object("", Place::subnet)};
constexpr Member subnet[] = {object("subnet", Place::prefix), text("subnet_uuid", Slot::subnet_uuid),
                             text("default_gateway", Slot::gateway), text("dns_server_address", Slot::dns)};
constexpr Member prefix[] = {text("ip_prefix", Slot::prefix_base), number("ip_prefix_len", Slot::prefix_length)};

constexpr Member macs[] = {list("mac_address", Place::mac_list)};
constexpr Member mac_list[] = {text("", Slot::mac)};
constexpr Member mappings[] = {list("port_mappings", Place::mapping_list)};
constexpr Member mapping_list[] = {object("", Place::mapping)};
constexpr Member mapping[] = {text("protocol", Slot::mapping_protocol), number("src_port", Slot::mapping_source),
                              number("dst_port", Slot::mapping_destination)};

constexpr Member entries[] = {list("policy_rule", Place::rules)};
constexpr Member rules[] = {object("", Place::rule)};
constexpr Member rule[] = {
    text("protocol", Slot::rule_protocol),  text("direction", Slot::rule_direction),
    list("src_addresses", Place::sources),  list("dst_addresses", Place::destinations),
    list("src_ports", Place::source_ports), list("dst_ports", Place::destination_ports),
    object("action_list", Place::actions),  text("rule_uuid", Slot::rule_uuid),
};
constexpr Member sources[] = {object("", Place::source)};
constexpr Member source[] = {text("virtual_network", Slot::rule_source)};
constexpr Member destinations[] = {object("", Place::destination)};
constexpr Member destination[] = {text("virtual_network", Slot::rule_destination)};
constexpr Member ports[] = {object("", Place::port)};
constexpr Member port[] = {number("start_port", Slot::rule_port), number("end_port", Slot::rule_port)};
constexpr Member actions[] = {text("simple_action", Slot::rule_action)};

// In the order of Place. The members of the answer itself depend on the request: the walker defines them.
constexpr std::span<const Member> places[] = {
    {},           {},           items,     item,    item,     fq_name, annotations, pairs,
    pair,         references,   reference, to,      policies, policy,  policy_attr, sequence,
    ipams,        ipam,         ipam_attr, subnets, subnet,   prefix,  macs,        mac_list,
    mappings,     mapping_list, mapping,   entries, rules,    rule,    sources,     source,
    destinations, destination,  ports,     ports,   port,     actions,
};
static_assert(std::size(places) == static_cast<std::size_t>(Place::actions) + 1);

}  // namespace

std::string_view name(Shape shape) {
  switch (shape) {
    case Shape::object:
      return "an object";
    case Shape::array:
      return "a list";
    case Shape::text:
      return "text";
    case Shape::integer:
      return "a number";
    case Shape::boolean:
      return "true or false";
  }
  return "";
}

std::span<const Member> members_of(Place place) { return places[static_cast<std::size_t>(place)]; }

bool is_list(Place place) {
  const auto members = members_of(place);
  return members.size() == 1 && members.front().key.empty();
}

}  // namespace contrail::answer
