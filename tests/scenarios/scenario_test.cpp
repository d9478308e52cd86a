#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include "tests/scenarios/play.hpp"
#include "tests/scenarios/switch.hpp"
#include "tests/scenarios/table.hpp"

// Every rule of the object mapping has a scenario. It plays as written and with the same result in every other order,
// and it fails when its rule is switched off.
namespace knm::test {

const std::vector<Scenario>& scenarios() {
  static const auto all = load_scenarios();
  return all;
}

namespace {

// The number of orders and kinds of disorder if not all can be tried; KNM_SEEDS sets it.
std::size_t samples() {
  const char* given = std::getenv("KNM_SEEDS");
  return given ? std::min<std::size_t>(std::strtoull(given, nullptr, 10), 100) : enough_samples;
}

std::string lines_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "\n  " + line;
  return out;
}

class EachScenario : public testing::TestWithParam<std::size_t> {
 protected:
  const Scenario& scenario() const { return scenarios()[GetParam()]; }
  const Played& as_written() const {
    static std::map<std::size_t, Played> known;
    const auto [at, fresh] = known.try_emplace(GetParam());
    if (fresh) at->second = play(scenario());
    return at->second;
  }
  void expect_nothing(const std::optional<std::string>& error) { EXPECT_FALSE(error) << *error; }
};

TEST_P(EachScenario, PlaysAsWritten) {
  const auto& played = as_written();
  EXPECT_TRUE(differences(scenario(), played).empty())
      << scenario().path << lines_of(differences(scenario(), played))
      << "\nscenario_test --accept writes the observed changes into the file; review them before a commit";
  expect_nothing(writes_nothing_at_the_end(scenario()));
}

TEST_P(EachScenario, HasTheSameResultInAnyOrder) {
  std::size_t runs = 0;
  const auto& played = as_written();
  expect_nothing(permuted(scenario(), played, samples(), runs));
  expect_nothing(varied(scenario(), played, samples() / 4, runs));
  std::cout << "[          ] " << scenario().name << ": " << runs << " other runs\n";
}

TEST_P(EachScenario, HasTheSameResultAfterACrashAtAnyWrite) {
  std::size_t runs = 0;
  const auto& played = as_written();
  expect_nothing(crashed(scenario(), played, samples() < enough_samples ? 5 : 1, runs));
  std::cout << "[          ] " << scenario().name << ": " << runs << " crashes at " << played.writes << " writes\n";
}

INSTANTIATE_TEST_SUITE_P(Rules, EachScenario, testing::Range<std::size_t>(0, scenarios().size()), [](const auto& info) {
  auto name = scenarios()[info.param].name;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

// How the scenario fails without its rule; nullopt: it does not fail.
std::optional<std::string> failure_of(const Scenario& scenario) {
  try {
    const auto played = play(scenario);
    if (const auto lines = differences(scenario, played); !lines.empty())
      return lines.size() > 1 ? lines[0] + ": " + lines[1] : lines[0];
    std::size_t runs = 0;
    if (auto error = writes_nothing_at_the_end(scenario)) return error;
    if (auto error = varied(scenario, played, 2, runs)) return error;
    if (auto error = crashed(scenario, played, 1, runs)) return error;
    return permuted(scenario, played, 6, runs);
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(Rules, Bite) {
  for (const auto& scenario : scenarios()) {
    const auto* rule = rule_by_id(scenario.rule);
    ASSERT_TRUE(rule) << scenario.path << ": no rule has the id " << scenario.rule;
    switch_off(rule->rule);
    auto how = failure_of(scenario);
    switch_off(std::nullopt);
    EXPECT_TRUE(how) << scenario.path << " does not notice that rule " << rule->id << " does not hold";
    if (how) std::cout << rule->id << " off: " << scenario.name << ": " << how->substr(0, how->find('\n')) << '\n';
  }
}

// Connections that cannot last during a change. An interface has one network, and a public address has one floating IP;
// the config API allows nothing else. It would allow one ClusterIP in two service networks, but the uuid of the
// floating IP is derived from the Service and the address, so a Service that changes its tier is interrupted as well.
TEST(Rules, OnlyMovedObjectsLoseConnections) {
  const std::set<std::string> known{"4.11-label-moves", "4.14-no-gaps"};
  for (const auto& scenario : scenarios())
    for (const auto& step : scenario.steps)
      for (const auto& line : step.expected)
        if (line.starts_with("cut for a while: ")) {
          EXPECT_TRUE(known.contains(scenario.name)) << scenario.path << ": " << step.title << ": " << line;
          std::cout << scenario.name << ": " << step.title << ": " << line << '\n';
        }
}

TEST(Rules, EachHasAScenario) {
  const auto& pending = pending_rules();
  for (const auto& rule : all_rules()) {
    const bool has =
        std::any_of(scenarios().begin(), scenarios().end(), [&](const auto& s) { return s.rule == rule.id; });
    const bool waits = std::find(pending.begin(), pending.end(), rule.id) != pending.end();
    EXPECT_NE(has, waits) << rule.id << " " << rule.title
                          << (has ? ": has a scenario; take it out of pending_rules()" : ": has no scenario");
    if (waits) std::cout << "to come: " << rule.id << " " << rule.title << '\n';
  }
  for (const auto& scenario : scenarios()) {
    EXPECT_TRUE(rule_by_id(scenario.rule)) << scenario.path;
    EXPECT_TRUE(scenario.name.starts_with(scenario.rule + "-")) << scenario.path << " begins with its rule's id";
  }
}

TEST(Rules, ThePageIsUpToDate) {
  std::ifstream file(KNM_RULES_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, rules_page(scenarios())) << "write it again with scenario_test --table";
}

}  // namespace

// Writes the observed changes as expectations into the files whose name contains `part`.
int accept(const std::string& part) {
  int failed = 0;
  for (auto scenario : scenarios()) {
    if (scenario.name.find(part) == std::string::npos) continue;
    try {
      const auto played = play(scenario);
      const bool changed = !differences(scenario, played).empty();
      for (std::size_t i = 0; i < scenario.steps.size(); ++i) scenario.steps[i].expected = played.seen[i];
      save_scenario(scenario);
      if (changed) std::cout << "written: " << scenario.name << '\n';
    } catch (const std::exception& error) {
      std::cerr << scenario.path << ": " << error.what() << '\n';
      failed = 1;
    }
  }
  return failed;
}

int write_table() {
  std::ofstream(KNM_RULES_PAGE) << rules_page(scenarios());
  return 0;
}

}  // namespace knm::test

int main(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (!words.empty() && words[0] == "--accept") return knm::test::accept(words.size() > 1 ? words[1] : "");
  if (!words.empty() && words[0] == "--table") return knm::test::write_table();
  return RUN_ALL_TESTS();
}
