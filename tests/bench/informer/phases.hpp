#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
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
  Phases(boost::asio::any_io_executor executor, Watching what);

  // Called once for each of the four kinds: the number of its objects, and the bytes of the bodies read for them.
  void on_kind_synced(std::string_view resource, std::size_t objects, std::uint64_t bytes);
  void on_pod_changed();                // before all kinds are synced it does not count
  boost::asio::awaitable<void> wait();  // until the last phase is over

 private:
  void report(const char* phase, nlohmann::json line);

  Watching what_;
  boost::asio::steady_timer finished_;  // never fires; cancelled at the end of the last phase
  std::chrono::steady_clock::time_point began_;
  double phase_cpu_;                                   // CPU time at the beginning of the phase
  nlohmann::json objects_ = nlohmann::json::object();  // number by resource, of the kinds that are synced
  std::uint64_t bytes_ = 0;
  std::size_t changes_ = 0;
  std::vector<std::int64_t> handled_at_;
};

}  // namespace knm::bench
