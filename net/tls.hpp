#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"

namespace net {

// Whom to trust and who we are. Each of the three comes as PEM data or as a file's path; data wins.
struct TlsSettings {
  std::string ca_file{}, ca_data{};      // trusted authorities; both empty: the system's
  std::string cert_file{}, cert_data{};  // our certificate with its chain; empty: none is shown
  std::string key_file{}, key_data{};    // its key, not encrypted
  std::string server_name{};  // for SNI and verification, instead of the endpoint's host; a name or an address
  bool insecure = false;      // accept whatever certificate the server shows
};

// Settings made ready for connections; shared by them, unchanging.
struct TlsContext {
  boost::asio::ssl::context context;
  std::string server_name;
  bool insecure;
};

// Reads and checks certificates and key. Errors (errc::bad_tls_settings) name the file and what is wrong with it, never
// its content. Files are read here, once: rotated files need a new context.
base::Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings);

}  // namespace net
