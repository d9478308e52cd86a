#include "controller/config/problems.hpp"

#include <utility>

namespace knm {
namespace {

// More than that nobody reads; a file full of something else should not fill the log.
constexpr std::size_t shown = 50;

}  // namespace

void Problems::add(Place place, std::string key, std::string text) {
  found_.emplace(place, Problem{std::move(key), std::move(text)});
}

std::string Problems::text(std::string_view file_name) const {
  std::string result;
  std::size_t count = 0;
  for (const auto& [place, problem] : found_) {
    if (count == shown) break;
    if (count++ != 0) result += '\n';
    result.append(file_name).append(":" + std::to_string(place.line)).append(":" + std::to_string(place.column) + ": ");
    if (!problem.key.empty()) result.append(problem.key).append(": ");
    result.append(problem.text);
  }
  if (found_.size() > shown) result += "\n... and " + std::to_string(found_.size() - shown) + " more";
  return result;
}

}  // namespace knm
