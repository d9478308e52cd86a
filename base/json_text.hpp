#pragma once

#include <string>
#include <string_view>

namespace base {

// Appends `text` as a JSON string with quotes (RFC 8259). Control characters are escaped, with their short forms where
// there are any; all other UTF-8 is copied. Each maximal part that is not UTF-8 (The Unicode Standard, section 3.9)
// becomes one U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace base
