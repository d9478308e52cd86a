#pragma once

#include <chrono>

namespace knm {

// A point in time: nanoseconds since a start that the driver of the engine chooses. Pure code never reads a clock.
using Time = std::chrono::nanoseconds;

}  // namespace knm
