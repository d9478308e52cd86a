#pragma once

#include <string>
#include <string_view>

namespace knm::log {

// Appends `text` as the content of a JSON string. Control characters (C0, DEL, C1) are escaped, so that no value can
// start a line or control a terminal; bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

// Whether append_escaped would copy it unchanged.
bool is_plain(std::string_view text);

}  // namespace knm::log
