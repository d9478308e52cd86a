#pragma once

#include "base/clock.hpp"

namespace test {

// A clock that only the test moves.
struct ManualClock final : base::Clock {
  time_point now() const override { return time; }
  time_point time{};
};

}  // namespace test
