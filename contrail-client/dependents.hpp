#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/codec.hpp"

// The objects below an object, or with a reference to it, of any type: its deletion would orphan or break them.
namespace contrail {

struct Dependent {
  std::string type;  // in the API's words: "security-group"; may be a type that Type lacks
  FqName name;
  Uuid uuid;
  friend bool operator==(const Dependent&, const Dependent&) = default;
};

// GET /<type>/<uuid> with all children and back references.
Request read_dependents(Type type, const Uuid& uuid);

// The dependents in the answer, in its order. Error: it is not such an answer.
Result<std::vector<Dependent>> parse_dependents(Type type, std::string_view body);

}  // namespace contrail
