#pragma once

#include <chrono>
#include <optional>

#include "net/http.hpp"

namespace contrail {

// For how long the server asks for no further request: a 429, 502, 503 or 504 with the field Retry-After (RFC 9110,
// section 10.2.3), at most `longest_pause`. It has seconds, or a date, which is compared with the field Date, so that
// the clocks need not agree. nullopt: it does not ask, or the date is past or cannot be read.
inline constexpr std::chrono::seconds longest_pause{60};
std::optional<std::chrono::seconds> pause_after(int status, const net::Headers& headers);

}  // namespace contrail
