#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/token_bucket.hpp"
#include "k8sclient/queue/fair_order.hpp"

namespace k8s {

// Settings of a work queue. The defaults of the retries are those of client-go's DefaultTypedControllerRateLimiter:
// https://github.com/kubernetes/client-go/blob/v0.36.3/util/workqueue/default_rate_limiters.go
template <class Key>
struct QueueSettings {
  // The group of a key, such as its namespace. Groups take turns. Empty: all keys are one group, first in, first out.
  std::function<std::string(const Key&)> group_of{};
  // The delay of a retry is the longer one of the backoff of its key and the wait for the common bucket.
  base::BackoffPolicy backoff{std::chrono::milliseconds(5), std::chrono::seconds(1000), 2};
  base::TokenBucket::Rate retries{100, std::chrono::milliseconds(100)};
};

// What a work queue measures at one moment, under the names that dashboards for client-go and controller-runtime use:
// https://github.com/kubernetes/component-base/blob/v0.36.3/metrics/prometheus/workqueue/metrics.go
struct QueueFigures {
  std::size_t depth = 0;                       // workqueue_depth: keys that wait to be taken
  std::uint64_t adds = 0;                      // workqueue_adds_total: without keys that waited already
  std::uint64_t retries = 0;                   // workqueue_retries_total: of add_after() and add_rate_limited()
  std::chrono::duration<double> unfinished{};  // workqueue_unfinished_work_seconds: ages of the keys in work, summed
  std::chrono::duration<double> longest_running{};  // workqueue_longest_running_processor_seconds
};

// Which keys wait, which are in work, and which are due later. Its rules are those of client-go's util/workqueue:
// - A key that waits already is not added again.
// - A key that is added while it is in work waits, and is not taken before done(). No key is in work twice.
// - A delayed key is added when its time comes; of several delays, the shortest counts. An undelayed add() does not
//   remove a delayed one.
// https://github.com/kubernetes/client-go/blob/v0.36.3/util/workqueue/doc.go
//
// Pure: time and randomness are parameters. `now` must not decrease from one call to the next.
template <class Key, class Hash = std::hash<Key>>
class QueueState {
 public:
  using Time = base::Clock::time_point;
  using Duration = base::Clock::duration;

  explicit QueueState(QueueSettings<Key> settings = {}) : settings_(std::move(settings)) {}

  // The adding functions do nothing after shut_down().
  void add(const Key& key, Time now) {
    add_due(now);
    insert(key, now);
  }

  void add_after(const Key& key, Duration delay, Time now) {
    add_due(now);
    if (shut_down_) return;
    ++retries_;
    if (delay <= Duration::zero()) return insert(key, now);
    const auto known = delayed_.find(key);
    if (known != delayed_.end()) {
      if (known->second->first <= now + delay) return;
      due_.erase(known->second);
    }
    delayed_.insert_or_assign(key, due_.emplace(now + delay, key));
  }

  // Adds the key after the delay that the settings give to its next retry. `random` in [0, 1).
  void add_rate_limited(const Key& key, double random, Time now) {
    auto& failures = failures_.try_emplace(key, Failures{base::Backoff(settings_.backoff)}).first->second;
    ++failures.count;
    const Duration own = failures.backoff.next(random);
    const Duration common = bucket_.reserve(settings_.retries, now.time_since_epoch());
    add_after(key, std::max(own, common), now);
  }

  // Ends the series of retries of a key: after a success, or when it is given up. A key that is never forgotten keeps
  // some bytes for ever.
  void forget(const Key& key) { failures_.erase(key); }

  // The number of retries since the last forget().
  std::uint32_t num_requeues(const Key& key) const {
    const auto at = failures_.find(key);
    return at == failures_.end() ? 0 : at->second.count;
  }

  struct Taken {
    Key key;
    Duration waited;  // for workqueue_queue_duration_seconds
  };

  // Takes the next key into work, until done(); nullopt: none waits.
  std::optional<Taken> take(Time now) {
    add_due(now);
    if (order_.size() == 0) return std::nullopt;
    Taken taken{order_.pop(), {}};
    const auto at = waiting_.find(taken.key);
    taken.waited = now - at->second;
    waiting_.erase(at);
    in_work_.emplace(taken.key, now);
    return taken;
  }

  // The work on a key has ended. Returns its duration, for workqueue_work_duration_seconds; 0 for a key that is not in
  // work.
  Duration done(const Key& key, Time now) {
    add_due(now);
    const auto at = in_work_.find(key);
    if (at == in_work_.end()) return Duration::zero();
    const auto took = now - at->second;
    in_work_.erase(at);
    if (waiting_.contains(key)) order_.push(group_of(key), key);
    return took;
  }

  // From now on nothing is added, and delayed keys are dropped. Keys that wait can still be taken.
  void shut_down() {
    shut_down_ = true;
    due_.clear();
    delayed_.clear();
  }

  bool is_shut_down() const { return shut_down_; }
  std::size_t ready() const { return order_.size(); }  // keys that take() can return now
  bool is_idle() const { return waiting_.empty() && in_work_.empty(); }

  // When the next delayed key is due; nullopt: there is none.
  std::optional<Time> next_due() const { return due_.empty() ? std::nullopt : std::optional(due_.begin()->first); }

  QueueFigures figures(Time now) {
    add_due(now);
    QueueFigures out{waiting_.size(), adds_, retries_, {}, {}};
    for (const auto& [key, since] : in_work_) {
      const std::chrono::duration<double> age = now - since;
      out.unfinished += age;
      out.longest_running = std::max(out.longest_running, age);
    }
    return out;
  }

 private:
  struct Failures {
    base::Backoff backoff;
    std::uint32_t count = 0;
  };

  std::string group_of(const Key& key) const { return settings_.group_of ? settings_.group_of(key) : std::string(); }

  void insert(const Key& key, Time now) {
    if (shut_down_ || !waiting_.emplace(key, now).second) return;
    ++adds_;
    if (!in_work_.contains(key)) order_.push(group_of(key), key);
  }

  void add_due(Time now) {
    while (!due_.empty() && due_.begin()->first <= now) {
      const auto [time, key] = *due_.begin();
      delayed_.erase(key);
      due_.erase(due_.begin());
      insert(key, time);
    }
  }

  QueueSettings<Key> settings_;
  std::unordered_map<Key, Time, Hash> waiting_;  // since when; of these, `order_` has the ones that are not in work
  FairOrder<Key> order_;
  std::unordered_map<Key, Time, Hash> in_work_;  // since when
  std::multimap<Time, Key> due_;
  std::unordered_map<Key, typename std::multimap<Time, Key>::iterator, Hash> delayed_;  // each key of `due_`, once
  std::unordered_map<Key, Failures, Hash> failures_;
  base::TokenBucket bucket_;
  std::uint64_t adds_ = 0, retries_ = 0;
  bool shut_down_ = false;
};

}  // namespace k8s
