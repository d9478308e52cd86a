#include "base/utf8.hpp"

#include <utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace base {

namespace {

bool is_ascii(std::string_view text) {
  constexpr std::size_t width = sizeof(std::uint64_t);
  constexpr std::uint64_t top_bits = 0x8080808080808080;
  std::uint64_t all = 0;
  const auto add = [&all](const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, width);
    all |= word;
  };
  if (text.size() < width)
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  for (std::size_t at = 0; at + width < text.size(); at += width) add(text.data() + at);
  add(text.data() + text.size() - width);  // the last word may repeat bytes
  return (all & top_bits) == 0;
}

}  // namespace

// Most texts are ASCII: their bytes need no decoder.
bool is_utf8(std::string_view text) { return is_ascii(text) || utf8::is_valid(text.begin(), text.end()); }

CodePoint first_code_point(std::string_view text) {
  constexpr std::size_t longest = 4;
  const auto some = text.substr(0, longest);
  if (utf8::find_invalid(some.begin(), some.end()) == some.begin()) return {};
  auto at = some.begin();
  const auto code = utf8::unchecked::next(at);
  return {static_cast<char32_t>(code), static_cast<std::size_t>(at - some.begin())};
}

void append_utf8(char32_t code, std::string& out) { utf8::unchecked::append(code, std::back_inserter(out)); }

}  // namespace base
