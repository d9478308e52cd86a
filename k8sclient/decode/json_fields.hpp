#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/json_document.hpp"

// Type-checked reading of members. An absent or null member leaves the target unchanged.
namespace k8s::js {

[[noreturn]] inline void malformed_member(std::string_view key, const char* what) {
  malformed("'" + std::string(key) + "' " + what);
}

inline Value member(Value object, std::string_view key) {
  const Value found = object.member(key);
  return found.is_null() ? Value() : found;
}

inline Value object(Value parent, std::string_view key) {
  const Value value = member(parent, key);
  if (value && !value.is_object()) malformed_member(key, "is not an object");
  return value;
}

inline Value array(Value parent, std::string_view key) {
  const Value value = member(parent, key);
  if (value && !value.is_array()) malformed_member(key, "is not an array");
  return value;
}

inline void assign(Value text, std::string& into) {
  std::string room;
  into = text.characters(room);
}

inline void text(Value parent, std::string_view key, std::string& into) {
  const Value value = member(parent, key);
  if (!value) return;
  if (!value.is_text()) malformed_member(key, "is not a string");
  assign(value, into);
}

inline std::string text(Value parent, std::string_view key) {
  std::string value;
  text(parent, key, value);
  return value;
}

inline void boolean(Value parent, std::string_view key, bool& into) {
  const Value value = member(parent, key);
  if (!value) return;
  if (!value.is_boolean()) malformed_member(key, "is not a boolean");
  into = value.is_true();
}

// A number with a fraction or an exponent is no integer for any value.
inline std::int32_t int32_of(Value value, std::string_view key) {
  std::int32_t number = 0;
  const auto written = value.is_scalar() ? value.written() : std::string_view();
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
  if (error != std::errc() || end != written.data() + written.size() || written.empty())
    malformed_member(key, "is not a 32-bit integer");
  return number;
}

inline void int32(Value parent, std::string_view key, std::int32_t& into) {
  if (const Value value = member(parent, key)) into = int32_of(value, key);
}

inline void texts(Value parent, std::string_view key, std::vector<std::string>& into) {
  const Value list = array(parent, key);
  if (!list) return;
  list.each_element([&](Value entry) {
    if (!entry.is_text()) malformed_member(key, "has values that are not strings");
    assign(entry, into.emplace_back());
  });
}

// Calls `read` for each object of an array.
template <class Read>
void each(Value parent, std::string_view key, Read read) {
  const Value list = array(parent, key);
  if (!list) return;
  list.each_element([&](Value entry) {
    if (!entry.is_object()) malformed_member(key, "holds something else than objects");
    read(entry);
  });
}

}  // namespace k8s::js
