#include "k8sclient/api/status.hpp"

#include "k8sclient/base/errc.hpp"

namespace k8s {
namespace {

errc code_of(int status) {
  switch (status) {
    case 401:
      return errc::unauthorized;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 409:
      return errc::conflict;
    case 410:
      return errc::expired;
    case 429:
    case 503:
      return errc::busy;
    default:
      break;
  }
  if (status >= 500 && status < 600) return errc::server_error;
  if (status >= 400 && status < 500) return errc::invalid;
  return errc::unexpected;
}

const char* remedy(errc code) {
  switch (code) {
    case errc::unauthorized:
      return "; the server does not accept our token or certificate: check the user of the kubeconfig, or the "
             "ServiceAccount "
             "and its token";
    case errc::forbidden:
      return "; grant this permission to the user by a Role or ClusterRole and its binding";
    default:
      return "";
  }
}

}  // namespace

Error error_of(const Status& status, const std::string& what) {
  const errc code = code_of(status.code);
  std::string text = what + ": HTTP " + std::to_string(status.code);
  if (!status.reason.empty()) text += " " + status.reason;
  if (!status.message.empty()) text += ": " + status.message;
  return {code, text + remedy(code)};
}

}  // namespace k8s
