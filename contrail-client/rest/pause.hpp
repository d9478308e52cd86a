#pragma once

#include <chrono>
#include <optional>

#include "net/http.hpp"

namespace contrail {

// For how long the server asks for no further request: a 429 or a 503 with the field Retry-After in seconds (RFC 9110,
// section 10.2.3), at most `longest_pause`; nullopt: it does not ask, or names a date.
inline constexpr std::chrono::seconds longest_pause{60};
std::optional<std::chrono::seconds> pause_after(int status, const net::Headers& headers);

}  // namespace contrail
