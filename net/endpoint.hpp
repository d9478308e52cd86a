#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace net {

// Where a server is: what a base URL says.
struct Endpoint {
  bool tls = true;
  std::string host;        // a name or an address; an IPv6 address without brackets
  std::uint16_t port = 0;  // never 0 in a parsed Endpoint
  std::string base_path;   // in front of every target; empty or "/a/b", never with a slash at its end

  // "host:port" as the Host field of a request has it: IPv6 in brackets, the scheme's default port left out.
  std::string authority() const;

  // The URL again, for messages.
  std::string url() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Parses "http[s]://host[:port][/path]"; the port defaults to 80 or 443. Refuses (errc::bad_url) other schemes, user
// information, a query or a fragment. The error never repeats a password that stands in the URL.
base::Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace net
