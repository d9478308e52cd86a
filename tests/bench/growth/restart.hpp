#pragma once

#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// The cost of a start that finds all objects in place.
struct RestartCosts {
  double cpu_seconds = 0;            // in total: stores, inventory, binding
  double inventory_cpu_seconds = 0;  // the part for reading the lists of the config API
  std::size_t list_requests = 0;
  std::size_t list_bytes = 0;
  std::size_t writes = 0;  // config API and annotations; must be 0
};

// Creates the cluster's objects in a stand-in config API, then starts a new controller with it. Only the parts of the
// controller are measured, not the stand-in and not the creation of the cluster.
RestartCosts measure_restart(const Cluster& cluster);

}  // namespace knm::bench
