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

// Settings of a reflector.
struct ReflectorOptions {
  std::string ns{};              // empty: all namespaces
  std::string label_selector{};  // as in the API: "app=x,tier!=y"
  std::string field_selector{};
  Projection projection{};
  Keep keep = Keep::objects;  // in the store
  WatchSettings watch{};
  DecodeLimits limits{};
  std::chrono::milliseconds list_timeout{120'000};     // for a whole page of a list, and for a whole streaming list
  std::chrono::milliseconds answer_timeout{30'000};    // for the header of a watch's response
  std::chrono::milliseconds silence_limit{150'000};    // a watch without a byte for so long is begun again
  std::chrono::milliseconds silence_grace{15'000};     // how much longer than requested a watch may last
  bool json_only = false;                              // do not accept protobuf
  DeletionGuard deletion_guard{};                      // limits deletions because of a list
  std::chrono::milliseconds relist_interval{0};        // repeats a complete list, to verify the watch; 0: never
  std::function<void(const base::Error&)> on_error{};  // called for each failure at once; failures are also logged
  std::chrono::milliseconds say_again{300'000};        // interval at which a lasting failure is logged again
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();  // for `say_again` and WatchLife
};

// Whether the API server still sends anything for a kind.
struct WatchLife {
  std::string_view resource;             // "pods"
  bool synced = false;                   // a first list is complete
  base::Clock::time_point last_heard{};  // last event, bookmark or complete list; before the first, the start
  std::uint64_t failures = 0;            // of lists and watches, since the start
  std::uint64_t failures_in_row = 0;     // since the last sign of life
  std::string error;                     // the last failure; empty if none since the last sign of life
  std::uint64_t resource_version = 0;    // the cache has all changes up to it; 0: no list is complete
};

// Counters since the start.
struct ReflectorStats {
  std::uint64_t pages = 0;     // pages of lists, requested
  std::uint64_t lists = 0;     // complete, also streaming ones
  std::uint64_t doubted = 0;   // of these, lists with so many losses that another one was needed
  std::uint64_t watches = 0;   // requested, also streaming lists
  std::uint64_t events = 0;    // objects and bookmarks
  std::uint64_t failures = 0;  // of lists and watches, for any reason
  std::uint64_t bytes = 0;     // of bodies
  std::string last_error;
};

// The I/O around the watch machine, for objects of any kind: executes its commands, and passes it the outcomes.
class ReflectLoop {
 public:
  // The operations that depend on the kind of object.
  class Target {
   public:
    virtual ~Target() = default;
    virtual std::unique_ptr<ListDecoder> list_decoder(Encoding encoding) = 0;  // puts its items aside
    virtual std::unique_ptr<StreamDecoder> watch_decoder(Encoding encoding) = 0;
    virtual std::size_t put_aside() const = 0;  // number of items
    // Makes the items put aside the content. Returns whether so many objects are missing that another list must confirm
    // it. `restored`: see Handler::on_restored().
    virtual bool commit(bool restored) = 0;
    virtual void discard() = 0;
  };

  // All must outlive the loop.
  ReflectLoop(const Client& client, ResourceName resource, ReflectorOptions options, Target& target);

  // Runs until it is cancelled.
  boost::asio::awaitable<void> run();
  // Waits for the first complete list.
  boost::asio::awaitable<void> await_synced();

  // Lists again, at once: ends the present watch, and its connection. A list in progress serves the request.
  void relist();

  // For the watch's decoder: the machine's decision about an event. An error ends the stream.
  base::Result<StoreAction> judge(const WatchMachineInput& event);
  // For an ERROR event.
  base::Result<void> refuse(const Status& status);
  // For an event that the machine does not get, since its version is unknown.
  StoreAction judge_unversioned();

  const ReflectorStats& stats() const { return stats_; }
  const ReflectorOptions& options() const { return options_; }
  std::uint64_t last_seen() const { return machine_.last_seen(); }
  WatchLife life() const;

 private:
  // The failure of a request or its stream.
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
  // How long the body of an answer may take.
  struct Patience {
    net::Deadline whole;
    net::Deadline initial_events = net::Deadline::max();  // of a streaming list
    std::chrono::milliseconds silence{};                  // between two reads
  };
  // Reads the rest of the response that ask() began.
  boost::asio::awaitable<std::optional<Problem>> read_all(StreamDecoder& decoder, Patience patience, std::string what);
  // Sends a GET; after a 200 the body is left to be read, in `encoding`.
  boost::asio::awaitable<std::optional<Problem>> ask(std::string target, net::Deadline deadline, std::string what,
                                                     Encoding& encoding);
  boost::asio::awaitable<Problem> refused(net::ResponseHead head, net::Deadline deadline, std::string what);

  static Problem problem_of(base::Error error);
  Problem stalled(const std::string& what, WatchCommand command, Patience patience) const;
  std::string watch_target(const WatchCommand& command) const;
  std::string target_path() const;
  std::string selectors() const;
  void failed(const Problem& problem);
  void act(const Reaction& reaction);
  void listed(const Reaction& reaction);
  void committed(bool doubted);
  void list_again(bool at_once);
  void heard();
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
  bool machine_knows_ = false;             // the machine ended the stream itself, and needs no report
  bool troubled_ = false;                  // the last attempt failed
  bool doubted_ = false;                   // the last list must be confirmed
  bool relist_asked_ = false;
  bool relist_at_once_ = true;               // or after a pause
  boost::asio::steady_timer relist_signal_;  // never fires; cancelled to end the watch
  boost::asio::steady_timer synced_signal_;  // never fires; cancelled when a list is complete
  std::chrono::steady_clock::time_point next_relist_;
  base::Clock::time_point last_heard_;
  base::Clock::time_point said_at_{};  // time of the last warning about a failure
  std::uint64_t failures_in_row_ = 0;
  std::mt19937_64 engine_;
};

}  // namespace k8s
