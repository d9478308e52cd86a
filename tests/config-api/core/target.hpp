#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace standin {

/// A request target taken apart and decoded.
struct Target {
  std::vector<std::string> path;                           // "/virtual-network/<uuid>" is two segments, "/" none
  std::vector<std::pair<std::string, std::string>> query;  // in order

  /// Whether the query has the name, with any value.
  [[nodiscard]] bool has(std::string_view name) const;
  /// The first value of that name.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
};

Target parse_target(std::string_view target);

/// "a,b,c" as a list; empty elements are dropped.
std::vector<std::string> split_list(std::string_view text, char separator = ',');

}  // namespace standin
