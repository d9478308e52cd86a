#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// Whether `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
bool is_utf8(std::string_view text);

struct CodePoint {
  char32_t code = 0;
  std::size_t length = 0;  // bytes; 0: the text does not begin with a code point
};

// The first code point of `text`, which must not be empty.
CodePoint first_code_point(std::string_view text);

// Appends a code point, which must not be a surrogate nor above U+10FFFF.
void append_utf8(char32_t code, std::string& out);

}  // namespace base
