#include "net/errc.hpp"

#include <string>

namespace net {
namespace {

const char* text(errc code) {
  switch (code) {
    case errc::bad_url:
      return "bad URL";
    case errc::bad_tls_settings:
      return "bad TLS settings";
    case errc::resolve_failed:
      return "name not resolved";
    case errc::connect_failed:
      return "connection failed";
    case errc::handshake_failed:
      return "TLS handshake failed";
    case errc::bad_certificate:
      return "certificate not acceptable";
    case errc::timed_out:
      return "timed out";
    case errc::cancelled:
      return "cancelled";
    case errc::closed:
      return "connection closed";
    case errc::bad_request:
      return "bad request";
    case errc::malformed_response:
      return "malformed response";
    case errc::header_too_large:
      return "header too large";
    case errc::body_too_large:
      return "body too large";
  }
  return "unknown error";
}

// g++ sees a destructor in Boost's class that is neither virtual nor reachable; nobody deletes a category.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "k8s.net"; }
  std::string message(int value) const override { return text(static_cast<errc>(value)); }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() {
  static const Category category;
  return category;
}

}  // namespace net
