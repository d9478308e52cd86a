#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/reconcile/history.hpp"
#include "tests/bench/support/cluster.hpp"

namespace knm::bench {

// The history of a cluster as its API server shows it, without a socket or a clock: Pods that run at the start, Pods
// that are created later and become ready when their annotation is written, and the resulting endpoints.
class Replay {
 public:
  struct Answer {
    int status = 200;
    std::string body;  // metadata in protobuf, or if it is a failure, a Status in JSON
  };

  // `pods_at_start` Pods of each Namespace exist and are ready at the start; create() adds the others of the shape.
  Replay(const Cluster& cluster, std::size_t pods_at_start);

  // Null for an unknown path.
  const History* history(std::string_view path) const;
  std::uint64_t version() const { return version_; }

  // Creates the next Pods, one in each Namespace in turn. `now` is their time of creation in seconds.
  void create(std::size_t count, double now);
  // Changes the label `uses` of the next Pods in turn: each names the next tier of its Namespace.
  void relabel(std::size_t count);
  // A merge patch of a Pod's annotations, through the Pod or its subresource `status`. With its first annotation a Pod
  // runs and is ready.
  Answer patch(std::string_view path, std::string_view body, double now);
  // A new Event, as JSON. It is counted and not stored: no watch of this program shows it.
  Answer create_event(std::string_view body);
  // Changes the readiness of a Pod; flush_endpoints() shows it.
  void set_ready(std::size_t ns, std::size_t number, bool ready);

  // The endpoints controller updates the slices of all Services whose Pods changed.
  bool endpoints_pending() const { return !dirty_slices_.empty(); }
  void flush_endpoints(double now);

  // {"pods", "annotated", "patches", "events", "endpoints_pending", "reactions": [seconds from birth to
  // annotation, ...], "last_slice": time}
  nlohmann::json state() const;

 private:
  struct PodState {
    std::size_t ns, number;
    std::size_t relabelled = 0;
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
  std::map<std::string, PodState> states_;                      // by "ns/name"
  std::string relabelled_;                                      // the last Pod of relabel()
  std::set<std::pair<std::size_t, std::size_t>> dirty_slices_;  // Namespace, and a Pod's number in the slice
  std::size_t next_ = 0;                                        // the number of Pods created so far by create()
  std::size_t at_start_;
  std::size_t patches_ = 0, events_ = 0;
  std::vector<double> reactions_;
  double last_slice_ = 0;
};

}  // namespace knm::bench
