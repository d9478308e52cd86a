#pragma once

#include <string>
#include <string_view>

namespace knm {

// Foreign text in a form for terminals and JSON: on one line, without control characters (a terminal would execute
// them), every byte that is not UTF-8 replaced by '?', cut after `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 500);

// The number of terminal columns of a UTF-8 text: one for each code point.
std::size_t columns(std::string_view text);

// Replaces every code point beyond ASCII by '?'.
std::string ascii_only(std::string_view text);

}  // namespace knm
