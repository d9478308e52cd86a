#include "controller/config/ranges.hpp"

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "controller/config/error.hpp"

namespace knm {
namespace {

using contrail::Cidr;
using contrail::Family;
using contrail::IpAddress;

int bits(Family family) { return family == Family::v4 ? 32 : 128; }

// The address with all bits after the first `length` of its family set to zero.
IpAddress masked(IpAddress address, int length) {
  const int first = 128 - bits(address.family) + length;
  for (int bit = first; bit < 128; ++bit) {
    address.bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  return address;
}

base::Error invalid(std::string message) { return {ConfigErrc::invalid, std::move(message)}; }

// Ranges that Kubernetes and the Internet standards reserve (RFC 6890).
struct Reserved {
  std::string_view range;
  std::string_view meaning;
};
constexpr std::array<Reserved, 7> reserved = {{{"0.0.0.0/8", "unspecified"},
                                               {"127.0.0.0/8", "loopback"},
                                               {"169.254.0.0/16", "link-local"},
                                               {"224.0.0.0/4", "multicast"},
                                               {"::/127", "unspecified and loopback"},
                                               {"fe80::/10", "link-local"},
                                               {"ff00::/8", "multicast"}}};

}  // namespace

base::Result<Cidr> parse_range(std::string_view text) {
  const std::string quoted = "`" + std::string(text) + "`";
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return invalid(quoted + " is not an address range; write a range such as 10.0.0.0/16 or fd00:1::/64");
  const int most = bits(address->family);
  if (slash == std::string_view::npos) {
    return invalid(quoted + " has no prefix length; write " + address->text() + "/" + std::to_string(most) +
                   " for a single address, or a range such as 10.0.0.0/16");
  }
  const auto digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size() || length < 0 || length > most) {
    return invalid(quoted + " has an invalid prefix length; write a number from 0 to " + std::to_string(most) +
                   " after the '/'");
  }
  const Cidr range{masked(*address, length), length};
  if (range.base != *address) return invalid(std::string(text) + " has host bits: write " + range.text());
  // The remaining case is spelling: leading zeros of the length.
  if (!Cidr::parse(text)) return invalid(quoted + " is not in canonical form; write " + range.text());
  for (const auto& [kept, meaning] : reserved) {
    const auto other = Cidr::parse(kept);
    if (other && other->base.family == range.base.family && other->overlaps(range)) {
      return invalid(range.text() + " contains " + std::string(meaning) + " addresses (" + std::string(kept) +
                     "), which are not valid for a pod or Service; write another range");
    }
  }
  return range;
}

}  // namespace knm
