#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace contrail {

// The annotations of an object that is being read, before its filter is applied: a flat list that is filled again and
// again and keeps its memory.
class Annotations {
 public:
  // The value of `key`; null: it is absent.
  const std::string* find(std::string_view key) const {
    for (std::size_t i = 0; i < size_; ++i)
      if (pairs_[i].first == key) return &pairs_[i].second;
    return nullptr;
  }

  std::size_t size() const { return size_; }

  void add(std::string_view key, std::string_view value) {
    if (size_ == pairs_.size()) pairs_.emplace_back();
    pairs_[size_].first.assign(key);
    pairs_[size_].second.assign(value);
    ++size_;
  }

  void clear() { size_ = 0; }

  // Of several values for a key the last one counts, as on the server.
  std::map<std::string, std::string> map() const {
    std::map<std::string, std::string> map;
    for (std::size_t i = 0; i < size_; ++i) map.insert_or_assign(pairs_[i].first, pairs_[i].second);
    return map;
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;  // only the first size_ count
  std::size_t size_ = 0;
};

}  // namespace contrail
