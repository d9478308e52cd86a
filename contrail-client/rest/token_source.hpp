#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/task_group.hpp"
#include "contrail-client/auth/login.hpp"
#include "net/connection.hpp"

namespace contrail {

// The token of Keystone, which is asked for when base::RenewalSchedule says so: one request to Keystone for all
// requests that wait. A request that only renews the token is not waited for; a caller that is cancelled does not end
// it.
//
// The secret, and the id of an application credential, are read from their files for each request to Keystone. One that
// Keystone refuses is tried again after a pause, which grows, and at once when the file has another. Secret and token
// are in no log and in no error.
class TokenSource {
 public:
  struct Options {
    std::chrono::milliseconds timeout{10'000};  // of a request to Keystone
    std::string user_agent = "kube-network-manager";
    base::Log log{};
    std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
  };

  // Reads the files; does not connect. Errors: net::errc::bad_tls_settings, net::errc::bad_secret.
  static base::Result<std::unique_ptr<TokenSource>> create(boost::asio::any_io_executor executor, KeystoneLogin login,
                                                           Options options);
  ~TokenSource();  // ends a running request, in its own loop
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;

  // A token to use now. Errors are those of the last request: of parse_token(), of the connection, or of the file; and
  // errc::token_refused, and errc::no_token_yet if Keystone has not answered at the deadline; it is waited for on
  // behalf of later requests.
  boost::asio::awaitable<base::Result<std::string>> token(net::Deadline deadline);

  // A server answered 401 to a request with this token; it accepted the present one.
  void refused(const std::string& token);
  void accepted();

  const KeystoneLogin& login() const;

 private:
  struct State;
  explicit TokenSource(std::shared_ptr<State> state);
  static boost::asio::awaitable<void> ask(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  base::TaskGroup tasks_;
};

}  // namespace contrail
