#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "contrail-client/auth/login.hpp"
#include "contrail-client/rest/token_source.hpp"
#include "net/http.hpp"
#include "net/rotating_secret.hpp"
#include "net/rotating_tls.hpp"

namespace contrail {

struct AccessSettings {
  std::optional<net::TlsSettings> tls{};  // nullopt: the config API is reached without TLS
  Login login{};
};

// What identifies the client and the servers to each other, kept up to date: certificates, and the login. It also knows
// whether the servers let the client in.
class Access {
 public:
  using Options = TokenSource::Options;

  // Reads the files; does not connect. Errors: net::errc::bad_tls_settings, net::errc::bad_secret.
  static base::Result<std::unique_ptr<Access>> create(boost::asio::any_io_executor executor,
                                                      const AccessSettings& settings, const Options& options);

  // The fields of a request. Brings all up to date first, so that tls() is that of the same request; may wait for a
  // token, until the deadline. Errors as TokenSource::token(), and net::errc::bad_secret.
  boost::asio::awaitable<base::Result<net::Headers>> fields(net::Deadline deadline);

  // For connections opened from now on; null: without TLS.
  std::shared_ptr<net::TlsContext> tls() const { return context_; }

  // After each request: there was no answer; 401 to a request with these fields; any other answer.
  void failed(const base::Error& error);
  // Whether other fields may be accepted.
  bool refused(const net::Headers& fields);
  void accepted();

  // The error of a request that `server` has refused twice (errc::login_refused); it is the fault from now on.
  base::Error refusal(const net::Endpoint& server);

  // Why the client is not let in: a login or a certificate is refused, or there is no token. Empty: it is let in, or
  // nothing is known. The log has each fault once, and its end.
  const std::string& fault() const { return fault_; }

 private:
  Access(Login login, const Options& options);
  boost::asio::awaitable<base::Result<net::Headers>> login_fields(net::Deadline deadline);
  base::Result<net::Headers> basic_fields();
  void set_fault(const std::string& fault);

  Login login_;
  base::Log log_;
  std::shared_ptr<const base::Clock> clock_;
  std::optional<net::RotatingTls> tls_;
  std::shared_ptr<net::TlsContext> context_;
  std::optional<net::RotatingSecret> password_;  // of a BasicLogin
  std::unique_ptr<TokenSource> tokens_;          // of a KeystoneLogin
  std::string fault_;
  bool fault_is_of_fields_ = false;  // of the login before a request: a success of fields() ends it
  bool was_let_in_ = true;           // as the log has it
};

}  // namespace contrail
