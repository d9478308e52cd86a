#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "k8sclient/decode/failure.hpp"

// Type-checked reading of members. An absent or null member leaves the target unchanged.
namespace k8s::js {

using Json = nlohmann::json;

inline const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

inline const Json* object(const Json& parent, const char* key) {
  const Json* value = member(parent, key);
  if (value && !value->is_object()) malformed("'" + std::string(key) + "' is not an object");
  return value;
}

inline const Json* array(const Json& parent, const char* key) {
  const Json* value = member(parent, key);
  if (value && !value->is_array()) malformed("'" + std::string(key) + "' is not an array");
  return value;
}

inline void text(const Json& parent, const char* key, std::string& into) {
  const Json* value = member(parent, key);
  if (!value) return;
  if (!value->is_string()) malformed("'" + std::string(key) + "' is not a string");
  into = value->get_ref<const std::string&>();
}

inline std::string text(const Json& parent, const char* key) {
  std::string value;
  text(parent, key, value);
  return value;
}

inline void boolean(const Json& parent, const char* key, bool& into) {
  const Json* value = member(parent, key);
  if (!value) return;
  if (!value->is_boolean()) malformed("'" + std::string(key) + "' is not a boolean");
  into = value->get<bool>();
}

inline std::int32_t int32_of(const Json& value, const char* key) {
  using Limits = std::numeric_limits<std::int32_t>;
  // A number above 2^63 is unsigned in nlohmann/json, one below is signed: both orders of comparison are needed.
  const bool fits = value.is_number_integer() &&
                    (value.is_number_unsigned()
                         ? value.get<std::uint64_t>() <= Limits::max()
                         : value.get<std::int64_t>() >= Limits::min() && value.get<std::int64_t>() <= Limits::max());
  if (!fits) malformed("'" + std::string(key) + "' is not a 32-bit integer");
  return static_cast<std::int32_t>(value.get<std::int64_t>());
}

inline void int32(const Json& parent, const char* key, std::int32_t& into) {
  if (const Json* value = member(parent, key)) into = int32_of(*value, key);
}

inline void texts(const Json& parent, const char* key, std::vector<std::string>& into) {
  const Json* list = array(parent, key);
  if (!list) return;
  for (const auto& entry : *list) {
    if (!entry.is_string()) malformed("'" + std::string(key) + "' has values that are not strings");
    into.push_back(entry.get_ref<const std::string&>());
  }
}

// Calls `read` for each object of an array.
template <class Read>
void each(const Json& parent, const char* key, Read read) {
  const Json* list = array(parent, key);
  if (!list) return;
  for (const auto& entry : *list) {
    if (!entry.is_object()) malformed("'" + std::string(key) + "' holds something else than objects");
    read(entry);
  }
}

}  // namespace k8s::js
