#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace contrail {

// Failures of an answer of the config API. The message of the Error contains the place.
enum class errc {
  not_json = 1,    // the body is not JSON: an error page of a proxy, or a truncated answer
  wrong_shape,     // JSON, but not an answer of the API: another member or type, or an invalid id
  too_large,       // the answer exceeds a limit of this client
  foreign_answer,  // a good or a refusing answer that is not of the config API, but of a proxy, a load balancer or a
                   // page
  login_refused,   // the config API or Keystone refuses the user or the secret
  no_token,        // Keystone gives no token for another reason
  token_refused,   // the config API has refused the last token, and it is too early for another one
  no_token_yet,    // Keystone has not answered within the time of the request that waits for a token
  ended,           // the server has ended its notifications
  server_left,     // another server is used from now on
  other_database,  // the server has another database than the servers before it
  paused,          // the server asked for a pause (Retry-After) that is longer than the request's time
};

const boost::system::error_category& error_category();

inline boost::system::error_code make_error_code(errc code) { return {static_cast<int>(code), error_category()}; }

}  // namespace contrail

template <>
struct boost::system::is_error_code_enum<contrail::errc> : std::true_type {};
