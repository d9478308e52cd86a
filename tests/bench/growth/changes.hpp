#pragma once

#include <chrono>
#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// What one Pod's change costs in a cluster of a shape, on average over samples spread over it.
struct ChangeCosts {
  std::size_t samples = 0;
  struct Cost {
    std::chrono::nanoseconds wall{0};  // of all samples
    std::size_t requests = 0;          // to the config API, of all samples
  } created, ready, deleted;
};

// Builds the cluster, then lets Pods come, become ready and go. Under callgrind it dumps the instructions of all
// samples as "created", "ready" and "deleted".
ChangeCosts measure_changes(const Cluster& cluster);

}  // namespace knm::bench
