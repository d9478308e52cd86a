#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace knm {

// The time series of one family, by the values of their labels. Family::Add() of Prometheus makes a new series before
// it looks for an existing one; for a histogram that costs more than the observation.
template <class T>
class Series {
 public:
  // `make` returns the family's series with these values; it is called once for each combination.
  template <class Make>
  T& of(std::initializer_list<std::string_view> values, Make make) {
    key_.clear();
    for (const auto value : values) key_.append(value) += '\0';
    auto at = known_.find(key_);
    if (at == known_.end()) at = known_.emplace(key_, &make()).first;
    return *at->second;
  }

 private:
  std::map<std::string, T*, std::less<>> known_;
  std::string key_;  // of the last call; keeps its memory
};

}  // namespace knm
