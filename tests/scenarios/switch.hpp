#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/rule.hpp"

namespace knm::test {

// All rules are applied except for this one; nullopt: all.
void switch_off(std::optional<Rule> rule);

// A rule of tests/scenarios/rule.hpp.
struct ListedRule {
  Rule rule;
  std::string_view id, name, title;
};
const std::vector<ListedRule>& all_rules();
const ListedRule* rule_by_id(std::string_view id);  // null if there is none

}  // namespace knm::test
