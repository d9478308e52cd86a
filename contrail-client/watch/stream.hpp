#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "contrail-client/rest/api.hpp"
#include "contrail-client/watch/event.hpp"
#include "contrail-client/watch/machine.hpp"

namespace contrail::watch {

struct StreamOptions {
  MachineSettings machine{};
  std::chrono::milliseconds answer_timeout{30'000};  // of the request
  std::chrono::milliseconds list_limit{360'000};     // of all lists: comments alone must not keep a stream open
  std::chrono::milliseconds list_patience{60'000};   // for the first list, and for the next byte of the lists,
  std::chrono::milliseconds silence_limit{150'000};  // and then: the server sends a byte every 60 seconds at least
  // How long something else than the config API must answer until notifications count as not offered. A gateway that
  // starts does so for a moment.
  std::chrono::milliseconds foreign_patience{60'000};
  base::Log log{};
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
};

// What is known about the stream, and counters since the start.
struct StreamLife {
  Phase phase = Phase::connecting;
  base::Clock::time_point since{};       // the beginning of the phase
  base::Clock::time_point last_heard{};  // the last byte of a stream; before the first, the start
  std::string server;                    // of the last stream
  std::string error;                     // why the last stream or attempt ended; empty: it has not
  int failures = 0;                      // in a row
  std::uint64_t opened = 0;              // streams
  std::uint64_t lost = 0;                // of these, ended
  std::uint64_t changes = 0;             // events about one object
  std::uint64_t keep_alives = 0;         // comments
  std::uint64_t bytes = 0;
};

// The I/O around the machine: follows the notifications of the config API, again and again.
class Stream {
 public:
  // Called before each attempt, which follows when it returns: what to watch.
  using Prepare = std::function<boost::asio::awaitable<std::vector<Subscription>>()>;

  // `api` must outlive it. `sink` is called from within run().
  Stream(boost::asio::any_io_executor executor, Api& api, Prepare prepare, EventSink sink, StreamOptions options = {});
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Runs until it is cancelled.
  boost::asio::awaitable<void> run();

  const StreamLife& life() const { return life_; }

 private:
  class Reader;
  boost::asio::awaitable<void> connect();
  boost::asio::awaitable<void> wait(std::chrono::milliseconds time);
  void step(const Input& input);
  void completed();
  void ended(Trouble trouble, const std::string& why);
  bool may_be_of_a_moment();

  boost::asio::any_io_executor executor_;
  Api& api_;
  Prepare prepare_;
  EventSink sink_;
  StreamOptions options_;
  Machine machine_;
  StreamLife life_;
  std::chrono::milliseconds listed_{0};  // how long the lists of the present stream took; zero: they are not complete
  std::optional<base::Clock::time_point> foreign_since_;  // the first of the foreign answers in a row
  std::string reported_;  // the failure that the log has last; empty: none since the last complete stream
  std::mt19937_64 engine_;
};

}  // namespace contrail::watch
