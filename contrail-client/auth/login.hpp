#pragma once

#include <optional>
#include <string>
#include <variant>

#include "net/endpoint.hpp"
#include "net/proxy.hpp"
#include "net/tls.hpp"

namespace contrail {

// How the client identifies itself to the config API. Secrets are in files, which are read again as they rotate.

// No authentication: the config API is in the mode no-auth, or knows the client by its certificate.
struct NoLogin {
  friend bool operator==(const NoLogin&, const NoLogin&) = default;
};

// User and password in each request (RFC 7617), as the config API's own administrators' port has it. Neither may have a
// colon.
struct BasicLogin {
  std::string user, password_file;
  friend bool operator==(const BasicLogin&, const BasicLogin&) = default;
};

// A token of Keystone, Identity API v3 (https://docs.openstack.org/api-ref/identity/v3/).
struct KeystoneLogin {
  net::Endpoint server;  // with its base path "/v3"
  net::TlsSettings tls{};
  std::optional<net::Proxy> proxy{};                   // nullopt: the server is reached directly
  std::string user{}, user_domain{}, password_file{};  // method password, with names; or
  // Method application_credential, which has its own scope. The id is in the file, if there is one, since another
  // credential has another id.
  std::string credential_id{}, credential_id_file{}, credential_secret_file{};
  std::string project{}, project_domain{};           // the scope of the token; or
  std::string domain{};                              // this domain
  std::string user_id{}, project_id{}, domain_id{};  // each instead of the name and its domain
  friend bool operator==(const KeystoneLogin&, const KeystoneLogin&) = default;

  bool has_credential() const { return !credential_id.empty() || !credential_id_file.empty(); }
  const std::string& secret_file() const { return has_credential() ? credential_secret_file : password_file; }
};

using Login = std::variant<NoLogin, BasicLogin, KeystoneLogin>;

}  // namespace contrail
