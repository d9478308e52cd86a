#pragma once

#include "controller/intent/roster.hpp"

namespace knm {

// What is kept of a Service for its backends: what of its object each change of one of them asks for, and the counts.
struct BackendGroup {
  bool has_selector = false, publishes_not_ready = false, headless = false;
  bool is_stale = false;  // the counts are void: all backends are to be counted again
  Roster roster;

  // Whether the Service gets anything at all: without a selector it does only where it has a Pod with a network.
  bool counts() const;
};

}  // namespace knm
