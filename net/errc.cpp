#include "net/errc.hpp"

#include "base/error_category.hpp"

namespace net {

const boost::system::error_category& error_category() {
  static constexpr base::ErrorText<errc> texts[] = {
      {errc::bad_url, "invalid URL"},
      {errc::bad_tls_settings, "invalid TLS settings"},
      {errc::resolve_failed, "name not resolved"},
      {errc::connect_failed, "connection failed"},
      {errc::proxy_refused, "refused by the proxy"},
      {errc::handshake_failed, "TLS handshake failed"},
      {errc::bad_certificate, "certificate not acceptable"},
      {errc::timed_out, "timed out"},
      {errc::cancelled, "cancelled"},
      {errc::closed, "connection closed"},
      {errc::bad_request, "invalid request"},
      {errc::malformed_response, "malformed response"},
      {errc::header_too_large, "header too large"},
      {errc::body_too_large, "body too large"},
      {errc::bad_secret, "invalid secret"},
      {errc::withheld, "withheld"},
  };
  static const base::ErrorCategory<errc> category("net", texts);
  return category;
}

}  // namespace net
