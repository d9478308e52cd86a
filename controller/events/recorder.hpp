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

#include "controller/events/notice.hpp"
#include "controller/events/token_bucket.hpp"

namespace knm {

struct RecorderLimits {
  Time settle = std::chrono::seconds(2);    // a problem that is over by then is not told
  Time refresh = std::chrono::minutes(30);  // Kubernetes drops an Event that is not touched for an hour
  Time retry = std::chrono::minutes(1);     // after a write that failed
  TokenBucket::Rate per_object{25, std::chrono::minutes(5)};
  TokenBucket::Rate in_all{100, std::chrono::milliseconds(20)};
  std::size_t notices = 1000;  // those that wait; problems wait in any number, they are states
  std::size_t in_flight = 4;
};

// One request about an Event, to be sent by whoever does the I/O.
struct EventWrite {
  enum class Step : std::uint8_t {
    create,
    look,   // ask how often the Event was observed
    count,  // set its series to `count`
  };
  std::uint64_t id = 0;
  Step step = Step::create;
  Notice notice;
  std::string name;  // of the Event
  std::uint32_t count = 0;
  Time seen{0};  // when it was first (create) or last (count) observed
};

struct EventAnswer {
  enum class Result : std::uint8_t {
    done,
    exists,  // of a create: an Event of the name is there
    gone,    // there is no Event of the name
    ending,  // its Namespace is on its way out
    failed,
  };
  Result result = Result::done;
  std::uint32_t count = 0;  // of a look that is done
};

// Decides which Events are written, and when. Pure: problems and notices go in, requests come out, answers go in.
//
// A problem is a state: it gets one Event when it appears. Where an Event of that name is there already, for the
// problem was there before or another run of the controller told it, its series counts on instead; so it does every
// `refresh` while the problem lasts, lest Kubernetes drop what is still true. A notice (of type Normal) is told once,
// and is lost where that fails. A problem that is none, but good to know, is told once, too: where its Event is there,
// be it from another run, it is left as it is, and it is not kept from going.
//
// What would be too much is suppressed and counted: of one object, so that one that flaps cannot flood the cluster, and
// of notices that wait. A problem that was suppressed and lasts is told later. What its Namespace takes no Event of,
// for it is on its way out, counts as suppressed.
class Recorder {
 public:
  struct Counts {
    std::uint64_t sent = 0;  // Events created or counted on
    std::uint64_t suppressed = 0;
    std::uint64_t failed = 0;
  };

  explicit Recorder(RecorderLimits limits = {}) : limits_(limits) {}

  // Of these objects something else is said than at the last call.
  void update(const ProblemBook& book, const std::set<Subject>& changed, Time now);
  void notice(Notice notice, Time now);

  // The next request; nullopt where there is none now.
  std::optional<EventWrite> poll(Time now);
  void answer(std::uint64_t id, const EventAnswer& answer, Time now);
  // When poll() may have one by the passing of time alone; nullopt: only after an answer or something new.
  std::optional<Time> next_wakeup() const;

  const Counts& counts() const { return counts_; }
  std::size_t in_flight() const { return in_flight_; }

 private:
  // An Event that is to be written now or at some time, and how far we are with it.
  struct Track {
    Notice notice;
    std::string name;
    bool lasts = false;    // a problem that is there
    bool dropped = false;  // it ended while a request was under way
    bool in_flight = false;
    bool admitted = false;   // its object may have one more
    bool recreated = false;  // it was gone, and is created anew: once for each time that it is told
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
  void told(Tracks::iterator at, Time now);
  void ending(Tracks::iterator at, Time now);
  void known(Tracks::iterator at);
  void failed(Tracks::iterator at, Time now);
  void forget_idle(Time now);

  RecorderLimits limits_;
  Counts counts_;
  Tracks tracks_;
  std::map<Subject, std::vector<std::uint64_t>> lasting_;  // tracks of the problems that are there
  std::set<std::pair<Time, std::uint64_t>> due_;           // tracks that wait
  std::map<Subject, TokenBucket> buckets_;                 // of those that are not full
  TokenBucket in_all_;
  Time forget_at_{0};
  std::uint64_t next_id_ = 1;
  std::size_t in_flight_ = 0;
  std::size_t notices_ = 0;
};

}  // namespace knm
