#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "base/json_text.hpp"
#include "contrail-client/types.hpp"

// Writes JSON text by appending: request bodies are small and have a fixed form, so no document is built first.
namespace contrail {

using base::append_json_string;

inline void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// A fully qualified name as a list of its elements: ["default-domain","gb"].
void append_name(std::string& out, const FqName& name);

inline void append_uuid(std::string& out, const Uuid& uuid) {
  out += '"';
  uuid.append_to(out);
  out += '"';
}

}  // namespace contrail
