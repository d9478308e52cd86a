// The rules of NO_PROXY (net/proxy.hpp).
#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>

#include "net/proxy.hpp"

namespace net {
namespace {

using boost::asio::ip::address;
using Bytes = boost::asio::ip::address_v6::bytes_type;

std::string trimmed_lower(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  std::string out(begin == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return out;
}

std::optional<address> address_of(const std::string& text) {
  boost::system::error_code ec;
  auto parsed = boost::asio::ip::make_address(text, ec);
  if (ec || text.find('%') != std::string::npos) return std::nullopt;
  return parsed;
}

// IPv4 as IPv4-mapped IPv6, so that both forms are equal.
Bytes bytes_of(const address& ip) {
  if (ip.is_v6()) return ip.to_v6().to_bytes();
  return boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, ip.to_v4()).to_bytes();
}

constexpr std::size_t v4_prefix = 12;  // bytes before the four of a mapped address

bool is_v4(const Bytes& bytes) {
  static const Bytes any = bytes_of(boost::asio::ip::address_v4::any());
  return std::equal(bytes.begin(), bytes.begin() + v4_prefix, any.begin());
}

bool is_loopback(const address& ip) {
  const auto bytes = bytes_of(ip);
  return ip.is_loopback() || (is_v4(bytes) && bytes[v4_prefix] == 127);
}

struct Range {
  Bytes first{};
  unsigned bits = 0;
};

// "10.0.0.0/8".
std::optional<Range> range_of(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto ip = address_of(text.substr(0, slash));
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
  if (!ip || error != std::errc() || stop != end || bits > (ip->is_v4() ? 32U : 128U)) return std::nullopt;
  return Range{bytes_of(*ip), ip->is_v4() ? static_cast<unsigned>(v4_prefix * 8) + bits : bits};
}

// A range of one family contains no address of the other.
bool contains(const Range& range, const Bytes& ip) {
  const unsigned whole = range.bits / 8, rest = range.bits % 8;
  if (is_v4(range.first) != is_v4(ip) || !std::equal(ip.begin(), ip.begin() + whole, range.first.begin())) return false;
  return rest == 0 || ((ip[whole] ^ range.first[whole]) >> (8 - rest)) == 0;
}

// A part with its port; empty: any.
struct HostPort {
  std::string host, port;
};

HostPort split(const std::string& part) {
  const auto colon = part.rfind(':');
  const bool bracketed = part.front() == '[';
  if (colon == std::string::npos || (bracketed && part[colon - 1] != ']') ||
      (!bracketed && part.find(':') != colon))  // an IPv6 address
    return {part, ""};
  return {bracketed ? part.substr(1, colon - 2) : part.substr(0, colon), part.substr(colon + 1)};
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool matches_name(std::string pattern, const std::string& host) {
  if (pattern.rfind("*.", 0) == 0) pattern.erase(0, 1);
  if (pattern.front() == '.') return ends_with(host, pattern);
  return host == pattern || ends_with(host, "." + pattern);
}

bool matches(const std::string& part, const std::string& host, const std::optional<address>& ip,
             const std::string& port) {
  if (part == "*") return true;
  if (const auto range = range_of(part)) return ip && contains(*range, bytes_of(*ip));
  const auto [pattern, pattern_port] = split(part);
  if (pattern.empty() || (!pattern_port.empty() && pattern_port != port)) return false;
  if (const auto other = address_of(pattern)) return ip && bytes_of(*ip) == bytes_of(*other);
  return matches_name(pattern, host);
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, const std::string& host, std::uint16_t port) {
  const auto name = trimmed_lower(host);
  const auto ip = address_of(name);
  if (name == "localhost" || (ip && is_loopback(*ip))) return true;
  const auto port_text = std::to_string(port);
  while (!no_proxy.empty()) {
    const auto comma = no_proxy.find(',');
    const auto part = trimmed_lower(no_proxy.substr(0, comma));
    no_proxy.remove_prefix(comma == std::string_view::npos ? no_proxy.size() : comma + 1);
    if (!part.empty() && matches(part, name, ip, port_text)) return true;
  }
  return false;
}

}  // namespace net
