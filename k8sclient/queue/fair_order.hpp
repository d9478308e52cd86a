#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace k8s {

// The order in which waiting keys are taken. Groups take turns, one key a turn; the keys of a group keep the order of
// their arrival. So a group of many keys delays each other group by one key only.
template <class Key>
class FairOrder {
 public:
  void push(const std::string& group, Key key) {
    auto& keys = keys_[group];
    if (keys.empty()) turns_.push_back(group);
    keys.push_back(std::move(key));
    ++size_;
  }

  // The next key; there must be one.
  Key pop() {
    auto group = std::move(turns_.front());
    turns_.pop_front();
    const auto at = keys_.find(group);
    auto key = std::move(at->second.front());
    at->second.pop_front();
    if (at->second.empty())
      keys_.erase(at);
    else
      turns_.push_back(std::move(group));
    --size_;
    return key;
  }

  std::size_t size() const { return size_; }

 private:
  std::unordered_map<std::string, std::deque<Key>> keys_;  // by group; no deque is empty
  std::deque<std::string> turns_;                          // each group with keys, once; the next one first
  std::size_t size_ = 0;
};

}  // namespace k8s
