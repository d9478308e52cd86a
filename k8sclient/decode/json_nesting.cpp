#include "k8sclient/decode/json_nesting.hpp"

#include <cstdint>

#include "base/bytes.hpp"

namespace k8s::js {
namespace {

constexpr std::size_t block_size = 64;

// A bit for each byte of a block.
struct BlockMasks {
  std::uint64_t quotes = 0, backslashes = 0, opening = 0, closing = 0;
};

BlockMasks masks_of(const char* block) {
  BlockMasks out;
  for (std::size_t at = 0; at < block_size; at += base::Bytes16::size) {
    const base::Bytes16 bytes(block + at);
    out.quotes |= std::uint64_t{bytes.equal_to('"')} << at;
    out.backslashes |= std::uint64_t{bytes.equal_to('\\')} << at;
    out.opening |= std::uint64_t{bytes.folded_equal_to('{')} << at;  // and [
    out.closing |= std::uint64_t{bytes.folded_equal_to('}')} << at;  // and ]
  }
  return out;
}

// The bytes that backslashes hide. `first`: whether the first byte is hidden; then whether that of the next block is.
std::uint64_t hidden_by(std::uint64_t backslashes, bool& first) {
  std::uint64_t hidden = first ? 1 : 0;
  first = false;
  for (auto left = backslashes & ~hidden; left != 0;) {
    const auto backslash = left & (~left + 1);
    const auto next = backslash << 1;
    first = next == 0;
    hidden |= next;
    left &= ~(backslash | next);
  }
  return hidden;
}

// Each bit is the parity of the bits up to it: between an opening and a closing quote it is set.
std::uint64_t parity_up_to(std::uint64_t bits) {
  for (unsigned distance = 1; distance < block_size; distance *= 2) bits ^= bits << distance;
  return bits;
}

}  // namespace

std::size_t Nesting::find_end(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (depth_ > 0 && bytes.size() - at >= block_size) {
      if (const auto end = end_in_block(bytes.data() + at); end != 0) return at + end;
      at += block_size;
    } else if (is_end(bytes[at++])) {
      return at;
    }
  }
  return std::string_view::npos;
}

// Inside an object or array. 0: it does not end in the block.
std::size_t Nesting::end_in_block(const char* block) {
  const auto masks = masks_of(block);
  auto visible = ~std::uint64_t{0};
  if (masks.backslashes != 0 || escaped_) visible = ~hidden_by(masks.backslashes, escaped_);
  const auto texts = parity_up_to(masks.quotes & visible) ^ (text_ ? ~std::uint64_t{0} : 0);
  text_ = texts >> (block_size - 1) != 0;
  for (auto left = (masks.opening | masks.closing) & visible & ~texts; left != 0; left &= left - 1) {
    const auto bracket = left & (~left + 1);
    depth_ += (masks.opening & bracket) != 0 ? 1 : -1;
    if (depth_ > 0) continue;
    text_ = escaped_ = false;
    return base::first_of(bracket) + 1;
  }
  return 0;
}

bool Nesting::is_end(char c) {
  if (escaped_) {
    escaped_ = false;
    return false;
  }
  if (c == '\\')
    escaped_ = true;
  else if (c == '"')
    text_ = !text_;
  else if (!text_ && (c == '{' || c == '['))
    ++depth_;
  else if (!text_ && (c == '}' || c == ']'))
    --depth_;
  return depth_ == 0 && !text_;
}

}  // namespace k8s::js
