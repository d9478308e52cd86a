#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// How a task in steps occupies the thread.
struct StretchCosts {
  std::chrono::nanoseconds longest{0};  // without a turn for other work
  std::chrono::nanoseconds total{0};    // of one run
  std::size_t stretches = 0;

  // The maximum of several runs.
  void add(const StretchCosts& other) {
    longest = std::max(longest, other.longest);
    total = std::max(total, other.total);
    stretches = std::max(stretches, other.stretches);
  }
};

// The cost of reading a converged cluster: a scrape of the metrics, the folded state, and the full state.
struct StateCosts {
  StretchCosts metrics, folded, full;
  std::size_t full_bytes = 0;
  double before_mb = 0, holding_mb = 0, after_mb = 0;  // resident: before, with the whole text in memory, and after
};
StateCosts measure_state(const Cluster& cluster);

// The end of a list of all Pods of a converged cluster: without a change, and without one of the Pods.
struct RelistCosts {
  StretchCosts unchanged, without_one;
};
RelistCosts measure_relist(const Cluster& cluster);

}  // namespace knm::bench
