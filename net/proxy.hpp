#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace net {

// An HTTP proxy. Servers with TLS are reached through a tunnel (CONNECT, RFC 9110, section 9.3.6), so that the proxy
// sees neither requests nor answers; servers without TLS by requests to the proxy.
struct Proxy {
  Endpoint address{};           // always http, without a path
  std::string authorization{};  // of the Proxy-Authorization field: "Basic ..." (a secret); empty: none
  std::string url{};            // as configured (a secret if it has a password)

  friend bool operator==(const Proxy&, const Proxy&) = default;
};

// Parses "[http://][user:password@]host[:port]"; the port defaults to 80. Proxies of other schemes (https, socks5) are
// refused. Errors (errc::bad_url) contain no user name and no password.
base::Result<Proxy> parse_proxy(std::string_view url);

// The variables by which programs agree on a proxy, as Go's net/http reads them
// (https://pkg.go.dev/golang.org/x/net/http/httpproxy).
struct ProxyVariables {
  std::string http{};      // HTTP_PROXY or http_proxy: for http:// servers
  std::string https{};     // HTTPS_PROXY or https_proxy: for https:// servers
  std::string no_proxy{};  // NO_PROXY or no_proxy: see bypasses_proxy()

  static ProxyVariables from_environment();
};

// Whether a server is reached directly. Always: localhost and loopback addresses. Else a part of `no_proxy`, separated
// by commas, must match:
//   10.0.0.1, 10.0.0.1:6443, fd00::1, [fd00::1]:6443   the address, with any or this port
//   10.0.0.0/8, fd00::/8                               the addresses in the range
//   example.org, example.org:6443                      the name and all names below it
//   .example.org, *.example.org                        only the names below it
//   *                                                  everything, if it is alone in its part
bool bypasses_proxy(std::string_view no_proxy, const std::string& host, std::uint16_t port);

// The proxy for a server; nullopt: none. Errors as parse_proxy(), with the name of the variable.
base::Result<std::optional<Proxy>> proxy_for(const Endpoint& server, const ProxyVariables& variables);

}  // namespace net
