#pragma once

#include <string>
#include <string_view>

namespace knm {

// Foreign text as it may be shown and put into JSON: on one line, without control characters (a terminal would obey
// them), every byte that is not UTF-8 replaced by '?', cut after `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 500);

// How many columns of a terminal UTF-8 text takes: one for each code point.
std::size_t columns(std::string_view text);

// Every code point beyond ASCII as '?'.
std::string ascii_only(std::string_view text);

}  // namespace knm
