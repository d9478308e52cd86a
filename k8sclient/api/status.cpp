#include "k8sclient/api/status.hpp"

#include <algorithm>

#include "k8sclient/api/errc.hpp"

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

const char* remedy(errc code, const Status& status) {
  switch (code) {
    case errc::unauthorized:
      return "; the server does not accept the token or certificate: check the user of the kubeconfig, or the "
             "ServiceAccount and its token";
    case errc::forbidden:
      switch (refusal_of(status)) {
        case Refusal::right_missing:
          return "; grant this permission to the user with a Role or ClusterRole and its binding";
        case Refusal::namespace_terminating:
          return "; the Namespace is terminating, so no action is needed";
        case Refusal::admission:
          return "; no permission is missing, but an admission policy, a webhook or a quota of the cluster denies the "
                 "request and must allow it";
      }
      return "";
    default:
      return "";
  }
}

}  // namespace

Refusal refusal_of(const Status& status) {
  const auto& causes = status.causes;
  if (std::any_of(causes.begin(), causes.end(), [](const auto& c) { return c.reason == "NamespaceTerminating"; }))
    return Refusal::namespace_terminating;
  // The authorizer's message contains the user: `pods "a" is forbidden: User "b" cannot patch resource "pods" …`, or
  // `forbidden: User "b" cannot get path "/x"`. An empty message is most likely the authorizer's, too.
  const bool authorizers = status.message.find("forbidden: User \"") != std::string::npos;
  return authorizers || status.message.empty() ? Refusal::right_missing : Refusal::admission;
}

base::Error error_of(const Status& status, const std::string& what) {
  const errc code = code_of(status.code);
  std::string text = what + ": HTTP " + std::to_string(status.code);
  if (!status.reason.empty()) text += " " + status.reason;
  if (!status.message.empty()) text += ": " + status.message;
  return {code, text + remedy(code, status)};
}

}  // namespace k8s
