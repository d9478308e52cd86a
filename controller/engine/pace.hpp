#pragma once

#include <algorithm>
#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

#include "controller/base/time.hpp"

namespace knm {

// Limits how often an event repeats for one subject: the first times at once, then at intervals that double up to a
// limit. A subject is forgotten after a quiet time. Subjects are numbers (thing_of), and few at a time.
class Pace {
 public:
  struct Limits {
    std::uint32_t free;  // repetitions without a delay
    Time first, most;    // the interval after that, and its maximum
    Time quiet;          // longer than `most`
  };

  explicit Pace(const Limits& limits) : limits_(limits) {}

  // Counts an event. Returns the number of events so far.
  std::uint32_t note(std::uint64_t thing, Time now) {
    if (known_.size() >= sweep_at_) sweep(now);
    auto& record = known_[thing];
    record.times = is_over(record, now) ? 1 : record.times + 1;
    record.at = now;
    return record.times;
  }
  // Restarts the interval, if the subject is known.
  void touch(std::uint64_t thing, Time now) {
    if (const auto at = known_.find(thing); at != known_.end() && !is_over(at->second, now)) at->second.at = now;
  }
  void forget(std::uint64_t thing) { known_.erase(thing); }

  std::uint32_t times(std::uint64_t thing, Time now) const {
    const auto at = known_.find(thing);
    return at == known_.end() || is_over(at->second, now) ? 0 : at->second.times;
  }
  bool is_often(std::uint64_t thing, Time now) const { return times(thing, now) > limits_.free; }
  // The earliest time of the next event; 0: at once.
  Time not_before(std::uint64_t thing, Time now) const {
    const auto at = known_.find(thing);
    if (at == known_.end() || is_over(at->second, now) || at->second.times <= limits_.free) return Time{0};
    return at->second.at + distance(at->second.times - limits_.free - 1);
  }
  // When the subject is forgotten if the event does not repeat; 0: it is forgotten.
  Time forgotten_at(std::uint64_t thing) const {
    const auto at = known_.find(thing);
    return at == known_.end() ? Time{0} : at->second.at + limits_.quiet;
  }
  bool empty() const { return known_.empty(); }
  std::size_t size() const { return known_.size(); }
  // The number of subjects that are past the free repetitions.
  std::size_t often(Time now) const {
    return static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), [&](const auto& pair) {
      return !is_over(pair.second, now) && pair.second.times > limits_.free;
    }));
  }

 private:
  struct Record {
    Time at{0};
    std::uint32_t times = 0;
  };

  bool is_over(const Record& record, Time now) const { return record.times == 0 || now - record.at >= limits_.quiet; }
  Time distance(std::uint32_t doublings) const {
    auto out = limits_.first;
    for (; doublings > 0 && out < limits_.most; --doublings) out *= 2;
    return std::min(out, limits_.most);
  }
  void sweep(Time now) {
    constexpr std::size_t least = 256;
    boost::unordered::erase_if(known_, [&](const auto& pair) { return is_over(pair.second, now); });
    sweep_at_ = std::max(least, 2 * known_.size());
  }

  Limits limits_;
  boost::unordered_flat_map<std::uint64_t, Record> known_;
  std::size_t sweep_at_ = 256;
};

// The projects that delete more than their share: each has a leaky bucket, and is noisy while the bucket is over the
// brim.
class NoisyProjects {
 public:
  NoisyProjects(std::uint32_t brim, Time leak) : brim_(brim * leak), leak_(leak) {}

  void note(std::uint64_t thing, Time now) {
    if (empty_at_.size() >= sweep_at_) sweep(now);
    auto& at = empty_at_[thing];
    // The level is limited, so that calming down takes at most twice the brim.
    at = std::min(std::max(at, now) + leak_, now + 2 * brim_);
  }
  bool empty() const { return empty_at_.empty(); }
  bool is(std::uint64_t thing, Time now) const {
    const auto at = empty_at_.find(thing);
    return at != empty_at_.end() && at->second - now > brim_;
  }

 private:
  void sweep(Time now) {
    constexpr std::size_t least = 64;
    boost::unordered::erase_if(empty_at_, [&](const auto& pair) { return pair.second <= now; });
    sweep_at_ = std::max(least, 2 * empty_at_.size());
  }

  Time brim_, leak_;
  boost::unordered_flat_map<std::uint64_t, Time> empty_at_;
  std::size_t sweep_at_ = 64;
};

}  // namespace knm
