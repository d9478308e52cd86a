#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "k8sclient/client/credentials.hpp"
#include "k8sclient/client/plugin.hpp"
#include "k8sclient/config/client_config.hpp"
#include "net/http.hpp"
#include "net/rotating_tls.hpp"

namespace k8s {

// What identifies the client and the server to each other, kept up to date: the token, the certificates, and both of a
// credential plugin. Also the user that is impersonated.
class Access {
 public:
  // Reads the token and the certificates. Errors: net::errc::bad_tls_settings, errc::bad_credentials.
  static base::Result<std::unique_ptr<Access>> create(boost::asio::any_io_executor executor, const ClientConfig& config,
                                                      const Plugin::Options& options);

  // The fields of a request. Brings all up to date first, so that tls() is that of the same request; may wait for a
  // plugin. Errors: errc::bad_credentials.
  boost::asio::awaitable<base::Result<net::Headers>> fields();

  // For connections opened from now on; null: the server is not reached by TLS.
  std::shared_ptr<net::TlsContext> tls() const { return context_; }

  // The server answered 401: token and certificates are read again, or the plugin is run, before the next request.
  void refused();

  // A request failed: if a certificate may be the reason, certificates are read again before the next request.
  void failed(const base::Error& error);

 private:
  Access(std::shared_ptr<const base::Clock> clock, Credentials credentials, std::optional<net::RotatingTls> tls,
         std::unique_ptr<Plugin> plugin, net::Headers impersonation);
  boost::asio::awaitable<base::Result<std::string>> authorization();  // empty: none
  base::Result<void> use(ExecCredential credential);

  std::shared_ptr<const base::Clock> clock_;
  Credentials credentials_;
  std::optional<net::RotatingTls> tls_;
  std::unique_ptr<Plugin> plugin_;  // null: none is configured
  net::Headers impersonation_;
  ExecCredential provided_;  // the last credentials of the plugin
  std::shared_ptr<net::TlsContext> context_;
};

}  // namespace k8s
