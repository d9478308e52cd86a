#pragma once

#include <algorithm>
#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

#include "controller/base/time.hpp"

namespace knm {

// What happens again and again to one thing, and how far apart it is let happen: the first times at once, then at
// distances that double up to a limit. Forgotten after a time of quiet. Things are numbers, and few at a time.
class Pace {
 public:
  struct Limits {
    std::uint32_t free;  // so many times at once
    Time first, most;    // the distance after that, and where its doubling ends
    Time quiet;          // longer than `most`
  };

  explicit Pace(const Limits& limits) : limits_(limits) {}

  // It happened. How often by now.
  std::uint32_t note(std::uint64_t thing, Time now) {
    if (known_.size() >= sweep_at_) sweep(now);
    auto& record = known_[thing];
    record.times = is_over(record, now) ? 1 : record.times + 1;
    record.at = now;
    return record.times;
  }
  // The distance counts from now on, if the thing is known.
  void touch(std::uint64_t thing, Time now) {
    if (const auto at = known_.find(thing); at != known_.end() && !is_over(at->second, now)) at->second.at = now;
  }
  void forget(std::uint64_t thing) { known_.erase(thing); }

  std::uint32_t times(std::uint64_t thing, Time now) const {
    const auto at = known_.find(thing);
    return at == known_.end() || is_over(at->second, now) ? 0 : at->second.times;
  }
  bool is_often(std::uint64_t thing, Time now) const { return times(thing, now) > limits_.free; }
  // Not before then again; 0: at once.
  Time not_before(std::uint64_t thing, Time now) const {
    const auto at = known_.find(thing);
    if (at == known_.end() || is_over(at->second, now) || at->second.times <= limits_.free) return Time{0};
    return at->second.at + distance(at->second.times - limits_.free - 1);
  }
  // When it will be forgotten, if it does not happen again; 0: it is.
  Time forgotten_at(std::uint64_t thing) const {
    const auto at = known_.find(thing);
    return at == known_.end() ? Time{0} : at->second.at + limits_.quiet;
  }
  bool empty() const { return known_.empty(); }
  std::size_t size() const { return known_.size(); }
  // How many happen often.
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

// Which things take more than their share: each has a bucket that leaks, and is noisy while it is over the brim.
class NoisyProjects {
 public:
  NoisyProjects(std::uint32_t brim, Time leak) : brim_(brim * leak), leak_(leak) {}

  void note(std::uint64_t thing, Time now) {
    if (empty_at_.size() >= sweep_at_) sweep(now);
    auto& at = empty_at_[thing];
    // Never so full that it takes longer than twice the brim to calm down.
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
