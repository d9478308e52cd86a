#include "base/utf8.hpp"

#include <utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace base {

namespace {

// The length of the ASCII at the beginning, rounded down to whole words.
std::size_t ascii_words(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return at;
}

}  // namespace

// Most text is ASCII, which needs no decoding.
bool is_utf8(std::string_view text) {
  text.remove_prefix(ascii_words(text));
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }) ||
         utf8::is_valid(text.begin(), text.end());
}

CodePoint first_code_point(std::string_view text) {
  constexpr std::size_t longest = 4;
  const auto some = text.substr(0, longest);
  if (utf8::find_invalid(some.begin(), some.end()) == some.begin()) return {};
  auto at = some.begin();
  const auto code = utf8::unchecked::next(at);
  return {static_cast<char32_t>(code), static_cast<std::size_t>(at - some.begin())};
}

}  // namespace base
