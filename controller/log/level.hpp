#pragma once

#include <cstdint>

namespace knm::log {

// The importance of a line, in ascending order. `off` logs nothing.
enum class Level : std::uint8_t { trace, debug, info, warning, error, off };

// The format of a line: text for people, or one JSON object per line for machines.
enum class Format : std::uint8_t { text, json };

}  // namespace knm::log
