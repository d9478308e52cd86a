#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "contrail-client/types.hpp"

// The schema of the config API's objects: the members that are read, the object or list that contains them, and their
// values. A member that is not listed is skipped.
namespace contrail::answer {

// An object or a list.
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
  Place place = Place::outside;     // its place, for objects and lists
  Slot slot = Slot::none;           // its slot, for other values
  std::optional<Field> field = {};  // only for types with this field
};

// The members that are read in `place`; for a list, its element alone.
std::span<const Member> members_of(Place place);
bool is_list(Place place);

}  // namespace contrail::answer
