#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace standin {

__extension__ using Number128 = unsigned __int128;

/// An IPv4 or IPv6 address as a number; IPv4 uses the lowest 32 bits.
struct Address {
  bool v6 = false;
  Number128 value = 0;
  bool operator==(const Address&) const = default;
};

std::optional<Address> parse_address(std::string_view text);
std::string to_text(const Address& address);

/// A CIDR block: its host bits are zero.
struct Prefix {
  Address network;
  int length = 0;

  bool operator==(const Prefix&) const = default;
  [[nodiscard]] Number128 first() const { return network.value; }
  [[nodiscard]] Number128 last() const;
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool overlaps(const Prefix& other) const;
};

/// Cuts the host bits. Nothing where the length does not fit the family.
std::optional<Prefix> make_prefix(const Address& address, long long length);
std::string to_text(const Prefix& prefix);

/// A set of numbers kept as intervals, so that the next free one is found in the logarithm of the gaps.
class NumberSet {
 public:
  /// False where the number was in the set already.
  bool insert(Number128 number);
  /// Absent numbers are ignored.
  void erase(Number128 number);
  [[nodiscard]] bool contains(Number128 number) const;
  /// The greatest (least) number of [low, high] that is not in the set.
  [[nodiscard]] std::optional<Number128> highest_absent(Number128 low, Number128 high) const;
  [[nodiscard]] std::optional<Number128> lowest_absent(Number128 low, Number128 high) const;
  [[nodiscard]] const std::map<Number128, Number128>& intervals() const { return intervals_; }

 private:
  /// The interval that holds the number, or end().
  [[nodiscard]] std::map<Number128, Number128>::const_iterator holding(Number128 number) const;
  std::map<Number128, Number128> intervals_;  // first → last, disjoint, never adjacent
};

}  // namespace standin
