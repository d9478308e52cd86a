#include "controller/status/order.hpp"

#include <algorithm>
#include <set>

namespace knm {
namespace {

// The limit for the order of calls: longer lists are hardly read in that order.
constexpr std::size_t most_sorted = 300;

using Uses = std::map<std::string, std::set<std::string>>;

Uses uses_of(const Json& ns) {
  Uses out;
  for (const auto& tier : ns.at("pod_tiers")) {
    const auto name = text_of(tier, "tier");
    for (const auto& use : tier.at("uses"))
      if (auto target = last_part(text_of(use, "tier")); target != name) out[name].insert(std::move(target));
  }
  return out;
}

// The tiers that use no other remaining tier; if all do (they call each other in rings), the one that uses the fewest.
std::vector<std::string> lowest(const Uses& left) {
  std::vector<std::string> out;
  const std::pair<const std::string, std::set<std::string>>* best = nullptr;
  for (const auto& tier : left) {
    const bool free =
        std::none_of(tier.second.begin(), tier.second.end(), [&](const auto& target) { return left.contains(target); });
    if (free) out.push_back(tier.first);
    if (!best || tier.second.size() < best->second.size()) best = &tier;
  }
  if (out.empty()) out.push_back(best->first);
  return out;
}

}  // namespace

CallOrder::CallOrder(const Json& ns) {
  auto left = uses_of(ns);
  if (left.size() > most_sorted) return;
  for (std::size_t depth = 1; !left.empty(); ++depth)
    for (const auto& tier : lowest(left)) {
      depths_[tier] = depth;
      left.erase(tier);
    }
}

std::size_t CallOrder::depth(const std::string& tier) const {
  const auto found = depths_.find(tier);
  return found == depths_.end() ? 0 : found->second;
}

bool CallOrder::before(const std::string& a, const std::string& b) const {
  const auto depth_a = depth(a), depth_b = depth(b);
  return depth_a != depth_b ? depth_a > depth_b : a < b;
}

void CallOrder::sort(std::vector<std::string>& tiers) const {
  std::sort(tiers.begin(), tiers.end(), [&](const auto& a, const auto& b) { return before(a, b); });
}

std::vector<const Json*> CallOrder::sorted(const Json& list) const {
  std::vector<std::pair<std::string, const Json*>> named;
  for (const auto& element : list) named.emplace_back(text_of(element, "tier"), &element);
  std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) { return before(a.first, b.first); });
  std::vector<const Json*> out;
  out.reserve(named.size());
  for (const auto& [name, element] : named) out.push_back(element);
  return out;
}

}  // namespace knm
