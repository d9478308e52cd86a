#pragma once

#include <optional>
#include <string>
#include <vector>

#include "k8sclient/config/exec_plugin.hpp"
#include "k8sclient/config/impersonation.hpp"
#include "net/endpoint.hpp"
#include "net/proxy.hpp"
#include "net/tls.hpp"

namespace k8s {

// The settings for one API server and one user.
struct ClientConfig {
  net::Endpoint server;
  net::TlsSettings tls;
  std::optional<net::Proxy> proxy;    // nullopt: the server is reached directly
  std::string token;                  // a bearer token (a secret)
  std::string token_file;             // a file with the token, read again as it rotates; takes precedence over `token`
  std::optional<ExecPlugin> plugin;   // provides a token or a client certificate; used if nothing else does
  Impersonation impersonation;        // of the user in whose name requests are made
  std::string default_namespace;      // of the context; "default" if it has none
  std::string source;                 // for messages: "context 'x' of /path/config"
  std::vector<std::string> warnings;  // accepted but unsafe settings; for the caller to log
};

}  // namespace k8s
