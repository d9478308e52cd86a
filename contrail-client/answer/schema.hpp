#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "contrail-client/types.hpp"

// What the config API's objects look like, as data: which members count, in which object or list, and what they hold.
// A member that is not listed is skipped.
namespace contrail::answer {

// An object or a list that is entered.
enum class Place : std::uint8_t {
  outside,       // before the answer's own braces
  answer,        // {"virtual-networks": …} or {"virtual-network": …}
  items,         // [ … ] of a list
  item,          // an object; in a list with detail it is wrapped once more
  wrapped,       // the object in {"virtual-network": …} of such a list
  fq_name,       // [text]
  annotations,   // {key_value_pair: …}
  pairs,         // [pair]
  pair,          // {key, value}
  references,    // [reference], without attributes that count
  reference,     // {to, uuid}
  to,            // [text]
  policies,      // [policy]
  policy,        // {to, uuid, attr}
  policy_attr,   // {sequence}
  sequence,      // {major, minor}
  ipams,         // [ipam]
  ipam,          // {to, uuid, attr}
  ipam_attr,     // {ipam_subnets}
  subnets,       // [subnet]
  subnet,        // {subnet, subnet_uuid, default_gateway, dns_server_address}
  prefix,        // {ip_prefix, ip_prefix_len}
  macs,          // {mac_address}
  mac_list,      // [text]
  mappings,      // {port_mappings}
  mapping_list,  // [mapping]
  mapping,       // {protocol, src_port, dst_port}
  entries,       // {policy_rule}
  rules,         // [rule]
  rule,          // {protocol, direction, …}
  sources,       // [source]
  source,        // {virtual_network}
  destinations,  // [destination]
  destination,   // {virtual_network}
  source_ports,  // [port]
  destination_ports,
  port,     // {start_port, end_port}
  actions,  // {simple_action}
};

// A text, a number or a flag that is stored.
enum class Slot : std::uint8_t {
  none,
  uuid,
  parent_uuid,
  name_element,
  display_name,
  annotation_key,
  annotation_value,
  to_element,
  reference_uuid,
  major,
  minor,
  prefix_base,
  prefix_length,
  subnet_uuid,
  gateway,
  dns,
  mac,
  address,
  instance_ip_mode,
  traffic_direction,
  mappings_enable,
  mapping_protocol,
  mapping_source,
  mapping_destination,
  rule_protocol,
  rule_direction,
  rule_source,
  rule_destination,
  rule_port,
  rule_action,
  rule_uuid,
};

enum class Shape : std::uint8_t { object, array, text, integer, boolean };

std::string_view name(Shape shape);  // "object", "list", "text", "number", "true or false"

// A member of an object, or the element of a list (its key is then empty).
struct Member {
  std::string_view key = {};
  Shape shape = Shape::object;
  Place place = Place::outside;     // where it leads, for objects and lists
  Slot slot = Slot::none;           // what it is, for the rest
  std::optional<Field> field = {};  // counts only for types that have this field
};

// The members that count in `place`; of a list the one that describes its elements.
std::span<const Member> members_of(Place place);
bool is_list(Place place);

}  // namespace contrail::answer
