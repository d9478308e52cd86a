#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"

namespace net {

// Trusted authorities and the client's certificate. Each is PEM data or a file path; data takes precedence.
struct TlsSettings {
  std::string ca_file{}, ca_data{};      // trusted authorities; both empty: those of the system
  std::string cert_file{}, cert_data{};  // the client's certificate with its chain; empty: none
  std::string key_file{}, key_data{};    // its key, not encrypted
  std::string server_name{};  // for SNI and verification, instead of the endpoint's host; a name or an address
  bool insecure = false;      // accept any certificate of the server
};

// Parsed settings, shared by connections; immutable.
struct TlsContext {
  boost::asio::ssl::context context;
  std::string server_name;
  bool insecure;
};

// Reads and checks certificates and key. Errors (errc::bad_tls_settings) contain the file and the fault, never its
// content. Files are read once: rotated files need a new context.
base::Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings);

}  // namespace net
