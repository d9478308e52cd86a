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

// Every rule of the object model has a scenario, the scenario plays as it is written and in every other order that must
// not matter, and it notices when its rule is not followed.
namespace knm::test {

const std::vector<Scenario>& scenarios() {
  static const auto all = load_scenarios();
  return all;
}

namespace {

// How many orders and kinds of disorder are tried where not all can be; KNM_SEEDS for fewer or more.
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
  void expect_nothing(const std::optional<std::string>& complaint) { EXPECT_FALSE(complaint) << *complaint; }
};

TEST_P(EachScenario, PlaysAsWritten) {
  const auto& played = as_written();
  EXPECT_TRUE(differences(scenario(), played).empty())
      << scenario().path << lines_of(differences(scenario(), played))
      << "\nwhat is seen is written into the file by scenario_test --accept; read it before you commit it";
  expect_nothing(stays_at_rest(scenario()));
}

TEST_P(EachScenario, ComesToTheSameEndInAnyOrder) {
  std::size_t runs = 0;
  const auto& played = as_written();
  expect_nothing(permuted(scenario(), played, samples(), runs));
  expect_nothing(retold(scenario(), played, samples() / 4, runs));
  std::cout << "[          ] " << scenario().name << ": " << runs << " other ways to tell it\n";
}

TEST_P(EachScenario, ComesToTheSameEndAfterACrashAtAnyWrite) {
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

// How the scenario notices that its rule does not hold; nullopt: it does not.
std::optional<std::string> bite(const Scenario& scenario) {
  try {
    const auto played = play(scenario);
    if (const auto lines = differences(scenario, played); !lines.empty())
      return lines.size() > 1 ? lines[0] + ": " + lines[1] : lines[0];
    std::size_t runs = 0;
    if (auto complaint = stays_at_rest(scenario)) return complaint;
    if (auto complaint = retold(scenario, played, 2, runs)) return complaint;
    if (auto complaint = crashed(scenario, played, 1, runs)) return complaint;
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
    auto how = bite(scenario);
    switch_off(std::nullopt);
    EXPECT_TRUE(how) << scenario.path << " does not notice that rule " << rule->id << " does not hold";
    if (how) std::cout << rule->id << " off: " << scenario.name << ": " << how->substr(0, how->find('\n')) << '\n';
  }
}

// Where there is no way to change something without a gap. An interface has one network, and a public address one
// floating IP; the config API knows no other way. It would take one ClusterIP in two service networks, but the floating
// IP's uuid is derived from the Service and the address, so that a Service that moves to another tier is cut, too.
TEST(Rules, OnlyWhatMovesIsCut) {
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
  EXPECT_EQ(page, rules_page(scenarios())) << "write it anew with scenario_test --table";
}

}  // namespace

// What is seen becomes what is expected; of those files whose name has `part` in it.
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
