#include "controller/config/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace knm {
namespace {

// In descending order, for duration_text.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units = {
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

// Far above every sensible setting, and far below an overflow of 32-bit milliseconds.
constexpr std::int64_t longest = 24LL * 24 * 3'600'000;

std::optional<std::int64_t> unit_named(std::string_view name) {
  for (const auto& [text, milliseconds] : units) {
    if (text == name) return milliseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    if (text.front() < '0' || text.front() > '9') return std::nullopt;  // from_chars would accept a sign
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number > longest) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto name = text.substr(0, text.find_first_of("0123456789"));
    const auto unit = unit_named(name);
    if (!unit) return std::nullopt;
    total += number * *unit;
    if (total > longest) return std::nullopt;
    text.remove_prefix(name.size());
  }
  return std::chrono::milliseconds(total);
}

std::string duration_text(std::chrono::milliseconds duration) {
  std::string text;
  auto rest = duration.count();
  for (const auto& [name, milliseconds] : units) {
    if (rest < milliseconds) continue;
    text += std::to_string(rest / milliseconds);
    text += name;
    rest %= milliseconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace knm
