#pragma once

#include <chrono>
#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// The cost of a change of one Pod in a cluster of a shape, as the average of samples from the whole cluster.
struct ChangeCosts {
  std::size_t samples = 0;
  struct Cost {
    std::chrono::nanoseconds wall{0};  // of all samples
    std::size_t requests = 0;          // to the config API, of all samples
  } created, ready, deleted;
};

// Builds the cluster, then creates Pods, makes them ready and deletes them. Under callgrind it dumps the instructions
// of all samples as "created", "ready" and "deleted".
ChangeCosts measure_changes(const Cluster& cluster);

}  // namespace knm::bench
