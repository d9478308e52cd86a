#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Many bytes of a text at once. A mask has one bit for each of them, the lowest one for the first byte.
namespace base {

class Bytes16 {
 public:
  static constexpr std::size_t size = 16;

  explicit Bytes16(const char* at) { std::memcpy(&bytes_, at, size); }

  std::uint32_t equal_to(char byte) const { return mask_of(bytes_ == vector_of(byte)); }
  // As equal_to(), with the bit 0x20 set in each byte.
  std::uint32_t folded_equal_to(char byte) const { return mask_of((bytes_ | vector_of(0x20)) == vector_of(byte)); }
  // Control characters and bytes beyond ASCII (below 0x20 as signed numbers), and the two others.
  std::uint32_t unusual_or(char one, char other) const {
    return mask_of((bytes_ < vector_of(0x20)) | (bytes_ == vector_of(one)) | (bytes_ == vector_of(other)));
  }

 private:
  using Vector = signed char __attribute__((vector_size(size)));

  static Vector vector_of(char byte) { return Vector{} + static_cast<signed char>(byte); }
  static std::uint32_t mask_of(Vector selected) {
#ifdef __SSE2__
    return static_cast<std::uint32_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(selected)));
#else
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < size; ++i) mask |= (selected[i] & 1U) << i;
    return mask;
#endif
  }

  Vector bytes_;
};

// The first byte of a mask, which must have one.
inline std::size_t first_of(std::uint64_t mask) { return static_cast<std::size_t>(std::countr_zero(mask)); }

}  // namespace base
