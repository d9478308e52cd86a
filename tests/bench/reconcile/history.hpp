#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/api/resource.hpp"

namespace knm::bench {

// The objects of one kind as an API server stores them: encoded, with every event since the beginning.
class History {
 public:
  explicit History(k8s::ResourceName resource) : resource_(resource) {}

  const k8s::ResourceName& resource() const { return resource_; }

  // Adds or replaces the object; `version` is the next one of the cluster.
  void put(const std::string& key, std::uint64_t version, const std::string& message);

  // One page from `token` on ("": the beginning), with at most `limit` objects (0: all).
  std::string page(std::uint64_t version, std::size_t limit, std::string_view token) const;

  // The number of the first event after a version, for frame().
  std::size_t after(std::uint64_t version) const;
  std::size_t events() const { return events_.size(); }
  const std::string& frame(std::size_t event) const { return events_[event].frame; }

 private:
  struct Event {
    std::uint64_t version;
    std::string frame;
  };
  k8s::ResourceName resource_;
  std::map<std::string, std::string> items_;  // as fields of a list
  std::vector<Event> events_;
};

}  // namespace knm::bench
