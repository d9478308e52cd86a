#include "controller/intent/address_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace knm {
namespace {

using contrail::Family;
using contrail::IpAddress;
using Bytes = std::array<std::uint8_t, 16>;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

// The number at the beginning of `text`, which is removed from it; nullopt: there is none up to `limit`. It may have
// any number of leading zeros.
std::optional<unsigned> take_number(std::string_view& text, unsigned base, unsigned limit) {
  unsigned value = 0;
  std::size_t size = 0;
  for (; size < text.size(); ++size) {
    const auto digit = static_cast<unsigned>(digit_of(text[size]));
    if (digit >= base) break;
    value = value * base + digit;
    if (value > limit) return std::nullopt;
  }
  text.remove_prefix(size);
  return size > 0 ? std::optional(value) : std::nullopt;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::uint32_t> read_v4(std::string_view text) {
  std::uint32_t out = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return std::nullopt;
    const auto number = take_number(text, 10, 0xff);
    if (!number) return std::nullopt;
    out = out << 8 | *number;
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

// Moves the bytes after `::` to the end, and fills the gap with zeros.
void spread(Bytes& bytes, std::size_t gap, std::size_t filled) {
  std::copy_backward(bytes.begin() + static_cast<std::ptrdiff_t>(gap),
                     bytes.begin() + static_cast<std::ptrdiff_t>(filled), bytes.end());
  const auto missing = static_cast<std::ptrdiff_t>(bytes.size() - filled);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(gap), missing, std::uint8_t{0});
}

std::optional<Bytes> read_v6(std::string_view text) {
  Bytes out{};
  std::optional<std::size_t> gap;
  std::size_t filled = 0;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty() && filled < out.size()) {
    // The last four bytes may be written as an IPv4 address.
    if (const auto end = text.find_first_of(".:"); end != text.npos && text[end] == '.') {
      const auto last = read_v4(text);
      if (!last || filled > 12 || (!gap && filled != 12)) return std::nullopt;
      for (int shift = 24; shift >= 0; shift -= 8) out[filled++] = static_cast<std::uint8_t>(*last >> shift);
      text = {};
      break;
    }
    const auto group = take_number(text, 16, 0xffff);
    if (!group) return std::nullopt;
    out[filled++] = static_cast<std::uint8_t>(*group >> 8);
    out[filled++] = static_cast<std::uint8_t>(*group);
    if (text.empty()) break;
    if (!take(text, ':') || text.empty()) return std::nullopt;
    if (!take(text, ':')) continue;
    if (gap) return std::nullopt;
    gap = filled;
  }
  if (!text.empty()) return std::nullopt;
  if (filled == out.size()) return gap ? std::nullopt : std::optional(out);  // `::` must stand for at least one group
  if (!gap) return std::nullopt;
  spread(out, *gap, filled);
  return out;
}

}  // namespace

std::optional<IpAddress> read_address(std::string_view text) {
  const auto sign = text.find_first_of(".:");
  if (sign == text.npos) return std::nullopt;
  if (text[sign] == '.') {
    const auto number = read_v4(text);
    return number ? std::optional(IpAddress::v4(*number)) : std::nullopt;
  }
  const auto bytes = read_v6(text);
  if (!bytes) return std::nullopt;
  constexpr Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(mapped.begin(), mapped.begin() + 12, bytes->begin())) return IpAddress{Family::v6, *bytes};
  IpAddress out;
  std::copy(bytes->begin() + 12, bytes->end(), out.bytes.begin() + 12);
  return out;
}

}  // namespace knm
