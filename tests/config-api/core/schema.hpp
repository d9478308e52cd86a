#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/config-api/core/shape.hpp"

namespace standin {

using TypeIndex = std::uint8_t;

/// The types by number; schema() has them in this order.
enum Type : TypeIndex {
  kDomain,
  kProject,
  kVirtualNetwork,
  kNetworkIpam,
  kNetworkPolicy,
  kFloatingIpPool,
  kFloatingIp,
  kVirtualMachine,
  kVirtualMachineInterface,
  kInstanceIp,
  kTypeCount,
};

struct PropertyInfo {
  enum class Kind {
    plain,
    map,   // kept as a map: {"key_value_pair": [{"key", "value"}]} is read back sorted, without duplicates
    list,  // kept as a list: {"port_mappings": [...]}; absent when empty
  };
  std::string name;
  Shape shape;
  Kind kind = Kind::plain;
  std::string member;  // of a map or list: the name of the list inside
};

struct ReferenceInfo {
  std::string field;  // "network_policy_refs"
  TypeIndex target;
  std::optional<Shape> attr;  // set: the key "attr" must be in the body, null or of this shape
};

struct TypeInfo {
  std::string name;                // "virtual-network"
  std::string underscored;         // "virtual_network"
  std::string collection;          // "virtual-networks"
  std::string children_field;      // "virtual_networks": what the parent calls them
  std::string back_field;          // "virtual_network_back_refs": what the objects referred to call them
  std::vector<TypeIndex> parents;  // none: the object has no parent and a fq_name of one element
  std::vector<PropertyInfo> properties;
  std::vector<ReferenceInfo> references;

  [[nodiscard]] const PropertyInfo* property(std::string_view property_name) const;
  [[nodiscard]] const ReferenceInfo* reference(TypeIndex target) const;
};

/// The part of the real schema that tests and the controller touch. id_perms and perms2 are not in it: the server's
/// own.
const std::vector<TypeInfo>& schema();

/// By name: "virtual-network", also with underscores.
std::optional<TypeIndex> find_type(std::string_view name);

inline const TypeInfo& info(TypeIndex type) { return schema()[type]; }

}  // namespace standin
