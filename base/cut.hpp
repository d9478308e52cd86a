#pragma once

#include <cstddef>
#include <string_view>

namespace base {

// The longest prefix of `text` with at most `limit` bytes that does not end inside a character (UTF-8, RFC 3629). Bytes
// that are not UTF-8 are cut anywhere: no character has more than three continuation bytes.
inline std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U; };
  auto length = limit;
  for (int back = 0; back < 3 && length > 0 && continues(length); ++back) --length;
  // Four continuation bytes in a row belong to no character.
  return text.substr(0, length > 0 && continues(length) ? limit : length);
}

}  // namespace base
