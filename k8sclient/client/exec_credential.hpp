#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "k8sclient/config/client_config.hpp"

namespace k8s {

// The two messages between a client and a credential plugin
// (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/).

// What a plugin provides: a token, or a certificate and its key, or both (all are secrets).
struct ExecCredential {
  std::string token{};
  std::string cert{}, key{};                         // PEM
  std::optional<std::chrono::sys_seconds> expiry{};  // nullopt: until a 401
  friend bool operator==(const ExecCredential&, const ExecCredential&) = default;
};

// The value of KUBERNETES_EXEC_INFO, as JSON. `config.plugin` must be set; `authority` are the trusted authorities
// (PEM), empty: those of the system.
std::string exec_info(const ClientConfig& config, const std::string& authority);

// The output of a plugin. Errors (errc::bad_credentials) name the missing field, and contain nothing of the output.
base::Result<ExecCredential> parse_exec_credential(const std::string& output, const std::string& api_version);

}  // namespace k8s
