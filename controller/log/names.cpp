#include "controller/log/names.hpp"

#include <array>
#include <cstddef>

namespace knm::log {
namespace {

constexpr std::array<std::string_view, 6> levels = {"trace", "debug", "info", "warning", "error", "off"};

}  // namespace

std::string_view name(Level level) { return levels.at(static_cast<std::size_t>(level)); }

std::optional<Level> level_named(std::string_view name) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string_view name(Format format) { return format == Format::json ? "json" : "text"; }

std::optional<Format> format_named(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  return std::nullopt;
}

}  // namespace knm::log
