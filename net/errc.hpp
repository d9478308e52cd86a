#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace net {

// Failures of a connection or an exchange. The message of the Error contains the place and the way out.
enum class errc {
  bad_url = 1,         // the URL cannot be used as a server address
  bad_tls_settings,    // a certificate or key cannot be read, parsed or used together
  resolve_failed,      // the host's name has no address
  connect_failed,      // none of the host's addresses accepted the connection
  proxy_refused,       // the proxy does not connect to the server
  handshake_failed,    // the TLS handshake failed
  bad_certificate,     // the peer's certificate is not acceptable: unknown authority, other name, expired
  timed_out,           // the deadline passed
  cancelled,           // the caller cancelled the operation
  closed,              // the peer ended the connection before the response was complete
  bad_request,         // the request cannot be written as HTTP: a line break in a field, a target without its slash
  malformed_response,  // the response is not HTTP/1.1
  header_too_large,    // the response's header exceeds the limit
  body_too_large,      // the response's body exceeds the limit
  bad_secret,          // a file with a password or a token cannot be read, or is not one line
  withheld,            // the caller's condition for sending was not met (ConnectionOptions::may_send)
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace net

template <>
struct boost::system::is_error_code_enum<net::errc> : std::true_type {};
