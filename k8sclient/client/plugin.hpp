#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "k8sclient/client/exec_credential.hpp"

namespace k8s {

// The credentials of a plugin, which is run when base::RenewalSchedule says so: one run for all requests that wait. A
// run that only renews is not waited for. A request that is cancelled does not end the run.
//
// The plugin gets no input, and must end within the time-out. Its output and the credentials are in no log and in no
// error; the last lines of its standard error are.
class Plugin {
 public:
  struct Options {
    std::chrono::milliseconds timeout{30'000};  // of a run
    base::Log log{};
    std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
  };

  // `config.plugin` must be set.
  Plugin(boost::asio::any_io_executor executor, ClientConfig config, Options options);
  ~Plugin();  // kills a running plugin
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  // Credentials to use now. Errors (errc::bad_credentials) are those of the last run.
  boost::asio::awaitable<base::Result<ExecCredential>> credential();

  // The server answered 401 to a request with the credentials.
  void refused();

 private:
  struct State;
  static boost::asio::awaitable<void> run(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  base::TaskGroup tasks_;
};

}  // namespace k8s
