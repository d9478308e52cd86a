#include "controller/config/problems.hpp"

#include <algorithm>
#include <utility>

namespace knm {
namespace {

// More errors are not useful; a file of another kind should not fill the log.
constexpr std::size_t shown = 50;

// Appends text that may quote the file, with control characters as question marks.
void append_shown(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
}

}  // namespace

void Problems::add(Place place, std::string key, std::string text) {
  found_.emplace(place, Problem{std::move(key), std::move(text)});
}

bool Problems::has(std::string_view key) const {
  return std::any_of(found_.begin(), found_.end(), [&](const auto& one) { return one.second.key == key; });
}

std::string Problems::text(std::string_view file_name) const {
  std::string result;
  std::size_t count = 0;
  for (const auto& [place, problem] : found_) {
    if (count == shown) break;
    if (count++ != 0) result += '\n';
    result.append(file_name).append(":" + std::to_string(place.line)).append(":" + std::to_string(place.column) + ": ");
    append_shown(result, problem.key.empty() ? "" : problem.key + ": ");
    append_shown(result, problem.text);
  }
  if (found_.size() > shown) result += "\n... and " + std::to_string(found_.size() - shown) + " more";
  return result;
}

}  // namespace knm
