#pragma once

#include <algorithm>
#include <cstdint>

#include "controller/base/time.hpp"

namespace knm {

// At most `burst` at once, and one more each `refill`. Starts full. (The generic cell rate algorithm: the only state is
// the time when the bucket will be full again.)
class TokenBucket {
 public:
  struct Rate {
    std::uint32_t burst;  // at least 1
    Time refill;
  };

  bool take(const Rate& rate, Time now) {
    if (now < ready_at(rate)) return false;
    full_at_ = std::max(full_at_, now) + rate.refill;
    return true;
  }
  // When the next token is available.
  Time ready_at(const Rate& rate) const { return full_at_ - static_cast<std::int64_t>(rate.burst - 1) * rate.refill; }
  bool is_full(Time now) const { return full_at_ <= now; }

 private:
  Time full_at_{0};
};

}  // namespace knm
