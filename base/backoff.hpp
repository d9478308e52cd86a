#pragma once

#include <algorithm>
#include <chrono>

namespace base {

struct BackoffPolicy {
  std::chrono::milliseconds initial{500};
  std::chrono::milliseconds max{30'000};
  double factor = 2;
};

// The delay after the n-th failure in a row: exponential, with "equal jitter": between half of the step and the whole,
// so that many clients which fail together do not return together. Pure: randomness is a parameter.
class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy) : policy_(policy), step_(policy.initial) {}

  // `random` in [0, 1).
  std::chrono::milliseconds next(double random) {
    const auto step = step_;
    const double longer =
        std::min(static_cast<double>(step.count()) * policy_.factor, static_cast<double>(policy_.max.count()));
    step_ = std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(longer));
    return std::chrono::milliseconds(
        static_cast<std::chrono::milliseconds::rep>(static_cast<double>(step.count()) * (0.5 + 0.5 * random)));
  }

  void reset() { step_ = policy_.initial; }

 private:
  BackoffPolicy policy_;
  std::chrono::milliseconds step_;  // the next step, before jitter
};

}  // namespace base
