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
// The type of the parent as `parent_type` wants it ("domain", "project", …); empty where the type has no parent
// (virtual-machine, instance-ip).
std::string_view parent_type(Type type);

// A fully qualified name: its elements joined by ':' (no element may hold one, the server refuses it).
using FqName = std::string;
FqName parent_of(const FqName& name);          // without the last element; empty where there is one element only
std::string_view last_of(const FqName& name);  // the last element
std::vector<std::string> elements(const FqName& name);
FqName join(const std::vector<std::string>& elements);

// What is compared and written as one. The order is that of the fields of Object.
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
// The member of the JSON body: "virtual_network_refs", "floating_ip_address", …
std::string_view member(Field field);
// The same for a type: the address of an instance-ip has another name than that of a floating-ip.
std::string_view member(Type type, Field field);

// All fields of Object that `type` has.
const std::vector<Field>& fields_of(Type type);

// A reference without attributes. On writing, `to` is sent alone; `uuid` is what was read (nil where it was not).
// A reference to an object that is gone reads back as `to` = "ERROR".
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
  // Unspecified (0.0.0.0, ::): none is reserved. nullopt on writing: the server's default.
  std::optional<IpAddress> gateway;
  std::optional<IpAddress> dns;
  // What was read, as compact JSON text, if it says more than the members above can (somebody else's subnet); written
  // back as it is where not empty.
  std::string raw;
  friend bool operator==(const Subnet&, const Subnet&) = default;
};

struct IpamReference {
  FqName to;
  Uuid uuid;
  std::vector<Subnet> subnets;
  friend bool operator==(const IpamReference&, const IpamReference&) = default;
};

// The server looks at nothing inside of one: what was read and has the shape of none is PortMapping{}, without
// protocol.
struct PortMapping {
  std::string protocol;  // lower case
  std::int32_t source = 0;
  std::int32_t destination = 0;
  friend auto operator<=>(const PortMapping&, const PortMapping&) = default;
};

// A rule of a network policy: any protocol, both directions, all ports, pass. `raw` keeps one that says anything else.
struct Rule {
  Uuid uuid;
  std::vector<FqName> sources;       // virtual networks
  std::vector<FqName> destinations;  // virtual networks
  bool plain = true;                 // false: it says something else besides, which `raw` has
  // As in Subnet: not empty for a rule that is not plain, or has members that mean nothing (`log: false`).
  std::string raw;
  friend bool operator==(const Rule&, const Rule&) = default;
};

// One config object: identity, and the union of the fields of all types above; a type uses the fields that it has.
struct Object {
  Type type = Type::project;
  Uuid uuid;
  FqName fq_name;
  Uuid parent_uuid;  // as read; never written

  std::string display_name;  // empty on writing: left to the server (it takes the name)
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
