#pragma once

#include <chrono>

// Counting what a piece of code costs: its instructions under callgrind (valgrind --tool=callgrind --instr-atstart=no
// --collect-atstart=no), its wall time in any case.
namespace knm::bench {

// Instructions are counted from here on, wherever a Stopwatch runs.
void begin_counting();

// Writes what was counted so far under `label` and starts again from zero. Nothing outside of callgrind.
void dump_count(const char* label);

// Measures the scope that it lives in.
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
