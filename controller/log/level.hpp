#pragma once

#include <cstdint>

namespace knm::log {

// What is worth a line, from the noisiest up. `off` says nothing at all.
enum class Level : std::uint8_t { trace, debug, info, warning, error, off };

// How a line is written: for people, or one JSON object a line for machines.
enum class Format : std::uint8_t { text, json };

}  // namespace knm::log
