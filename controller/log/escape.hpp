#pragma once

#include <string>
#include <string_view>

namespace knm::log {

// Appends `text` as the inside of a JSON string. Control characters (C0, DEL, C1) are escaped, so that no value can
// start a line or drive a terminal; bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

// Whether append_escaped would change nothing.
bool is_plain(std::string_view text);

}  // namespace knm::log
