#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "k8sclient/api/packed.hpp"
#include "k8sclient/cache/deletion_guard.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/decode/stream.hpp"
#include "k8sclient/watch/machine.hpp"

namespace k8s {

// What is watched, and how.
struct ReflectorOptions {
  std::string ns{};              // empty: all namespaces
  std::string label_selector{};  // as in the API: "app=x,tier!=y"
  std::string field_selector{};
  Projection projection{};
  Keep keep = Keep::objects;  // in the store
  WatchSettings watch{};
  DecodeLimits limits{};
  std::chrono::milliseconds list_timeout{120'000};     // for a page of a list as a whole
  std::chrono::milliseconds answer_timeout{30'000};    // for the header of a watch's response
  std::chrono::milliseconds silence_grace{15'000};     // a watch may outlast the time that was asked for by this much
  bool json_only = false;                              // do not ask for protobuf
  DeletionGuard deletion_guard{};                      // what a list may take away by itself
  std::chrono::milliseconds relist_interval{0};        // a whole list now and then, to prove the watch; 0: never
  std::function<void(const base::Error&)> on_error{};  // each failure, as it happens; also logged
  std::chrono::milliseconds say_again{300'000};        // trouble that lasts is logged as a warning again and again
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();  // for `say_again` and WatchLife
};

// Whether anything is heard of a kind.
struct WatchLife {
  std::string_view resource;             // "pods"
  bool synced = false;                   // a first list is complete
  base::Clock::time_point last_heard{};  // an event, a bookmark, a complete list; before any the loop's beginning
  std::uint64_t failures = 0;            // of lists and watches, since the start
  std::uint64_t failures_in_row = 0;     // since something was heard
  std::string error;                     // the last of them; empty where there is none since then
};

// Counters since the start.
struct ReflectorStats {
  std::uint64_t pages = 0;     // of lists, asked for
  std::uint64_t lists = 0;     // complete
  std::uint64_t doubted = 0;   // of these, those that took away so much that another one had to say the same
  std::uint64_t watches = 0;   // asked for
  std::uint64_t events = 0;    // objects and bookmarks
  std::uint64_t failures = 0;  // of lists and watches, for whatever reason
  std::uint64_t bytes = 0;     // of bodies
  std::string last_error;
};

// The I/O around the watch machine, for objects of any kind: carries out its commands, and tells it what happened.
class ReflectLoop {
 public:
  // What differs by the kind of the objects.
  class Target {
   public:
    virtual ~Target() = default;
    virtual std::unique_ptr<ListDecoder> list_decoder(Encoding encoding) = 0;  // its items are put aside
    virtual std::unique_ptr<StreamDecoder> watch_decoder(Encoding encoding) = 0;
    virtual std::size_t put_aside() const = 0;  // how many items
    // What was put aside becomes the content. Whether so much of what was there is missing that another list has to say
    // the same.
    virtual bool commit() = 0;
    virtual void discard() = 0;
  };

  // All must outlive the loop.
  ReflectLoop(const Client& client, ResourceName resource, ReflectorOptions options, Target& target);

  // Runs until it is cancelled.
  boost::asio::awaitable<void> run();

  // Lists once more, at once: ends the watch that is under way, and its connection.
  void relist();

  // For the watch's decoder: what the machine says to an event. An error ends the stream.
  base::Result<StoreAction> judge(const WatchMachineInput& event);
  // For an ERROR event.
  base::Result<void> refuse(const Status& status);
  // For an event that the machine is not asked about: the server is alive.
  void heard();

  const ReflectorStats& stats() const { return stats_; }
  const ReflectorOptions& options() const { return options_; }
  std::uint64_t last_seen() const { return machine_.last_seen(); }
  WatchLife life() const;

 private:
  // Why a request or its stream failed.
  struct Problem {
    base::Error error;
    Trouble trouble = Trouble::busy;
    std::optional<std::chrono::seconds> retry_after;
  };

  boost::asio::awaitable<void> list(ListCommand command);
  boost::asio::awaitable<void> watch(WatchCommand command);
  boost::asio::awaitable<void> wait(WaitCommand command);
  boost::asio::awaitable<std::optional<Problem>> fetch_page(ListCommand command, ListMeta& meta);
  boost::asio::awaitable<std::optional<Problem>> follow(WatchCommand command);
  // Reads the response that ask() began to its end.
  boost::asio::awaitable<std::optional<Problem>> read_all(StreamDecoder& decoder, net::Deadline deadline,
                                                          std::string what);
  // Sends a GET; leaves an answer 200 to be read, in `encoding`.
  boost::asio::awaitable<std::optional<Problem>> ask(std::string target, net::Deadline deadline, std::string what,
                                                     Encoding& encoding);
  boost::asio::awaitable<Problem> refused(net::ResponseHead head, net::Deadline deadline, std::string what);

  static Problem problem_of(base::Error error);
  std::string target_path() const;
  std::string selectors() const;
  void failed(const Problem& problem);
  void act(const Reaction& reaction);
  void committed(bool doubted);
  void list_again(bool at_once);
  void report(const base::Error& error);
  void recovered();
  double random();

  const Client& client_;
  ResourceName resource_;
  ReflectorOptions options_;
  Target& target_;
  WatchMachine machine_;
  std::unique_ptr<net::Connection> connection_;
  ReflectorStats stats_;
  std::optional<Problem> stream_problem_;  // set by judge() and refuse() when they end the stream
  bool told_ = false;                      // the machine knows already: it was the one who ended the stream
  bool troubled_ = false;                  // the last attempt failed
  bool doubted_ = false;                   // the last list was
  bool relist_asked_ = false;
  boost::asio::steady_timer relist_signal_;  // never fires; cancelled to end the watch
  std::chrono::steady_clock::time_point next_relist_;
  base::Clock::time_point last_heard_;
  base::Clock::time_point said_at_{};  // trouble, as a warning
  std::uint64_t failures_in_row_ = 0;
  std::mt19937_64 engine_;
};

}  // namespace k8s
