#include "controller/status/printable.hpp"

#include <algorithm>

namespace knm {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

// How many bytes the code point at the start of `text` has; 0 where there is no valid one. Overlong forms, surrogates
// and what is beyond U+10FFFF are not valid. Source: RFC 3629 section 4.
std::size_t code_point_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (first > 0xf4 || length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

// Of ASCII: what is below the space, and DEL. Of two bytes: U+0080 to U+009F, which some terminals obey as well.
bool is_control(std::string_view point) {
  const auto first = static_cast<unsigned char>(point[0]);
  if (point.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(point[1]) < 0xa0;
}

// How many bytes a control sequence at the start of `text` has, ESC [ and all; 1 where it is another one.
// Source: ECMA-48 section 5.4.
std::size_t control_length(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 1;
  std::size_t end = 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3f) ++end;
  return end < text.size() && text[end] >= 0x40 && text[end] <= 0x7e ? end + 1 : end;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const auto length = code_point_length(text);
    auto point = text.substr(0, length == 0 ? 1 : length);
    if (out.size() + point.size() > limit) break;
    if (length == 0)
      out += '?';
    else if (!is_control(point))
      out += point;
    else if (point = text.substr(0, std::max(length, control_length(text))); !out.empty() && out.back() != ' ')
      out += ' ';
    text.remove_prefix(point.size());
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t out = 0;
  for (const char c : text) out += !continues(c);
  return out;
}

std::string ascii_only(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (continues(c)) continue;
    out += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  }
  return out;
}

}  // namespace knm
