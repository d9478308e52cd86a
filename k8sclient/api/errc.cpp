#include "k8sclient/api/errc.hpp"

#include <string>

namespace k8s {
namespace {

const char* text(errc code) {
  switch (code) {
    case errc::bad_config:
      return "bad configuration";
    case errc::unsupported:
      return "not supported";
    case errc::bad_credentials:
      return "credentials not usable";
    case errc::unauthorized:
      return "unauthorized";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not found";
    case errc::conflict:
      return "conflict";
    case errc::expired:
      return "expired";
    case errc::invalid:
      return "invalid";
    case errc::busy:
      return "server busy";
    case errc::server_error:
      return "server error";
    case errc::unexpected:
      return "unexpected answer";
    case errc::malformed:
      return "malformed content";
    case errc::too_large:
      return "too large";
    case errc::stale:
      return "stale state";
    case errc::stalled:
      return "stalled";
  }
  return "unknown error";
}

// g++ sees a destructor in Boost's class that is neither virtual nor reachable; nobody deletes a category.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "k8s"; }
  std::string message(int value) const override { return text(static_cast<errc>(value)); }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() {
  static const Category category;
  return category;
}

}  // namespace k8s
