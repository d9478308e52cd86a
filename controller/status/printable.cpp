#include "controller/status/printable.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace knm {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

// Some terminals execute U+0080 to U+009F as well.
bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

// The number of bytes in the control sequence at the start of `text`, including ESC [; 1 for any other control. Source:
// ECMA-48 section 5.4.
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
    const auto [code, length] = base::first_code_point(text);
    auto point = text.substr(0, length == 0 ? 1 : length);
    if (out.size() + point.size() > limit) break;
    if (length == 0)
      out += '?';
    else if (!is_control(code))
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
