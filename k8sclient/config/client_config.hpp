#pragma once

#include <string>
#include <vector>

#include "net/endpoint.hpp"
#include "net/tls.hpp"

namespace k8s {

// All that is needed to talk to one API server as one user.
struct ClientConfig {
  net::Endpoint server;
  net::TlsSettings tls;
  std::string token;                  // a bearer token; a secret
  std::string token_file;             // a file that holds it, read again as it rotates; wins over `token`
  std::string default_namespace;      // of the context; "default" where it names none
  std::string source;                 // for messages: "context 'x' of /path/config"
  std::vector<std::string> warnings;  // what was accepted although it is unwise; for the caller to log
};

}  // namespace k8s
