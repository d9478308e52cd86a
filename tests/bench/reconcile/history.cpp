#include "tests/bench/reconcile/history.hpp"

#include <algorithm>

#include "tests/bench/support/kube_bytes.hpp"

namespace knm::bench {

void History::put(const std::string& key, std::uint64_t version, const std::string& message) {
  const auto [at, fresh] = items_.insert_or_assign(key, list_item(message));
  events_.push_back({version, encode_event(resource_, fresh ? "ADDED" : "MODIFIED", message)});
}

std::string History::page(std::uint64_t version, std::size_t limit, std::string_view token) const {
  auto at = items_.lower_bound(std::string(token));
  std::string items;
  for (std::size_t count = 0; at != items_.end() && (limit == 0 || count < limit); ++at, ++count) items += at->second;
  return encode_list(resource_, version, at == items_.end() ? std::string_view() : std::string_view(at->first), items);
}

std::size_t History::after(std::uint64_t version) const {
  const auto at = std::upper_bound(events_.begin(), events_.end(), version,
                                   [](std::uint64_t v, const Event& event) { return v < event.version; });
  return static_cast<std::size_t>(at - events_.begin());
}

}  // namespace knm::bench
