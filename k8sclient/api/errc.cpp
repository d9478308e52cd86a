#include "k8sclient/api/errc.hpp"

#include "base/error_category.hpp"

namespace k8s {

const boost::system::error_category& error_category() {
  static constexpr base::ErrorText<errc> texts[] = {
      {errc::bad_config, "bad configuration"},
      {errc::unsupported, "not supported"},
      {errc::bad_credentials, "credentials not usable"},
      {errc::unauthorized, "unauthorized"},
      {errc::forbidden, "forbidden"},
      {errc::not_found, "not found"},
      {errc::conflict, "conflict"},
      {errc::expired, "expired"},
      {errc::invalid, "invalid"},
      {errc::busy, "server busy"},
      {errc::server_error, "server error"},
      {errc::unexpected, "unexpected answer"},
      {errc::malformed, "malformed content"},
      {errc::too_large, "too large"},
      {errc::stale, "stale state"},
      {errc::stalled, "stalled"},
  };
  static const base::ErrorCategory<errc> category("k8s", texts);
  return category;
}

}  // namespace k8s
