#include "tests/support/oracle_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace knm::test {

std::optional<Number> Number::parse(const std::string& text) {
  Number out;
  if (inet_pton(AF_INET6, text.c_str(), out.bytes_.data()) == 1) return out;
  if (inet_pton(AF_INET, text.c_str(), out.bytes_.data() + 12) != 1) return std::nullopt;
  std::fill(out.bytes_.begin(), out.bytes_.begin() + 10, std::uint8_t{0});
  out.bytes_[10] = out.bytes_[11] = 0xff;
  return out;
}

bool Number::is_v4() const {
  return bytes_[10] == 0xff && bytes_[11] == 0xff &&
         std::all_of(bytes_.begin(), bytes_.begin() + 10, [](auto byte) { return byte == 0; });
}

Number Number::minus(unsigned count) const {
  Number out = *this;
  for (std::size_t i = 16; i-- > 0 && count > 0;) {
    const bool borrow = out.bytes_[i] < count;
    out.bytes_[i] = static_cast<std::uint8_t>(out.bytes_[i] - count);
    count = borrow ? 1 : 0;
  }
  return out;
}

Range Range::parse(const std::string& text) {
  const auto slash = text.find('/');
  const auto base = Number::parse(text.substr(0, slash));
  if (!base || slash == std::string::npos) throw std::invalid_argument("no range: " + text);
  const int length = std::stoi(text.substr(slash + 1)) + (base->is_v4() ? 96 : 0);
  Range out{*base, *base};
  for (int bit = length; bit < 128; ++bit)
    out.last.bytes_[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  return out;
}

}  // namespace knm::test
