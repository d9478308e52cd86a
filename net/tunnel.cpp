#include "net/tunnel.hpp"

#include <charconv>

#include "net/errc.hpp"

namespace net {
namespace {

constexpr std::size_t max_answer = 16 * 1024;

std::string host_and_port(const Endpoint& server) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return (v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

// Of "HTTP/1.1 200 Connection established"; 0: not HTTP.
int status_of(std::string_view answer) {
  const auto space = answer.find(' ');
  if (answer.substr(0, 7) != "HTTP/1." || space != 8 || answer.size() < 12) return 0;
  int status = 0;
  const auto [end, error] = std::from_chars(answer.data() + 9, answer.data() + 12, status);
  return error == std::errc() && end == answer.data() + 12 && status >= 100 ? status : 0;
}

std::string remedy_for(int status) {
  if (status == 407) return "put the user name and password into the URL of the proxy";
  if (status == 403 || status == 405)
    return "let the proxy permit CONNECT to this server, or add the server to NO_PROXY";
  return "check that the proxy can reach the server";
}

}  // namespace

std::string tunnel_request(const Endpoint& server, const Proxy& proxy) {
  const auto target = host_and_port(server);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.authorization.empty()) request += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  return request + "\r\n";
}

base::Result<bool> is_tunnel_open(std::string_view received, const Endpoint& server, const Proxy& proxy) {
  const std::string where = "the proxy " + proxy.address.url();
  const auto end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (received.size() <= max_answer) return false;
    return base::Error{errc::malformed_response, where + ": the header of its answer is too large; check the address"};
  }
  const int status = status_of(received);
  if (status == 0) return base::Error{errc::malformed_response, where + " does not speak HTTP/1.1; check the address"};
  if (status < 200 || status > 299)
    return base::Error{errc::proxy_refused, where + " refuses a connection to " + server.url() + ": status " +
                                                std::to_string(status) + "; " + remedy_for(status)};
  if (end + 4 != received.size())
    return base::Error{errc::malformed_response, where + " sent more than its answer; check the address"};
  return true;
}

}  // namespace net
