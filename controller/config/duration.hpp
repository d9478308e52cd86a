#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace knm {

// `500ms`, `10s`, `1m`, `1h`, and several in a row as in Go: `1m30s`. Only whole numbers; nullopt: anything else, also
// a number without a unit, or more than 24 days.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// The inverse: `90s` becomes `1m30s`, zero `0s`.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace knm
