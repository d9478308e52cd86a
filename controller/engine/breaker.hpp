#pragma once

#include <cstdint>
#include <optional>

#include "controller/base/time.hpp"

namespace knm {

// Stops requests while the server is down: after several failures in a row it permits one probe at a time, at growing
// intervals, until one is answered. Only failures that are not caused by the request count: no connection, no answer,
// 502, 503, 504.
class Breaker {
 public:
  Breaker(Time first_delay, Time last_delay) : first_(first_delay), last_(last_delay) {}

  bool open() const { return failures_ >= threshold; }
  // Whether a request may be sent now, with `in_flight` requests unanswered.
  bool permits(Time now, std::size_t in_flight) const { return !open() || (in_flight == 0 && now >= probe_at_); }
  // When the next probe is due; nullopt while closed.
  std::optional<Time> probe_at() const { return open() ? std::optional(probe_at_) : std::nullopt; }

  // Both return whether the breaker opened or closed.
  bool failed(Time now, double jitter) {
    const bool was = open();
    if (was && now < probe_at_) return false;  // an answer to a request that was in flight when the breaker opened
    ++failures_;
    if (!open()) return false;
    auto delay = first_;
    for (std::uint32_t i = threshold; i < failures_ && delay < last_; ++i) delay *= 2;
    if (delay > last_) delay = last_;
    probe_at_ = now + Time(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter));
    return !was;
  }
  bool succeeded() {
    const bool was = open();
    failures_ = 0;
    return was;
  }

 private:
  static constexpr std::uint32_t threshold = 3;
  Time first_, last_, probe_at_{0};
  std::uint32_t failures_ = 0;
};

}  // namespace knm
