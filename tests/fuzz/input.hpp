#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// Shared by the fuzz targets.
namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the first byte as a choice.
inline std::uint8_t take_choice(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

// A violated property is a crash, like everything that a fuzz target detects.
inline void check(bool holds) {
  if (!holds) std::abort();
}

// Calls `take` with pieces of `size` bytes (0: all at once) until it returns false.
template <class Take>
bool in_pieces(std::string_view input, std::size_t size, Take take) {
  if (size == 0) return take(input);
  for (; !input.empty(); input.remove_prefix(std::min(size, input.size())))
    if (!take(input.substr(0, size))) return false;
  return true;
}

}  // namespace fuzz
