#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/informer/watching.hpp"

namespace knm::bench {

// The phases of a run, and what each has cost: the first lists of all kinds, then paced changes, then a burst. Prints
// the lines that reflect_all() promises.
class Phases {
 public:
  // `what_there_is` returns the members "objects" and "bytes" of the line "synced".
  Phases(boost::asio::any_io_executor executor, Watching what, std::function<nlohmann::json()> what_there_is);

  void on_kind_synced();                // called once for each of the four kinds
  void on_pod_changed();                // before all kinds are synced it does not count
  boost::asio::awaitable<void> wait();  // until the last phase is over

 private:
  void report(const char* phase, nlohmann::json line);

  Watching what_;
  std::function<nlohmann::json()> what_there_is_;
  boost::asio::steady_timer finished_;  // never fires; cancelled at the end of the last phase
  std::chrono::steady_clock::time_point began_;
  double phase_cpu_;  // CPU time at the beginning of the phase
  int synced_ = 0;    // kinds
  std::size_t changes_ = 0;
  std::vector<std::int64_t> handled_at_;
};

}  // namespace knm::bench
