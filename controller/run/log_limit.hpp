#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "base/token_bucket.hpp"
#include "controller/base/time.hpp"

namespace knm {

// Decides which lines are logged: the same line (a number for its words and its object) once a minute, and all lines
// together at most a hundred at once and one a second.
class LogLimit {
 public:
  bool take(std::uint64_t line, Time now) {
    if (last_.size() >= sweep_at_) sweep(now);
    const auto at = last_.find(line);
    if (at != last_.end() && now - at->second < distance) return false;
    if (!all_.take({100, std::chrono::seconds(1)}, now)) {
      ++left_out_;
      return false;
    }
    last_.insert_or_assign(line, now);
    return true;
  }
  // The number of lines dropped by the common limit: to be reported with the next line.
  std::uint64_t take_left_out() { return std::exchange(left_out_, 0); }

 private:
  static constexpr Time distance = std::chrono::minutes(1);

  void sweep(Time now) {
    constexpr std::size_t least = 256;
    std::erase_if(last_, [&](const auto& pair) { return now - pair.second >= distance; });
    sweep_at_ = std::max(least, 2 * last_.size());
  }

  base::TokenBucket all_;
  std::unordered_map<std::uint64_t, Time> last_;
  std::uint64_t left_out_ = 0;
  std::size_t sweep_at_ = 256;
};

}  // namespace knm
