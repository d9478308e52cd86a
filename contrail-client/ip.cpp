#include "contrail-client/ip.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace contrail {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t longest_text = 45;  // ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255

// The address as two 64-bit numbers: arithmetic on it takes a few instructions, for both families.
struct Number {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Number&, const Number&) = default;
};

Number number(const IpAddress& address) {
  Number n;
  for (std::size_t i = 0; i < 8; ++i) {
    n.high = n.high << 8 | address.bytes[i];
    n.low = n.low << 8 | address.bytes[i + 8];
  }
  return n;
}

IpAddress address_of(Family family, Number n) {
  IpAddress address{.family = family};
  for (std::size_t i = 8; i-- > 0;) {
    address.bytes[i] = static_cast<std::uint8_t>(n.high);
    address.bytes[i + 8] = static_cast<std::uint8_t>(n.low);
    n.high >>= 8;
    n.low >>= 8;
  }
  return address;
}

int width(Family family) { return family == Family::v4 ? 32 : 128; }

// The bits after the prefix, all set: 0.0.255.255 for IPv4 and /16.
Number host_mask(Family family, int length) {
  const int bits = width(family) - length;
  Number mask;
  if (bits >= 64) mask.low = most;
  if (bits > 0 && bits < 64) mask.low = (std::uint64_t{1} << bits) - 1;
  if (bits > 64) mask.high = bits == 128 ? most : (std::uint64_t{1} << (bits - 64)) - 1;
  return mask;
}

// The number at the start of `text`, which is removed; without sign, leading zeros or a value above `limit`.
std::optional<int> take_number(std::string_view& text, int limit) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto size = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || value < 0 || value > limit || text.front() == '-') return std::nullopt;
  if (size > 1 && text.front() == '0') return std::nullopt;
  text.remove_prefix(size);
  return value;
}

template <class Bytes>
void append_dotted(std::string& out, const Bytes* bytes) {
  std::array<char, 3> digits{};
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<unsigned>(bytes[i])).ptr;
    out.append(digits.data(), end);
  }
}

// RFC 5952, written here, since inet_ntop() writes ::102:304 as ::1.2.3.4 and Kubernetes does not: lower case, no
// leading zeros, the longest run of at least two zero groups (the first of equals) as "::", and the mixed form for
// addresses that contain an IPv4 address (::ffff:0:0/96).
std::string text_v6(const IpAddress& address) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<unsigned>(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
  const bool mapped =
      std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) && groups[5] == 0xffff;
  if (mapped) {
    std::string out = "::ffff:";
    append_dotted(out, address.bytes.data() + 12);
    return out;
  }
  std::size_t gap = groups.size(), gap_size = 1;
  for (std::size_t i = 0; i < groups.size();) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
    i = std::max(end, i + 1);
  }
  std::string out;
  std::array<char, 4> digits{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == gap) {
      out += "::";
      i += gap_size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    out.append(digits.data(), end);
  }
  return out;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > longest_text || text.find('\0') != text.npos) return std::nullopt;
  std::array<char, longest_text + 1> terminated{};
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address{.family = text.find(':') == text.npos ? Family::v4 : Family::v6};
  const bool v4 = address.family == Family::v4;
  const auto read = inet_pton(v4 ? AF_INET : AF_INET6, terminated.data(), address.bytes.data() + (v4 ? 12 : 0));
  if (read != 1) return std::nullopt;
  return address;
}

IpAddress IpAddress::v4(std::uint32_t host_order) { return address_of(Family::v4, {.high = 0, .low = host_order}); }

std::string IpAddress::text() const {
  if (family == Family::v6) return text_v6(*this);
  std::string out;
  append_dotted(out, bytes.data() + 12);
  return out;
}

bool IpAddress::is_unspecified() const { return number(*this) == Number{}; }

IpAddress IpAddress::plus(std::uint64_t offset) const {
  auto n = number(*this);
  n.low += offset;
  if (n.low < offset) ++n.high;
  if (family == Family::v4) n = {.high = 0, .low = n.low & 0xffffffff};
  return address_of(family, n);
}

std::uint64_t IpAddress::distance_from(const IpAddress& base) const {
  const auto mine = number(*this), other = number(base);
  if (family != base.family || mine <= other) return 0;
  const auto high = mine.high - other.high - (mine.low < other.low ? 1 : 0);
  return high > 0 ? most : mine.low - other.low;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  auto rest = text.substr(slash + 1);
  const auto length = take_number(rest, width(base->family));
  if (!length || !rest.empty()) return std::nullopt;
  const auto n = number(*base), mask = host_mask(base->family, *length);
  if ((n.high & mask.high) != 0 || (n.low & mask.low) != 0) return std::nullopt;
  return Cidr{.base = *base, .length = *length};
}

std::string Cidr::text() const { return base.text() + '/' + std::to_string(length); }

bool Cidr::contains(const IpAddress& address) const {
  return address.family == base.family && base <= address && address <= last();
}

bool Cidr::overlaps(const Cidr& other) const { return contains(other.base) || other.contains(base); }

IpAddress Cidr::last() const {
  auto n = number(base);
  const auto mask = host_mask(base.family, length);
  return address_of(base.family, {.high = n.high | mask.high, .low = n.low | mask.low});
}

std::uint64_t Cidr::size() const {
  const int bits = width(base.family) - length;
  return bits >= 64 ? most : std::uint64_t{1} << bits;
}

}  // namespace contrail
