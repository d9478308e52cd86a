#include "tests/bench/growth/measure.hpp"

#include <valgrind/callgrind.h>

namespace knm::bench {

void begin_counting() { CALLGRIND_START_INSTRUMENTATION; }

void dump_count([[maybe_unused]] const char* label) { CALLGRIND_DUMP_STATS_AT(label); }

Stopwatch::Stopwatch(std::chrono::nanoseconds& total) : total_(total), start_(std::chrono::steady_clock::now()) {
  CALLGRIND_TOGGLE_COLLECT;
}

Stopwatch::~Stopwatch() {
  CALLGRIND_TOGGLE_COLLECT;
  total_ += std::chrono::steady_clock::now() - start_;
}

}  // namespace knm::bench
