#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/leader/lease_machine.hpp"

namespace k8s {

struct ElectorOptions {
  LeaseName lease_name;
  LeaseSettings lease{};
  base::Log log{};
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
  std::function<WallTime()> wall_clock = [] { return std::chrono::system_clock::now(); };  // only written
};

// The I/O around the lease machine: takes part in the election of a leader until it is cancelled. It needs the
// permissions get, create and update for leases (coordination.k8s.io) in the namespace of the lease.
//
//   Elector elector(client, options);
//   elector.on_elected([&] { ... });             // begin to write
//   elector.on_lost([&] { ... });                // cancel all requests; most programs end then
//   tasks.spawn("leader election", elector.run());
//   ... before each write: if (!elector.is_leader()) do not write
//   ... to stop: tasks.cancel(), co_await tasks.join(), co_await elector.release()
//
// Its client should be one of its own: renewals must not wait for a connection. All on one io_context that one thread
// runs.
class Elector {
 public:
  // The client must outlive it. check() must accept the settings of the lease.
  Elector(Client& client, ElectorOptions options);

  // A term begins, or ends otherwise than by release(). A term ends no later than is_leader() says, to the accuracy of
  // the event loop. The callbacks run inside of run(); they may cancel it.
  void on_elected(std::function<void()> callback) { on_elected_ = std::move(callback); }
  void on_lost(std::function<void()> callback) { on_lost_ = std::move(callback); }

  // Runs until it is cancelled. After a lost term it is a candidate again.
  boost::asio::awaitable<void> run();

  // Frees the lease, if this instance holds it, so that another one need not wait for its expiry. Called when run() has
  // ended, and the writes of this instance too. Best effort: takes a few request time-outs at most.
  boost::asio::awaitable<void> release();

  // Whether this instance is the leader at this moment, by the clock: also right while the event loop is late, as after
  // a pause of the process.
  bool is_leader() const { return machine_.is_leader(options_.clock->now()); }

  const std::string& identity() const { return options_.lease.identity; }
  const LeaseName& lease_name() const { return options_.lease_name; }
  // The holder as last seen; empty: none, or not known.
  std::string holder() const { return machine_.lease() ? machine_.lease()->spec.holder : std::string(); }
  // Why the last request for the lease failed; empty: it did not.
  const std::string& last_error() const { return last_error_.message; }

 private:
  boost::asio::awaitable<void> carry_out();
  boost::asio::awaitable<LeaseInput> wait(WaitUntil command);
  boost::asio::awaitable<LeaseInput> request(LeaseCommand command);
  boost::asio::awaitable<std::optional<LeaseInput>> send(LeaseCommand command);
  boost::asio::awaitable<LeaseInput> read();
  boost::asio::awaitable<LeaseInput> write(LeaseCommand command);
  LeaseInput outcome_of(Client::Written written);
  void step(const LeaseInput& input);
  void tell();
  void failed(base::Error error);
  std::chrono::milliseconds time_for_a_request() const;

  Client& client_;
  ElectorOptions options_;
  LeaseMachine machine_;
  boost::asio::steady_timer timer_;
  std::function<void()> on_elected_, on_lost_;
  std::string object_;  // the lease as last read or written, with the fields that the election does not use
  base::Error last_error_;
  bool told_elected_ = false;
  std::mt19937_64 engine_;
};

}  // namespace k8s
