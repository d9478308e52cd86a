#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// How something that is made in steps takes the thread.
struct StretchCosts {
  std::chrono::nanoseconds longest{0};  // without a turn for anything else
  std::chrono::nanoseconds total{0};    // of one time
  std::size_t stretches = 0;

  // The worst of several times.
  void add(const StretchCosts& other) {
    longest = std::max(longest, other.longest);
    total = std::max(total, other.total);
    stretches = std::max(stretches, other.stretches);
  }
};

// What looking at a converged cluster costs: a scrape of the metrics, the state as it is folded, and all of it.
struct StateCosts {
  StretchCosts metrics, folded, full;
  std::size_t full_bytes = 0;
  double before_mb = 0, holding_mb = 0, after_mb = 0;  // resident: before, with the whole text in memory, and after
};
StateCosts measure_state(const Cluster& cluster);

// The end of a list of all Pods, of a converged cluster: without a change, and without one of them.
struct RelistCosts {
  StretchCosts unchanged, without_one;
};
RelistCosts measure_relist(const Cluster& cluster);

}  // namespace knm::bench
