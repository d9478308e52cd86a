#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/server/faults.hpp"
#include "tests/config-api/server/options.hpp"
#include "tests/config-api/server/request_log.hpp"
#include "tests/config-api/server/state_file.hpp"
#include "tests/config-api/server/stats.hpp"
#include "tests/config-api/server/watch_stream.hpp"

namespace standin {

/// What a connection is to do with one request.
struct Course {
  Kind kind;
  std::optional<Fault> fault;
  double latency_ms = 0;
};

/// The server without its sockets: core, faults, counters, log and state file. One thread.
///
/// For each API request a connection calls begin(), waits for the latency, calls execute() unless the fault forbids it,
/// and end() before it answers.
class Service {
 public:
  /// @throws std::runtime_error where a file cannot be used
  explicit Service(const Options& options);

  Course begin(const Request& request);
  /// Runs the request on the core and keeps it. @throws std::runtime_error where the state file cannot be written
  Response execute(const Request& request, const Kind& kind);
  /// The answer of a fault that has one.
  [[nodiscard]] Response answer_of(Fault fault) const;
  /// @param status 0: there is no answer
  void end(const Request& request, int status, std::optional<Fault> fault);
  /// To the state file, if there is one. @throws as execute()
  void save();

  /// From here on nothing is executed or answered, until thaw().
  [[nodiscard]] bool frozen() const { return frozen_; }
  void thaw();
  /// To be called after the fault settings were changed.
  void freeze_if_due();

  /// A stream that gets the changes from now on, until it is removed.
  void add(WatchStream& stream) { streams_.insert(&stream); }
  void remove(WatchStream& stream) { streams_.erase(&stream); }
  [[nodiscard]] const std::set<WatchStream*>& streams() const { return streams_; }
  /// Whether streams say nothing, not even that they live.
  [[nodiscard]] bool is_silent() const { return frozen_ || faults_.watch_silent(); }

  ConfigApi& api() { return api_; }
  Faults& faults() { return faults_; }
  Stats& stats() { return stats_; }

  /// Called once when the service freezes.
  std::function<void()> on_freeze;

 private:
  void notify(const std::vector<Change>& changes);

  ConfigApi api_;
  Faults faults_;
  Stats stats_;
  std::unique_ptr<StateFile> state_;
  std::unique_ptr<RequestLog> log_;
  std::set<WatchStream*> streams_;
  bool frozen_ = false;
};

}  // namespace standin
