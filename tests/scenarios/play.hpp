#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/scenarios/actor.hpp"

// Plays a scenario as it is written, and in other ways that must have the same result.
namespace knm::test {

// With fewer samples, not all orders of a few commands are tried.
inline constexpr std::size_t enough_samples = 24;

struct Played {
  std::vector<std::vector<std::string>> seen;  // for each step: changes(), interrupted connections, and writes_of()
  std::vector<Graph> graphs;                   // after each step
  std::vector<Cluster> clusters;               // after each step
  std::size_t writes = 0;                      // of all steps
};

// Plays as written. Throws std::runtime_error if a command fails or the World does not converge.
Played play(const Scenario& scenario);

// The differences from the expectations of the file, one line each; empty: none.
std::vector<std::string> differences(const Scenario& scenario, const Played& played);

// Audits and a restart after the end write nothing.
std::optional<std::string> writes_nothing_at_the_end(const Scenario& scenario);

// Each of the following functions plays the scenario in other ways. It returns an error text if the result differs from
// `as_written` or if an unnecessary write happens, else nullopt. `runs` counts the runs.
//
// The commands of a step in every order, or in `samples` orders for more than six commands; each with pauses from a
// seed, and with watches without a common order.
std::optional<std::string> permuted(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                    std::size_t& runs);
// All steps at once; each command separately; each command twice, with all objects applied again; forward, back through
// all former states of the cluster, and forward again.
std::optional<std::string> varied(const Scenario& scenario, const Played& as_written, std::size_t samples,
                                  std::size_t& runs);
// The controller crashes before the first write and after each one (or each `stride`-th one), and starts again.
std::optional<std::string> crashed(const Scenario& scenario, const Played& as_written, std::size_t stride,
                                   std::size_t& runs);

}  // namespace knm::test
