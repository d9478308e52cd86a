#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace contrail {

enum class Family : std::uint8_t { v4, v6 };

// An IPv4 or IPv6 address as a number: bytes in network order, IPv4 in the last four.
struct IpAddress {
  Family family = Family::v4;
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::uint32_t host_order);
  // Canonical text: dotted quad, or RFC 5952.
  std::string text() const;
  bool is_unspecified() const;  // 0.0.0.0 or ::
  // The address plus `offset`; wraps at the end of the family's range.
  IpAddress plus(std::uint64_t offset) const;
  // The distance from `base` (same family) to this address, saturating at 2^64-1; 0 if it precedes `base`.
  std::uint64_t distance_from(const IpAddress& base) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// A range of addresses, `base/length`, without host bits.
struct Cidr {
  IpAddress base;
  int length = 0;

  // Refuses host bits (10.0.0.1/16), leading zeros and any other form that is not canonical.
  static std::optional<Cidr> parse(std::string_view text);
  std::string text() const;
  bool contains(const IpAddress& address) const;
  bool overlaps(const Cidr& other) const;
  IpAddress last() const;  // the highest address of the range
  // Number of addresses, saturating at 2^64-1.
  std::uint64_t size() const;

  friend auto operator<=>(const Cidr&, const Cidr&) = default;
};

}  // namespace contrail
