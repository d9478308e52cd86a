#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/keyed_buckets.hpp"
#include "controller/base/time.hpp"
#include "controller/events/notice.hpp"
#include "k8sclient/api/event_limit.hpp"

namespace knm {

struct RecorderLimits {
  Time settle = std::chrono::seconds(2);    // a problem that ends sooner is not reported
  Time refresh = std::chrono::minutes(30);  // Kubernetes deletes an Event that was not updated for an hour
  Time retry = std::chrono::minutes(1);     // after a write that failed
  base::TokenBucket::Rate per_object = k8s::EventLimit::default_rate;
  base::TokenBucket::Rate in_all{100, std::chrono::milliseconds(20)};
  std::size_t notices = 1000;  // waiting ones; waiting problems are not limited, since they are states
  std::size_t in_flight = 4;
};

// One request about an Event, for the caller to send.
struct EventWrite {
  enum class Step : std::uint8_t {
    create,
    look,   // read the number of observations of the Event
    count,  // set its series to `count`
  };
  std::uint64_t id = 0;
  Step step = Step::create;
  Notice notice;
  std::string name;  // of the Event
  std::uint32_t count = 0;
  Time seen{0};  // the time of the first (create) or last (count) observation
};

struct EventAnswer {
  enum class Result : std::uint8_t {
    done,
    exists,  // for a create: an Event with that name exists
    gone,    // there is no Event with that name
    ending,  // its Namespace is being deleted
    failed,
  };
  Result result = Result::done;
  std::uint32_t count = 0;  // after a successful look
};

// Decides which Events are written, and when. Pure: problems and notices go in, requests come out, answers go in.
//
// A problem is a state: it gets one Event when it appears. If an Event of that name exists, because the problem was
// there before or another run of the controller reported it, its series is counted up instead; so it is every `refresh`
// while the problem lasts, to keep Kubernetes from deleting it. A notice (of type Normal) is reported once, and is lost
// if that fails. An informational problem is reported once, too: if its Event exists, also from another run, it is not
// changed, and it may expire.
//
// Excess Events are suppressed and counted: for one object, so that a flapping one cannot flood the cluster, and for
// waiting notices. A suppressed problem that lasts is reported later. An Event that is refused because its Namespace is
// being deleted counts as suppressed.
class Recorder {
 public:
  struct Counts {
    std::uint64_t sent = 0;  // Events created or counted up
    std::uint64_t suppressed = 0;
    std::uint64_t failed = 0;
  };

  explicit Recorder(RecorderLimits limits = {}) : limits_(limits), buckets_(limits.per_object) {}

  // The problems of these objects have changed since the last call.
  void update(const ProblemBook& book, const std::set<Subject>& changed, Time now);
  void notice(Notice notice, Time now);

  // The next request; nullopt: there is none now.
  std::optional<EventWrite> poll(Time now);
  void answer(std::uint64_t id, const EventAnswer& answer, Time now);
  // When poll() may return one without an answer or a new problem before; nullopt: never.
  std::optional<Time> next_wakeup() const;

  const Counts& counts() const { return counts_; }
  std::size_t in_flight() const { return in_flight_; }

 private:
  // An Event that is to be written, and its progress.
  struct Track {
    Notice notice;
    std::string name;
    bool lasts = false;    // a present problem
    bool dropped = false;  // it ended while a request was in flight
    bool in_flight = false;
    bool admitted = false;   // the limit of its object permits one more
    bool recreated = false;  // its Event was deleted and is created again: once for each report
    EventWrite::Step step = EventWrite::Step::create;
    std::uint32_t count = 0;
    Time since{0};
    Time due{0};
  };
  using Tracks = std::unordered_map<std::uint64_t, Track>;

  void add(Notice notice, bool lasts, Time due, Time now);
  void drop(std::uint64_t id);
  void erase(Tracks::iterator at);
  void wait(std::uint64_t id, Track& track, Time due);
  bool admit(std::uint64_t id, Track& track, Time now);
  void recorded(Tracks::iterator at, Time now);
  void ending(Tracks::iterator at, Time now);
  void known(Tracks::iterator at);
  void failed(Tracks::iterator at, Time now);

  RecorderLimits limits_;
  Counts counts_;
  Tracks tracks_;
  std::map<Subject, std::vector<std::uint64_t>> lasting_;  // tracks of the present problems
  std::set<std::pair<Time, std::uint64_t>> due_;           // waiting tracks
  base::KeyedBuckets<Subject> buckets_;
  base::TokenBucket in_all_;
  std::uint64_t next_id_ = 1;
  std::size_t in_flight_ = 0;
  std::size_t notices_ = 0;
};

}  // namespace knm
