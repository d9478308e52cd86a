#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/rotating_secret.hpp"

namespace k8s {

// The bearer token: a constant, or the content of a file that is rotated (by the kubelet, for ServiceAccounts). The
// file is read again after a minute, or when the server refused the last token.
class Credentials {
 public:
  // `clock` must outlive the Credentials.
  Credentials(std::string token, const std::string& token_file, const base::Clock& clock, base::Log log = {});

  // The value of the Authorization field; empty: none (client certificate, or anonymous). If the file cannot be read,
  // the last token stays in use, and a warning names the file; errc::bad_credentials if there has never been one.
  base::Result<std::string> authorization();

  // The server answered 401: the next authorization() reads the file again.
  void refused();

 private:
  std::string token_;
  std::optional<net::RotatingSecret> file_;  // takes precedence over the constant
};

}  // namespace k8s
