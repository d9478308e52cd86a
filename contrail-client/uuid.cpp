#include "contrail-client/uuid.hpp"

#include <algorithm>

#include <boost/uuid/name_generator_sha1.hpp>

namespace contrail {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr auto values = make_values();

constexpr std::size_t text_size = 36;
constexpr bool dash_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  Uuid id;
  std::size_t position = 0;
  for (auto& byte : id.bytes) {
    if (dash_at(position)) {
      if (text[position] != '-') return std::nullopt;
      ++position;
    }
    const auto high = values[static_cast<unsigned char>(text[position])];
    const auto low = values[static_cast<unsigned char>(text[position + 1])];
    if ((high | low) == no_digit) return std::nullopt;
    byte = static_cast<std::uint8_t>(high << 4 | low);
    position += 2;
  }
  return id;
}

std::string Uuid::text() const {
  std::string text(text_size, '-');
  std::size_t position = 0;
  for (const auto byte : bytes) {
    if (dash_at(position)) ++position;
    text[position++] = digits[byte >> 4];
    text[position++] = digits[byte & 15];
  }
  return text;
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  boost::uuids::uuid space{};
  std::copy(name_space.bytes.begin(), name_space.bytes.end(), space.begin());
  const auto made = boost::uuids::name_generator_sha1(space)(name.data(), name.size());
  Uuid id;
  std::copy(made.begin(), made.end(), id.bytes.begin());
  return id;
}

}  // namespace contrail
