#pragma once

#include <string>
#include <vector>

#include "tests/scenarios/scenario.hpp"

namespace knm::test {

// docs/rules.md: every rule and its scenario.
std::string rules_page(const std::vector<Scenario>& scenarios);

// Rules whose features are not complete yet: they have no scenario.
const std::vector<std::string>& pending_rules();

}  // namespace knm::test
