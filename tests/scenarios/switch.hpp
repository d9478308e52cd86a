#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/rule.hpp"

namespace knm::test {

// All rules hold but this one; nullopt: all do.
void switch_off(std::optional<Rule> rule);

// A rule as tests/scenarios/rule.hpp lists it.
struct ListedRule {
  Rule rule;
  std::string_view id, name, title;
};
const std::vector<ListedRule>& all_rules();
const ListedRule* rule_by_id(std::string_view id);  // null where there is none

}  // namespace knm::test
