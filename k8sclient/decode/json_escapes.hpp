#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Escapes in JSON texts: RFC 8259, section 7.
namespace k8s::js {

// The size of the escape at the beginning of `text`, which begins with a backslash; 0: it is invalid or incomplete. A
// surrogate pair is one escape; a single surrogate is invalid.
std::size_t escape_size(std::string_view text);

// Appends the characters that are written in a JSON text, whose escapes are valid.
void append_unescaped(std::string_view written, std::string& out);

}  // namespace k8s::js
