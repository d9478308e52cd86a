#pragma once

#include <chrono>

// Measures the cost of a piece of code: its instructions under callgrind (valgrind --tool=callgrind --instr-atstart=no
// --collect-atstart=no), and its wall time in any case.
namespace knm::bench {

// From now on instructions are counted while a Stopwatch runs.
void begin_counting();

// Writes the count so far under `label` and resets it. Has no effect without callgrind.
void dump_count(const char* label);

// Measures its scope.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::nanoseconds& total);
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::chrono::nanoseconds& total_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace knm::bench
