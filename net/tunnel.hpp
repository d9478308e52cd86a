#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/proxy.hpp"

namespace net {

// The messages by which a proxy is asked for a tunnel to a server (CONNECT, RFC 9110, section 9.3.6); no I/O.

// The request, with its end.
std::string tunnel_request(const Endpoint& server, const Proxy& proxy);

// Whether the answer's header is complete and grants the tunnel; false: more bytes are needed. The server, which is
// behind it, speaks second. Errors: errc::proxy_refused, errc::malformed_response.
base::Result<bool> is_tunnel_open(std::string_view received, const Endpoint& server, const Proxy& proxy);

}  // namespace net
