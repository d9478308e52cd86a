#include "tests/scenarios/table.hpp"

#include <algorithm>

#include "tests/scenarios/switch.hpp"

namespace knm::test {

const std::vector<std::string>& pending_rules() {
  // Remove a rule from this list when its feature is complete, and write its scenario.
  static const std::vector<std::string> ids;
  return ids;
}

std::string rules_page(const std::vector<Scenario>& scenarios) {
  std::string out =
      "# Rules and their scenarios\n\n"
      "Written by `scenario_test --table`; do not edit. Each rule of the [object model](object-model.md) has a "
      "scenario\n"
      "in `tests/scenarios/rules/`: steps, and how the config API's objects change with each. The tests play it in "
      "other orders, with\n"
      "crashes and restarts, and show that it fails where its rule is switched off "
      "([testing](testing.md#scenarios)).\n\n"
      "| rule | says | scenario |\n|---|---|---|\n";
  for (const auto& rule : all_rules()) {
    std::string files;
    for (const auto& scenario : scenarios)
      if (scenario.rule == rule.id)
        files += (files.empty() ? "" : ", ") +
                 ("[" + scenario.name + "](../tests/scenarios/rules/" + scenario.name + ".scenario)");
    const auto& pending = pending_rules();
    if (files.empty()) files = std::find(pending.begin(), pending.end(), rule.id) != pending.end() ? "to come" : "none";
    out += "| " + std::string(rule.id) + " | " + std::string(rule.title) + " | " + files + " |\n";
  }
  return out;
}

}  // namespace knm::test
