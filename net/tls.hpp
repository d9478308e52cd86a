#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"

namespace net {

// The lowest version of TLS that a connection may have.
enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

// Trusted authorities and the client's certificate. Each is PEM data or a file path; data takes precedence.
struct TlsSettings {
  std::string ca_file{}, ca_data{};      // trusted authorities; both empty: those of the system
  std::string cert_file{}, cert_data{};  // the client's certificate with its chain; empty: none
  std::string key_file{}, key_data{};    // its key, not encrypted
  std::string server_name{};  // for SNI and verification, instead of the endpoint's host; a name or an address
  bool insecure = false;      // accept any certificate of the server
  TlsVersion min_version = TlsVersion::v1_2;

  // Whether the authorities of the system are trusted.
  bool trust_system() const { return ca_file.empty() && ca_data.empty() && !insecure; }

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

// One input of a context: PEM bytes (empty: not set), and their name for messages.
struct Pem {
  std::string what{};  // "certificate authority /etc/ca.crt"
  std::string bytes{};
  friend bool operator==(const Pem&, const Pem&) = default;
};

// Settings with the content of their files. Equal material makes equal contexts.
struct TlsMaterial {
  Pem ca{}, cert{}, key{};
  std::string server_name{};
  bool insecure = false;
  TlsVersion min_version = TlsVersion::v1_2;
  // Which version of the file with the system's authorities there is, which OpenSSL reads by itself: changes with each
  // write. Empty: there is no such file, or they are not trusted.
  std::string system_authorities{};
  friend bool operator==(const TlsMaterial&, const TlsMaterial&) = default;
};

// Parsed settings, shared by connections; immutable.
struct TlsContext {
  boost::asio::ssl::context context;
  std::string server_name;
  bool insecure;
};

// Reads the files. Errors (errc::bad_tls_settings) contain the file and the fault, never its content.
base::Result<TlsMaterial> load_tls(const TlsSettings& settings);

// Parses and checks certificates and key; errors as above.
base::Result<std::shared_ptr<TlsContext>> parse_tls(const TlsMaterial& material);

// Both steps. The files are read once: RotatingTls follows their changes.
base::Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings);

}  // namespace net
