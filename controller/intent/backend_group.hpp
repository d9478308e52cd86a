#pragma once

#include "controller/intent/roster.hpp"

namespace knm {

// State of a Service for its backends: the parts of its object that each change of a backend needs, and the counts.
struct BackendGroup {
  bool has_selector = false, publishes_not_ready = false, headless = false;
  bool is_stale = false;  // the counts are void: all backends must be counted again
  Roster roster;

  // Whether the Service gets any addresses: without a selector only if a backend is a Pod with a network.
  bool counts() const;
};

}  // namespace knm
