#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace base {

// A time as in RFC 3339, with or without a fraction of a second, which is cut: "2026-01-31T12:34:56.5+01:00". nullopt:
// not such a time.
std::optional<std::chrono::sys_seconds> parse_rfc3339(const std::string& text);

}  // namespace base
