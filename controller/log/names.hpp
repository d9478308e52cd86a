#pragma once

#include <optional>
#include <string_view>

#include "controller/log/level.hpp"

namespace knm::log {

inline constexpr std::string_view level_names = "trace, debug, info, warning, error or off";

std::string_view name(Level level);  // "info"
// nullopt for anything but the names above, in lower case.
std::optional<Level> level_named(std::string_view name);

std::string_view name(Format format);  // "text" or "json"
std::optional<Format> format_named(std::string_view name);

}  // namespace knm::log
