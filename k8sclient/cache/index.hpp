#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8sclient/cache/store.hpp"

namespace k8s {

// Finds the objects of a reflector by a value that follows from each of them, such as the node of a Pod. A handler of
// its own: add it to Handlers before the handlers that look up in it, so that it is as new as they are. It keeps the
// keys of objects, not the objects, and so works with any store.
template <class T>
class Index final : public Handler<T> {
 public:
  // The values of an object; none: it is not in the index.
  using ValuesOf = std::function<std::vector<std::string>(const T& object)>;
  using Keys = std::set<std::string, std::less<>>;  // as of object_key()

  explicit Index(ValuesOf values_of) : values_of_(std::move(values_of)) {}

  // The keys of the objects with this value, sorted.
  const Keys& find(std::string_view value) const {
    static const Keys none;
    const auto found = keys_.find(value);
    return found == keys_.end() ? none : found->second;
  }
  // The number of different values.
  std::size_t size() const { return keys_.size(); }

  void on_upsert(const T& object) override {
    const auto key = object_key(object.meta);
    remove(key);
    auto values = values_of_(object);
    if (values.empty()) return;
    for (const auto& value : values) keys_[value].insert(key);
    values_.emplace(key, std::move(values));
  }
  void on_delete(const T& last_known) override { remove(object_key(last_known.meta)); }
  void on_synced() override {}

 private:
  void remove(const std::string& key) {
    const auto known = values_.find(key);
    if (known == values_.end()) return;
    for (const auto& value : known->second) {
      const auto at = keys_.find(value);
      if (at == keys_.end()) continue;  // an object may have a value twice
      at->second.erase(key);
      if (at->second.empty()) keys_.erase(at);
    }
    values_.erase(known);
  }

  ValuesOf values_of_;
  std::map<std::string, Keys, std::less<>> keys_;                        // by value
  std::map<std::string, std::vector<std::string>, std::less<>> values_;  // by key of the object
};

}  // namespace k8s
