#pragma once

#include <string>
#include <vector>

#include "controller/config/settings.hpp"

namespace knm::test {

// One line of a step: a verb and its arguments.
struct Command {
  std::string text;                // as written
  std::vector<std::string> words;  // split at blanks, except within '…'
  int line = 0;
};

struct ScenarioStep {
  std::string title;
  bool in_order = false;  // its commands must not be permuted
  std::vector<Command> commands;
  std::vector<std::string> expected;  // the changes of the graph, and the writes; see graph.hpp
};

// The scenario of a rule, in the form of a file in tests/scenarios/rules:
//
//   rule 3.5                                     the id in tests/scenarios/rule.hpp; the name of the file begins with
//   it What the rule means, in a sentence or two. config namespace-service: [default, dns]     a line of the
//   configuration; may be repeated history matters: why                         the result depends on the history: no
//   step is left out or reverted crashes matter: why                          a crash may lead to another result in
//   full                                      the graph shows each object of a Pod, and all owner annotations
//
//   step A title                                 or `step in order A title`: its commands must not be permuted
//     pod shop/web-0 name=web                    commands; see actor.hpp
//     + virtual-network shop:web …               what is added (+) and removed (-) in the graph by the converged step
//     cut for a while: a -> b                    a connection that was interrupted, although it exists before and after
//     writes: 4 created                          the number of writes
//
// Lines that begin with # are comments.
struct Scenario {
  std::string path, name;         // of the file; its name without the extension
  std::vector<std::string> head;  // all lines before the first step, as written
  std::string rule, sentence;
  Settings settings;
  bool history_matters = false, crashes_matter = false, in_full = false;
  std::vector<ScenarioStep> steps;
};

// Throws std::runtime_error with path and line for an invalid file.
Scenario load_scenario(const std::string& path);
void save_scenario(const Scenario& scenario);
// All scenarios of tests/scenarios/rules, by name.
std::vector<Scenario> load_scenarios();

}  // namespace knm::test
