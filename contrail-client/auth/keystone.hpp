#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "contrail-client/auth/login.hpp"
#include "net/http.hpp"

// The request for a token of Keystone, and its answer: pure functions.
namespace contrail {

struct Token {
  std::string text;                              // a secret
  std::optional<std::chrono::seconds> lifetime;  // by the server's clock; nullopt: not known
};

// In both functions KeystoneLogin::credential_id is the id, also if it was read from a file.

// POST /auth/tokens without the catalog of services, which is not read. The body contains the secret.
net::HttpRequest token_request(const KeystoneLogin& login, std::string_view secret);

// The token in the answer: the field X-Subject-Token, and expires_at less issued_at. Errors, which contain no part of
// the answer: errc::login_refused (401: user, secret or scope; 404: application credential), errc::no_token (anything
// else).
base::Result<Token> parse_token(const KeystoneLogin& login, const net::HttpResponse& response);

}  // namespace contrail
