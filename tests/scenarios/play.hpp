#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/scenarios/actor.hpp"

// A scenario, played as it is written and in other ways that must come to the same end.
namespace knm::test {

// Fewer are asked for where time is short: then not all orders of a few commands are tried either.
inline constexpr std::size_t enough_samples = 24;

struct Played {
  std::vector<std::vector<std::string>> seen;  // of each step: changes(), what was cut, and writes_of()
  std::vector<Graph> graphs;                   // after each step
  std::vector<Cluster> clusters;               // likewise
  std::size_t writes = 0;                      // of all steps
};

// As written. Throws std::runtime_error where a command fails or there is no rest.
Played play(const Scenario& scenario);

// What differs from what the file expects, a line each; empty: nothing.
std::vector<std::string> differences(const Scenario& scenario, const Played& played);

// Audits and a restart after the end write nothing.
std::optional<std::string> stays_at_rest(const Scenario& scenario);

// Each of the following plays the scenario in other ways, comes to other ends than `as_written` or writes where nothing
// is to be done: what happened, or nullopt. `runs` counts how often it was played.
//
// The commands of a step in every order where they are six or fewer, else in `samples` of them; each with pauses that
// follow from a seed, and on watches that keep no order among each other.
std::optional<std::string> permuted(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                    std::size_t& runs);
// All steps at once; each command by itself; each command twice, with all objects put again; forward, back through all
// former states of the cluster, and forward again.
std::optional<std::string> retold(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                  std::size_t& runs);
// The program dies before the first write, and after each (or each `stride`-th), and starts again.
std::optional<std::string> crashed(const Scenario& scenario, const Played& as_written, std::size_t stride,
                                   std::size_t& runs);

}  // namespace knm::test
