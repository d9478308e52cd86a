#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace base {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Whether a byte is ASCII that stands for itself.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}
constexpr auto plain_bytes = make_plain();

bool is_plain(char c) { return plain_bytes[static_cast<unsigned char>(c)]; }

void append_escape(std::string& out, char c) {
  constexpr std::string_view escaped = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt", hex = "0123456789abcdef";
  out += '\\';
  if (const auto at = escaped.find(c); at != escaped.npos) {
    out += letters[at];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "u00";
  out += hex[byte >> 4U];
  out += hex[byte & 15U];
}

struct Sequence {
  std::size_t length;  // at least 1
  bool complete;
};

// The code point at the beginning, or what there is of it. The text must not be empty and not begin with ASCII. The
// bounds of the second byte exclude overlong forms, surrogates and what is beyond U+10FFFF (table 3-7 of The Unicode
// Standard).
Sequence sequence_at(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xF4) length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  std::size_t found = 1;
  for (; found < std::min(length, text.size()); ++found) {
    const auto byte = static_cast<unsigned char>(text[found]);
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xBF;
  }
  return {found, found == length};
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::size_t used = 1;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      append_escape(out, text.front());
    } else {
      const auto sequence = sequence_at(text);
      used = sequence.length;
      out += sequence.complete ? text.substr(0, used) : replacement;
    }
    text.remove_prefix(used);
  }
  out += '"';
}

}  // namespace base
