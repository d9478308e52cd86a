#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace base {

// At most `burst` at once, and one more each `refill`. Starts full. (The generic cell rate algorithm: the only state is
// the time when the bucket will be full again.) Times are counted from any start that is not later than the first use.
class TokenBucket {
 public:
  using Time = std::chrono::nanoseconds;
  struct Rate {
    std::uint32_t burst;  // at least 1
    Time refill;
  };

  // Takes a token if one is available.
  bool take(const Rate& rate, Time now) {
    if (now < ready_at(rate)) return false;
    full_at_ = std::max(full_at_, now) + rate.refill;
    return true;
  }
  // Takes the next token in any case; returns how long it takes until this token is available.
  Time reserve(const Rate& rate, Time now) {
    const Time wait = std::max(ready_at(rate) - now, Time::zero());
    full_at_ = std::max(full_at_, now) + rate.refill;
    return wait;
  }
  // When the next token is available.
  Time ready_at(const Rate& rate) const { return full_at_ - static_cast<std::int64_t>(rate.burst - 1) * rate.refill; }
  bool is_full(Time now) const { return full_at_ <= now; }

 private:
  Time full_at_{0};
};

}  // namespace base
