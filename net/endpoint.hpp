#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace net {

// The address of a server, as in a base URL.
struct Endpoint {
  bool tls = true;
  std::string host;        // a name or an address; an IPv6 address without brackets
  std::uint16_t port = 0;  // never 0 in a parsed Endpoint
  std::string base_path;   // precedes every target; empty or "/a/b", without a trailing slash

  // "host:port" for the Host field of a request: IPv6 in brackets, without the scheme's default port.
  std::string authority() const;

  // The URL, for messages.
  std::string url() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Parses "http[s]://host[:port][/path]"; the port defaults to 80 or 443. Refuses (errc::bad_url) other schemes, user
// information, a query or a fragment. The error never contains a password from the URL.
base::Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace net
