#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "tests/bench/support/wide_cluster.hpp"

namespace knm::bench {

// The cost of one change of an object with very many dependents.
struct WideCost {
  std::size_t changes = 0;           // measured changes
  std::chrono::nanoseconds wall{0};  // of all of them
  std::size_t requests = 0;          // to the config API, of all of them
};
using WideCosts = std::map<std::string, WideCost>;  // by label; under callgrind, so are the dumps

// Endpoints that become unready and ready again, spread over the slices of each Service: "numbered", "named",
// "headless".
WideCosts measure_readiness(const WideCluster& cluster);
// Existing tiers that begin or stop to use the shared tier: "joins", "leaves".
WideCosts measure_users(const WideCluster& cluster);

}  // namespace knm::bench
