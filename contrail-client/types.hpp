#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/ip.hpp"
#include "contrail-client/uuid.hpp"

// The objects of the OpenContrail / Tungsten Fabric config API that the controller writes, as values.
namespace contrail {

enum class Type : std::uint8_t {
  project,
  virtual_network,
  network_ipam,
  network_policy,
  floating_ip_pool,
  floating_ip,
  virtual_machine,
  virtual_machine_interface,
  instance_ip,
};
inline constexpr int type_count = 9;

std::string_view name(Type type);    // "virtual-network"
std::string_view plural(Type type);  // "virtual-networks": always type + "s"
std::optional<Type> type_named(std::string_view name);
// The type of the parent, as in `parent_type` ("domain", "project", …); empty: the type has no parent (virtual-machine,
// instance-ip).
std::string_view parent_type(Type type);

// A fully qualified name: its elements joined by ':' (the server refuses elements that contain one).
using FqName = std::string;
FqName parent_of(const FqName& name);          // without the last element; empty if there is only one
std::string_view last_of(const FqName& name);  // the last element
std::vector<std::string> elements(const FqName& name);
FqName join(const std::vector<std::string>& elements);

// The unit of comparison and of writes. The order is that of the fields of Object.
enum class Field : std::uint8_t {
  display_name,
  annotations,
  networks,
  machines,
  interfaces,
  projects,
  policies,
  ipams,
  mac,
  address,
  instance_ip_mode,
  traffic_direction,
  port_mappings,
  rules,
};
inline constexpr int field_count = 14;
// The name in the JSON body: "virtual_network_refs", "floating_ip_address", …
std::string_view member(Field field);
// The same for a type: the address of an instance-ip has another name than that of a floating-ip.
std::string_view member(Type type, Field field);

// All fields of Object that `type` has.
const std::vector<Field>& fields_of(Type type);

// A reference without attributes. A write sends only `to`; `uuid` is the value read (nil: none). A reference to a
// deleted object is read as `to` = "ERROR".
struct Reference {
  FqName to;
  Uuid uuid;
  friend bool operator==(const Reference&, const Reference&) = default;
};

struct Sequence {
  int major = 10;
  int minor = 0;
  friend bool operator==(const Sequence&, const Sequence&) = default;
};

struct PolicyReference {
  FqName to;
  Uuid uuid;
  std::optional<Sequence> sequence;  // nullopt: `attr: null`
  friend bool operator==(const PolicyReference&, const PolicyReference&) = default;
};

struct Subnet {
  Cidr cidr;
  Uuid subnet_uuid;  // nil: the server chooses
  // Unspecified (0.0.0.0, ::): none is reserved. nullopt in a write: the server's default.
  std::optional<IpAddress> gateway;
  std::optional<IpAddress> dns;
  // The JSON text as read, in compact form, if it contains more than the members above (a foreign subnet); written back
  // unchanged if not empty.
  std::string raw;
  friend bool operator==(const Subnet&, const Subnet&) = default;
};

struct IpamReference {
  FqName to;
  Uuid uuid;
  std::vector<Subnet> subnets;
  friend bool operator==(const IpamReference&, const IpamReference&) = default;
};

// The server does not check mappings: one that was read without the shape of a mapping is PortMapping{}, without a
// protocol.
struct PortMapping {
  std::string protocol;  // lower case
  std::int32_t source = 0;
  std::int32_t destination = 0;
  friend auto operator<=>(const PortMapping&, const PortMapping&) = default;
};

// A rule of a network policy: any protocol, both directions, all ports, pass. `raw` stores any other rule.
struct Rule {
  Uuid uuid;
  std::vector<FqName> sources;       // virtual networks
  std::vector<FqName> destinations;  // virtual networks
  bool plain = true;                 // false: it contains more, which is in `raw`
  // As in Subnet: not empty for a rule that is not plain, or has members without a meaning (`log: false`).
  std::string raw;
  friend bool operator==(const Rule&, const Rule&) = default;
};

// One config object: its identity, and the union of the fields of all types above; a type uses only its own fields.
struct Object {
  Type type = Type::project;
  Uuid uuid;
  FqName fq_name;
  Uuid parent_uuid;  // as read; never written

  std::string display_name;  // empty in a write: set by the server (to the name)
  std::map<std::string, std::string> annotations;
  std::vector<Reference> networks;
  std::vector<Reference> machines;
  std::vector<Reference> interfaces;
  std::vector<Reference> projects;
  std::vector<PolicyReference> policies;
  std::vector<IpamReference> ipams;
  std::string mac;
  std::optional<IpAddress> address;
  std::string instance_ip_mode;
  std::string traffic_direction;
  bool port_mappings_enable = false;
  std::vector<PortMapping> port_mappings;
  std::vector<Rule> rules;

  friend bool operator==(const Object&, const Object&) = default;
};

}  // namespace contrail
