#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// What fuzz targets have in common.
namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the first byte, which chooses something.
inline std::uint8_t take_choice(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

// A property that does not hold is a crash, like anything else that a target is there to find.
inline void check(bool holds) {
  if (!holds) std::abort();
}

// Calls `take` with pieces of `size` bytes (0: all at once) until it answers false.
template <class Take>
bool in_pieces(std::string_view input, std::size_t size, Take take) {
  if (size == 0) return take(input);
  for (; !input.empty(); input.remove_prefix(std::min(size, input.size())))
    if (!take(input.substr(0, size))) return false;
  return true;
}

}  // namespace fuzz
