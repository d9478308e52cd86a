#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

// RFC 4648 with or without padding; white space is skipped. nullopt: not base64.
std::optional<std::string> decode_base64(std::string_view text);

// With padding, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace base
