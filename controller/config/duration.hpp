#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace knm {

// `500ms`, `10s`, `1m`, `1h`, and several in a row as Go writes them: `1m30s`. Whole numbers only; nullopt for anything
// else, also for a number without a unit and for more than 24 days.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// The same the other way: `90s` comes out as `1m30s`, nothing as `0s`.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace knm
