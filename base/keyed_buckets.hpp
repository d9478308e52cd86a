#pragma once

#include <cstddef>
#include <map>

#include "base/token_bucket.hpp"

namespace base {

// A token bucket for each key, all of one rate. A full bucket has no state worth keeping: its key is forgotten by a
// later take().
template <class Key>
class KeyedBuckets {
 public:
  using Time = TokenBucket::Time;

  explicit KeyedBuckets(TokenBucket::Rate rate) : rate_(rate) {}

  // Takes a token of the key if one is available.
  bool take(const Key& key, Time now) {
    forget_idle(now);
    return buckets_[key].take(rate_, now);
  }
  // When the next token of the key is available.
  Time ready_at(const Key& key) const {
    const auto at = buckets_.find(key);
    return (at == buckets_.end() ? TokenBucket() : at->second).ready_at(rate_);
  }
  // The number of keys whose bucket is kept.
  std::size_t size() const { return buckets_.size(); }

 private:
  void forget_idle(Time now) {
    if (now < forget_at_) return;
    forget_at_ = now + rate_.refill;
    std::erase_if(buckets_, [&](const auto& item) { return item.second.is_full(now); });
  }

  TokenBucket::Rate rate_;
  std::map<Key, TokenBucket> buckets_;
  Time forget_at_{0};
};

}  // namespace base
