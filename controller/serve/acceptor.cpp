#include "controller/serve/acceptor.hpp"

#include <string>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>

#include "controller/config/listen.hpp"

namespace knm {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

error_code listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool dual_stack) {
  error_code error;
  if (acceptor.open(endpoint.protocol(), error)) return error;
  if (acceptor.set_option(tcp::acceptor::reuse_address(true), error)) return error;
  if (endpoint.protocol() == tcp::v6() && acceptor.set_option(asio::ip::v6_only(!dual_stack), error)) return error;
  if (acceptor.bind(endpoint, error)) return error;
  return acceptor.listen(asio::socket_base::max_listen_connections, error);
}

// All addresses: one socket for both families, or only IPv4 on a machine without IPv6.
error_code listen_on_all(tcp::acceptor& acceptor, std::uint16_t port) {
  const auto error = listen_on(acceptor, tcp::endpoint(tcp::v6(), port), true);
  const bool no_ipv6 = error == asio::error::address_family_not_supported ||
                       error == boost::system::errc::address_not_available ||
                       error == boost::system::errc::no_protocol_option;
  if (!no_ipv6) return error;
  error_code ignored;
  acceptor.close(ignored);
  return listen_on(acceptor, tcp::endpoint(tcp::v4(), port), false);
}

base::Error explained(const error_code& error, const ListenAddress& address, std::string_view key) {
  const auto port = std::to_string(address.port);
  std::string message = "cannot listen on " + text(address) + (address.host.empty() ? " (all addresses)" : "") + ": ";
  const std::string elsewhere =
      "choose another address with " + std::string(key) + " in the configuration or with --" + std::string(key);
  if (error == asio::error::address_in_use) {
    message += "port " + port + " is in use by another program (`ss -ltnp 'sport = :" + port +
               "'` names the program); " + elsewhere;
  } else if (error == asio::error::access_denied) {
    message += "this user may not listen on port " + port + "; use port 1024 or above: " + elsewhere;
  } else if (error == boost::system::errc::address_not_available) {
    message += "this machine does not have the address; " + elsewhere;
  } else {
    message += error.message() + "; " + elsewhere;
  }
  return {error, std::move(message)};
}

}  // namespace

base::Result<tcp::acceptor> open_acceptor(const asio::any_io_executor& executor, const ListenAddress& address,
                                          std::string_view key) {
  tcp::acceptor acceptor(executor);
  error_code error;
  if (address.host.empty()) {
    error = listen_on_all(acceptor, address.port);
  } else {
    const auto host = address.host == "localhost" ? asio::ip::address(asio::ip::address_v4::loopback())
                                                  : asio::ip::make_address(address.host, error);
    if (!error) error = listen_on(acceptor, tcp::endpoint(host, address.port), false);
  }
  if (error) return explained(error, address, key);
  return acceptor;
}

}  // namespace knm
