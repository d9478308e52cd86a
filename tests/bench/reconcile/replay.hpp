#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/reconcile/history.hpp"
#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// A cluster's life as its apiserver shows it, without a socket or a clock: Pods that run at the start, Pods that come
// later and become Ready when their annotation is written, and the endpoints that follow.
class Replay {
 public:
  struct Answer {
    int status = 200;
    std::string body;  // JSON
  };

  // So many Pods of each namespace are there and Ready at the start; the others of the shape come with create().
  Replay(const Cluster& cluster, std::size_t pods_at_start);

  // Null where there is no such path.
  const History* history(std::string_view path) const;
  std::uint64_t version() const { return version_; }

  // The next Pods, one in each namespace in turn. `now` is kept as their birth, in seconds.
  void create(std::size_t count, double now);
  // A merge patch of a Pod's annotations. A Pod that gets its first one runs and is Ready from then on.
  Answer patch(std::string_view path, std::string_view body, double now);
  // A Pod's readiness changes; flush_endpoints() shows it.
  void set_ready(std::size_t ns, std::size_t number, bool ready);

  // The endpoints controller comes round: the slices of all Services whose Pods changed.
  bool endpoints_pending() const { return !dirty_slices_.empty(); }
  void flush_endpoints(double now);

  // {"pods", "annotated", "patches", "unready_endpoints", "reactions": [seconds from birth to annotation, ...],
  // "last_slice": time}
  nlohmann::json state() const;

 private:
  struct PodState {
    std::size_t ns, number;
    bool ready = false;
    double born = 0;
    std::optional<std::string> annotation;
  };
  void put_pod(const PodState& pod);
  void mark_slice(const PodState& pod);
  PodState* find(std::size_t ns, std::size_t number);
  PodState& add(std::size_t ns, std::size_t number, bool ready, double now);

  const Cluster& cluster_;
  std::uint64_t version_ = 1000;
  History namespaces_, services_, slices_, pods_;
  std::unordered_map<std::string, PodState> states_;            // by "ns/name"
  std::set<std::pair<std::size_t, std::size_t>> dirty_slices_;  // namespace, and a Pod's number in the slice
  std::size_t next_ = 0;                                        // how many have been created of those that come later
  std::size_t at_start_;
  std::size_t patches_ = 0;
  std::vector<double> reactions_;
  double last_slice_ = 0;
};

}  // namespace knm::bench
