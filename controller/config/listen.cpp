#include "controller/config/listen.hpp"

#include <charconv>
#include <system_error>

#include "controller/config/error.hpp"

namespace knm {
namespace {

constexpr std::string_view examples =
    "write an address and a port such as 127.0.0.1:9402 or [::1]:9402, or :9402 for "
    "all addresses";

base::Error invalid(std::string_view text, std::string_view fault) {
  return {ConfigErrc::invalid, "`" + std::string(text) + "` " + std::string(fault) + "; " + std::string(examples)};
}

}  // namespace

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid(text, "has no port");
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return invalid(text, "has no port from 0 to 65535 after the last ':'");
  }
  auto host = text.substr(0, colon);
  if (host.empty() || host == "localhost") return ListenAddress{std::string(host), port};
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = contrail::IpAddress::parse(host);
  if (!address) return invalid(text, "has no address before the port");
  if (bracketed != (address->family == contrail::Family::v6)) {
    return invalid(text, bracketed ? "has brackets around an IPv4 address" : "has an IPv6 address without brackets");
  }
  return ListenAddress{address->text(), port};
}

std::string text(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace knm
