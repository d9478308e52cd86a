#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace k8s {

// RFC 4648 with or without padding; white space is skipped. nullopt: not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace k8s
