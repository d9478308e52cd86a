#include "tests/config-api/core/address.hpp"

#include <arpa/inet.h>

#include <array>

namespace standin {
namespace {

int width(const Address& address) { return address.v6 ? 128 : 32; }

Number128 from_bytes(const unsigned char* bytes, int count) {
  Number128 value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

/// The bits of the host part: all ones below the prefix.
Number128 host_mask(bool v6, int length) {
  const int bits = (v6 ? 128 : 32) - length;
  return bits == 128 ? ~Number128{0} : (Number128{1} << bits) - 1;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return Address{false, from_bytes(bytes.data(), 4)};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return Address{true, from_bytes(bytes.data(), 16)};
  return std::nullopt;
}

std::string to_text(const Address& address) {
  std::array<unsigned char, 16> bytes{};
  const int count = address.v6 ? 16 : 4;
  for (int i = 0; i < count; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(address.value >> (8 * (count - 1 - i)) & 0xff);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

Number128 Prefix::last() const { return network.value | host_mask(network.v6, length); }

bool Prefix::contains(const Address& address) const {
  return address.v6 == network.v6 && address.value >= first() && address.value <= last();
}

bool Prefix::overlaps(const Prefix& other) const {
  return network.v6 == other.network.v6 && first() <= other.last() && other.first() <= last();
}

std::optional<Prefix> make_prefix(const Address& address, long long length) {
  if (length < 0 || length > width(address)) return std::nullopt;
  const int bits = static_cast<int>(length);
  return Prefix{{address.v6, address.value & ~host_mask(address.v6, bits)}, bits};
}

std::string to_text(const Prefix& prefix) { return to_text(prefix.network) + "/" + std::to_string(prefix.length); }

std::map<Number128, Number128>::const_iterator NumberSet::holding(Number128 number) const {
  auto after = intervals_.upper_bound(number);
  if (after == intervals_.begin()) return intervals_.end();
  --after;
  return after->second >= number ? after : intervals_.end();
}

bool NumberSet::contains(Number128 number) const { return holding(number) != intervals_.end(); }

bool NumberSet::insert(Number128 number) {
  if (contains(number)) return false;
  Number128 first = number;
  Number128 last = number;
  if (const auto above = intervals_.find(number + 1); number != ~Number128{0} && above != intervals_.end()) {
    last = above->second;
    intervals_.erase(above);
  }
  if (number != 0) {
    if (const auto below = holding(number - 1); below != intervals_.end()) first = below->first;
  }
  intervals_[first] = last;
  return true;
}

void NumberSet::erase(Number128 number) {
  const auto held = holding(number);
  if (held == intervals_.end()) return;
  const auto [first, last] = *held;
  intervals_.erase(held);
  if (first < number) intervals_[first] = number - 1;
  if (number < last) intervals_[number + 1] = last;
}

std::optional<Number128> NumberSet::highest_absent(Number128 low, Number128 high) const {
  if (low > high) return std::nullopt;
  const auto held = holding(high);
  if (held == intervals_.end()) return high;
  if (held->first <= low) return std::nullopt;
  return held->first - 1;
}

std::optional<Number128> NumberSet::lowest_absent(Number128 low, Number128 high) const {
  if (low > high) return std::nullopt;
  const auto held = holding(low);
  if (held == intervals_.end()) return low;
  if (held->second >= high) return std::nullopt;
  return held->second + 1;
}

}  // namespace standin
