#pragma once

#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// What a start costs that finds everything in place.
struct RestartCosts {
  double cpu_seconds = 0;            // all of it: stores, inventory, binding
  double inventory_cpu_seconds = 0;  // of it: reading the config API's lists
  std::size_t list_requests = 0;
  std::size_t list_bytes = 0;
  std::size_t writes = 0;  // config API and annotations; anything but 0 is a failure
};

// Builds the cluster's objects in a stand-in config API, then starts anew against it. Only the controller's own parts
// are timed: not the stand-in, and not the cluster's making.
RestartCosts measure_restart(const Cluster& cluster);

}  // namespace knm::bench
