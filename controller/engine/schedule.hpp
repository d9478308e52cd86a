#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/engine/breaker.hpp"
#include "controller/engine/pace.hpp"
#include "controller/engine/progress_counts.hpp"
#include "controller/engine/work_queue.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Which entries are due, and when: work queues with turns by project, timers, back-off after failures, and a circuit
// breaker for each server. Does not know what is done with an entry. Deterministic for a seed; time is a parameter.
class Schedule {
 public:
  // `project_of`: the digest of the project of an entry, for its turn. The table and `progress` must outlive the
  // Schedule.
  Schedule(const Settings& settings, std::uint64_t seed, Table& table, ProgressCounts& progress,
           std::function<WorkQueue::Project(SlotId)> project_of);

  // Before start() and after stop() nothing is queued.
  void start() { running_ = true; }
  void stop() { running_ = false; }
  bool running() const { return running_; }
  // The time of the last call from outside; to be called before every other function.
  void set_now(Time now) { now_ = now; }
  Time now() const { return now_; }

  // --- Queue
  // Queues the entry; once, even if pushed several times.
  void push(SlotId id);
  // The same for an entry that nothing has changed: until its turn it counts in ProgressCounts as before.
  void push_unchanged(SlotId id);
  void push(const std::vector<SlotId>& ids);
  // Pushes the entries that wait for this one.
  void wake(SlotId id);
  // Pushes the entry at that time.
  void at(Time time, SlotId id) { timers_.emplace(time, id); }
  void push_due();
  // The next due entry of a target API with at most `room` requests in flight; nullopt: none may be sent now.
  std::optional<SlotId> next(TargetApi api, std::size_t room, Time now);
  // A request was sent for the last entry: the turn passes to the next project.
  void end_turn(TargetApi api) { side(api).queue.end_turn(); }

  // --- Requests in flight
  // Returns whether the project of the last entry is noisy, for answered().
  bool sent(TargetApi api);
  void answered(TargetApi api, bool noisy);
  // Counts a request that deletes something: a project with many of them is noisy.
  void count_removal(SlotId id, Time now);

  // --- Failures
  // Backs off from the entry, for a time that grows with the number of failures.
  void fail(SlotId id, std::string_view error, Time now);
  // Counts an answer for the circuit breaker. Returns whether the server went down or came back with it.
  bool count_answer(TargetApi api, SlotId id, bool is_down, Time now);
  bool is_down(TargetApi api) const { return side(api).breaker.open(); }

  // When next() may return an entry without a push before; nullopt: never.
  std::optional<Time> next_wakeup() const;
  // Nothing is queued and no timer is set.
  bool idle() const;
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  struct Side {
    explicit Side(const Settings& settings);
    WorkQueue queue;
    Breaker breaker;
    std::size_t in_flight = 0, noisy_in_flight = 0;
    std::deque<SlotId> failed;  // because of an outage of the server; the earliest failure first
  };

  // The delay after the first failure, and the longest one.
  struct BackOff {
    Time first, longest;
  };

  Side& side(TargetApi api) { return sides_[static_cast<std::size_t>(api)]; }
  const Side& side(TargetApi api) const { return sides_[static_cast<std::size_t>(api)]; }
  double jitter();
  void recover(Side& side, Time now);
  bool probe(Side& side, Time now);

  Table& table_;
  ProgressCounts& progress_;
  std::function<WorkQueue::Project(SlotId)> project_of_;
  BackOff back_off_;
  std::array<Side, 3> sides_;  // by TargetApi
  std::set<std::pair<Time, SlotId>> timers_;
  NoisyProjects noisy_;
  std::mt19937_64 random_;
  Time now_{0};
  bool running_ = false;
};

}  // namespace knm
