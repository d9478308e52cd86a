#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>

#include "base/file.hpp"
#include "net/errc.hpp"

namespace net {
namespace {

namespace ssl = boost::asio::ssl;

base::Error bad_settings(const Pem& pem, const std::string& why) {
  return {errc::bad_tls_settings, "the " + pem.what + " cannot be used: " + why};
}

base::Result<Pem> load(const char* role, const std::string& file, const std::string& data) {
  Pem pem{std::string(role) + (data.empty() ? " " + file : " given as data"), data};
  if (!data.empty() || file.empty()) return pem;
  auto bytes = base::read_file(file);
  if (!bytes) return bad_settings(pem, bytes.error().message);
  pem.bytes = std::move(*bytes);
  if (pem.bytes.empty()) return bad_settings(pem, "it is empty");
  return pem;
}

// SSL_CERT_FILE, or the path that OpenSSL was built with. The folder beside it needs no look: OpenSSL searches it for
// each authority that it does not know.
std::string version_of_system_authorities() {
  const char* named = std::getenv(X509_get_default_cert_file_env());
  struct stat file{};
  if (::stat(named ? named : X509_get_default_cert_file(), &file) != 0) return "";
  std::string version;
  for (const auto number : {static_cast<std::int64_t>(file.st_dev), static_cast<std::int64_t>(file.st_ino),
                            static_cast<std::int64_t>(file.st_size), static_cast<std::int64_t>(file.st_mtim.tv_sec),
                            static_cast<std::int64_t>(file.st_mtim.tv_nsec)})
    version += std::to_string(number) + ' ';
  return version;
}

base::Result<void> use_authorities(ssl::context& context, const Pem& pem) {
  boost::system::error_code ec;
  if (pem.bytes.empty()) {
    context.set_default_verify_paths(ec);
    if (ec)
      return base::Error{errc::bad_tls_settings,
                         "the system's certificate authorities cannot be used: " + ec.message()};
    return {};
  }
  if (pem.bytes.find("-----BEGIN") == std::string::npos) return bad_settings(pem, "it is not PEM (no -----BEGIN line)");
  context.add_certificate_authority(boost::asio::buffer(pem.bytes), ec);
  if (ec) return bad_settings(pem, ec.message());
  return {};
}

base::Result<void> use_identity(ssl::context& context, const Pem& cert, const Pem& key) {
  if (cert.bytes.empty() && key.bytes.empty()) return {};
  if (key.bytes.empty()) return bad_settings(cert, "its key is missing; configure both or none");
  if (cert.bytes.empty()) return bad_settings(key, "its certificate is missing; configure both or none");
  boost::system::error_code ec;
  context.use_certificate_chain(boost::asio::buffer(cert.bytes), ec);
  if (ec) return bad_settings(cert, "it is not a PEM certificate (" + ec.message() + ")");
  // Otherwise OpenSSL asks on the terminal for the passphrase of an encrypted key.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, ec);
  context.use_private_key(boost::asio::buffer(key.bytes), ssl::context::pem, ec);
  if (ec) {
    const bool mismatch = ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == X509_R_KEY_VALUES_MISMATCH;
    if (mismatch) return bad_settings(key, "it does not belong to the " + cert.what);
    return bad_settings(key, "it is not an unencrypted PEM key (" + ec.message() + ")");
  }
  return {};
}

}  // namespace

base::Result<TlsMaterial> load_tls(const TlsSettings& settings) {
  auto ca = load("certificate authority", settings.ca_file, settings.ca_data);
  if (!ca) return ca.error();
  auto cert = load("client certificate", settings.cert_file, settings.cert_data);
  if (!cert) return cert.error();
  auto key = load("client key", settings.key_file, settings.key_data);
  if (!key) return key.error();
  return TlsMaterial{std::move(*ca),
                     std::move(*cert),
                     std::move(*key),
                     settings.server_name,
                     settings.insecure,
                     settings.min_version,
                     settings.trust_system() ? version_of_system_authorities() : ""};
}

base::Result<std::shared_ptr<TlsContext>> parse_tls(const TlsMaterial& material) {
  auto tls = std::make_shared<TlsContext>(
      TlsContext{ssl::context(ssl::context::tls_client), material.server_name, material.insecure});
  SSL_CTX_set_min_proto_version(tls->context.native_handle(),
                                material.min_version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // Length-prefixed (RFC 7301): only HTTP/1.1 is offered.
  static constexpr unsigned char alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls->context.native_handle(), alpn, sizeof alpn);
  if (!material.insecure)
    if (auto used = use_authorities(tls->context, material.ca); !used) return used.error();
  if (auto used = use_identity(tls->context, material.cert, material.key); !used) return used.error();
  return tls;
}

base::Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings) {
  const auto material = load_tls(settings);
  if (!material) return material.error();
  return parse_tls(*material);
}

}  // namespace net
