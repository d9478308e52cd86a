#pragma once

#include <string>
#include <vector>

#include "controller/config/settings.hpp"

namespace knm::test {

// One line of a step: a word that says what happens, and to what.
struct Command {
  std::string text;                // as written
  std::vector<std::string> words;  // split at blanks; '…' holds them together
  int line = 0;
};

struct ScenarioStep {
  std::string title;
  bool in_order = false;  // its commands must not be permuted
  std::vector<Command> commands;
  std::vector<std::string> expected;  // how the graph changes, and what was written; see graph.hpp
};

// A rule's scenario, as a file of tests/scenarios/rules holds it:
//
//   rule 3.5                                     the id in tests/scenarios/rule.hpp; the file's name begins with it
//   What it says, in a sentence or two.
//   config namespace-service: [default, dns]     a line of the configuration, as often as needed
//   history matters: why                         the end depends on the way: no step is left out or taken back
//   crashes matter: why                          a crash may lead to another end
//   in full                                      the graph shows each object of a Pod, and every mark
//
//   step A title                                 or `step in order A title`: its commands must not be permuted
//     pod shop/web-0 name=web                    commands; see actor.hpp
//     + virtual-network shop:web …               what comes (+) and goes (-) in the graph once all is at rest
//     cut for a while: a -> b                   who could not reach whom in between, though nothing asked for that
//     writes: 4 created                          how many writes that took
//
// Lines that begin with # are comments.
struct Scenario {
  std::string path, name;         // of the file; its name without ending
  std::vector<std::string> head;  // everything before the first step, as written
  std::string rule, sentence;
  Settings settings;
  bool history_matters = false, crashes_matter = false, in_full = false;
  std::vector<ScenarioStep> steps;
};

// Throws std::runtime_error with path and line where the file is none.
Scenario load_scenario(const std::string& path);
void save_scenario(const Scenario& scenario);
// All of tests/scenarios/rules, by name.
std::vector<Scenario> load_scenarios();

}  // namespace knm::test
