#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

// Addresses for the oracle: 128-bit numbers, with IPv4 as IPv4-mapped IPv6, so that both have the same order and
// arithmetic.
namespace knm::test {

class Number {
 public:
  static std::optional<Number> parse(const std::string& text);  // an address
  bool is_v4() const;
  Number minus(unsigned count) const;
  friend auto operator<=>(const Number&, const Number&) = default;

 private:
  friend struct Range;
  std::array<std::uint8_t, 16> bytes_{};
};

// For example "10.0.0.0/16": the first and the last address, both included.
struct Range {
  static Range parse(const std::string& text);
  bool contains(const Number& address) const { return first <= address && address <= last; }
  bool is_v4() const { return first.is_v4(); }
  Number first, last;
};

}  // namespace knm::test
