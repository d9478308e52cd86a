#include "tests/config-api/core/uuid.hpp"

#include <algorithm>
#include <cctype>

namespace standin {
namespace {

constexpr std::size_t kTextLength = 36;

bool dash_at(std::size_t position) { return position == 8 || position == 13 || position == 18 || position == 23; }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<Uuid> parse_digits(std::string_view digits) {
  if (digits.size() != 32) return std::nullopt;
  Uuid uuid;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = hex_digit(digits[i]);
    if (!digit) return std::nullopt;
    std::uint64_t& half = i < 16 ? uuid.high : uuid.low;
    half = half << 4 | *digit;
  }
  return uuid;
}

void erase_all(std::string& text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
}

}  // namespace

std::string to_text(const Uuid& uuid) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(kTextLength);
  int nibble = 0;
  while (text.size() < kTextLength) {
    if (dash_at(text.size())) {
      text += '-';
      continue;
    }
    const std::uint64_t half = nibble < 16 ? uuid.high : uuid.low;
    text += kDigits[half >> (60 - 4 * (nibble % 16)) & 15];
    ++nibble;
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i) != (text[i] == '-')) return std::nullopt;
    if (!dash_at(i)) digits += text[i];
  }
  return parse_digits(digits);
}

std::optional<Uuid> parse_uuid_leniently(std::string_view text) {
  std::string digits(text);
  erase_all(digits, "urn:");
  erase_all(digits, "uuid:");
  std::erase_if(digits, [](char c) { return c == '-' || c == '{' || c == '}'; });
  std::ranges::transform(digits, digits.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return parse_digits(digits);
}

// splitmix64 (Steele, Lea, Flood 2014): one word of state, so that a saved server goes on where it was.
std::uint64_t UuidGenerator::next_word() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  return z ^ z >> 31;
}

Uuid UuidGenerator::next() {
  Uuid uuid{next_word(), next_word()};
  uuid.high = (uuid.high & ~0xf000ULL) | 0x4000ULL;
  uuid.low = (uuid.low & ~(3ULL << 62)) | 2ULL << 62;
  return uuid;
}

}  // namespace standin
