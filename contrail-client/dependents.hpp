#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/codec.hpp"

// What lies below an object or refers to it, of whatever type: who would be orphaned or broken if it was deleted.
namespace contrail {

struct Dependent {
  std::string type;  // as the API names it: "security-group"; not only those that Type knows
  FqName name;
  Uuid uuid;
  friend bool operator==(const Dependent&, const Dependent&) = default;
};

// GET /<type>/<uuid> with all children and back references.
Request read_dependents(Type type, const Uuid& uuid);

// Those in the answer, in its order. An error where it is no such answer.
Result<std::vector<Dependent>> parse_dependents(Type type, std::string_view body);

}  // namespace contrail
