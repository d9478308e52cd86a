#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/keyed_buckets.hpp"
#include "k8sclient/api/event.hpp"

namespace k8s {

// Limits the Events about one object by one reporting controller, so that an object which changes back and forth does
// not flood the cluster. The default rate is that of client-go's EventBroadcaster: 25 at once, then one in five
// minutes. Source: https://github.com/kubernetes/client-go/blob/v0.36.3/tools/record/events_cache.go
//
// Pure: the time is a parameter, counted from any start.
class EventLimit {
 public:
  using Time = base::TokenBucket::Time;
  using Rate = base::TokenBucket::Rate;
  static constexpr Rate default_rate{25, std::chrono::minutes(5)};

  explicit EventLimit(Rate rate = default_rate) : buckets_(rate) {}

  // Whether this Event, or one more observation for its series, may be sent now. The answer true counts as sent.
  bool admit(const Event& event, Time now);
  // When the next Event of this controller about this object may be sent.
  Time ready_at(const Event& event) const;

  std::uint64_t suppressed() const { return suppressed_; }  // how often admit() was false
  std::size_t objects() const { return buckets_.size(); }   // with Events not long ago

 private:
  base::KeyedBuckets<std::pair<std::string, Regarding>> buckets_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace k8s
