#include "k8sclient/decode/json_escapes.hpp"

#include <charconv>
#include <cstdint>

#include "base/utf8.hpp"

namespace k8s::js {
namespace {

constexpr std::size_t short_size = 2, unit_size = 6;  // "\n" and "\u000a"
constexpr std::uint32_t no_unit = 0x10000;

// The character of a short escape; 0: there is none for this letter.
char short_escape(char letter) {
  constexpr std::string_view letters = "\"\\/bfnrt", characters = "\"\\/\b\f\n\r\t";
  const auto at = letters.find(letter);
  return at == std::string_view::npos ? '\0' : characters[at];
}

// The UTF-16 code unit of \uXXXX at the beginning of `text`, or no_unit.
std::uint32_t unit_of(std::string_view text) {
  if (text.size() < unit_size || text[0] != '\\' || text[1] != 'u') return no_unit;
  std::uint32_t unit = 0;
  const auto digits = text.substr(2, 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  return error == std::errc() && end == digits.data() + digits.size() ? unit : no_unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

std::size_t escape_size(std::string_view text) {
  if (text.size() < short_size) return 0;
  if (text[1] != 'u') return short_escape(text[1]) == '\0' ? 0 : short_size;
  const auto unit = unit_of(text);
  if (unit == no_unit || is_low(unit)) return 0;
  if (!is_high(unit)) return unit_size;
  return is_low(unit_of(text.substr(unit_size))) ? 2 * unit_size : 0;
}

void append_unescaped(std::string_view written, std::string& out) {
  while (!written.empty()) {
    const auto plain = written.substr(0, written.find('\\'));
    out += plain;
    written.remove_prefix(plain.size());
    if (written.empty()) return;
    if (written[1] != 'u') {
      out += short_escape(written[1]);
    } else {
      const auto unit = unit_of(written);
      base::append_utf8(
          is_high(unit) ? 0x10000 + ((unit - 0xd800) << 10) + (unit_of(written.substr(unit_size)) - 0xdc00) : unit,
          out);
    }
    written.remove_prefix(escape_size(written));
  }
}

}  // namespace k8s::js
