#include "tests/scenarios/switch.hpp"

#include <algorithm>

namespace knm {
namespace {

std::optional<Rule> switched_off;

}  // namespace

bool holds(Rule rule) { return switched_off != rule; }

namespace test {

void switch_off(std::optional<Rule> rule) { switched_off = rule; }

const std::vector<ListedRule>& all_rules() {
#define KNM_LISTED_RULE(id, name, title) {Rule::name, id, #name, title},
  static const std::vector<ListedRule> rules{KNM_RULES(KNM_LISTED_RULE)};
#undef KNM_LISTED_RULE
  return rules;
}

const ListedRule* rule_by_id(std::string_view id) {
  const auto found =
      std::find_if(all_rules().begin(), all_rules().end(), [&](const auto& rule) { return rule.id == id; });
  return found == all_rules().end() ? nullptr : &*found;
}

}  // namespace test
}  // namespace knm
