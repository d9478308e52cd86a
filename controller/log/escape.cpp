#include "controller/log/escape.hpp"

#include <algorithm>
#include <cstddef>

#include "base/utf8.hpp"

namespace knm::log {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Most text is ASCII that is copied: it is recognised by its bytes, without decoding.
bool is_copied(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

std::size_t copied_part(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_copied) - text.begin());
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

void append_control(std::string& out, char32_t code) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += digits[code >> 4U];
  out += digits[code & 0xFU];
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (;;) {
    const auto copied = copied_part(text);
    out += text.substr(0, copied);
    text.remove_prefix(copied);
    if (text.empty()) return;
    const auto [code, length] = base::first_code_point(text);
    if (length == 0) {
      out += replacement;
    } else if (is_control(code)) {
      append_control(out, code);
    } else {
      if (code == '"' || code == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

bool is_plain(std::string_view text) {
  for (;;) {
    text.remove_prefix(copied_part(text));
    if (text.empty()) return true;
    const auto [code, length] = base::first_code_point(text);
    if (length == 0 || is_control(code) || code == '"' || code == '\\') return false;
    text.remove_prefix(length);
  }
}

}  // namespace knm::log
