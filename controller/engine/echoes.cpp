#include "controller/engine/echoes.hpp"

#include <algorithm>

namespace knm {

std::optional<std::optional<Content>> Echoes::take_kept(SlotId id) {
  const auto at = kept_.find(id);
  if (at == kept_.end()) return std::nullopt;
  std::optional<std::optional<Content>> out(std::move(at->second));
  kept_.erase(at);
  return out;
}

void Echoes::expect(SlotId id, bool doubted, Time now) {
  forget_old(now);
  auto& awaited = awaited_[id];
  // One write after the other must not put off the read of a doubted entry.
  if (awaited.doubted) return;
  awaited = {now + Time(longest), doubted};
  order_.emplace_back(awaited.until, id);
  if (doubted) schedule_.at(awaited.until, id);
}

bool Echoes::doubt(SlotId id, Time now) {
  forget_old(now);
  const auto at = awaited_.find(id);
  if (at == awaited_.end()) return false;
  if (!std::exchange(at->second.doubted, true)) schedule_.at(at->second.until, id);
  return true;
}

void Echoes::doubt_for(SlotId id, Time now) { expect(id, true, now); }

bool Echoes::take_due(SlotId id, Time now) {
  const auto at = awaited_.find(id);
  if (at == awaited_.end() || !at->second.doubted || at->second.until > now) return false;
  awaited_.erase(at);
  return true;
}

bool Echoes::is_doubted(SlotId id) const {
  const auto at = awaited_.find(id);
  return at != awaited_.end() && at->second.doubted;
}

void Echoes::clear() {
  kept_.clear();
  awaited_.clear();
  order_.clear();
}

// A doubted entry stays until its turn in the queue.
void Echoes::forget_old(Time now) {
  while (!order_.empty() && order_.front().first <= now) {
    const auto at = awaited_.find(order_.front().second);
    if (at != awaited_.end() && at->second.until <= now && !at->second.doubted) awaited_.erase(at);
    order_.pop_front();
  }
}

void Echoes::mark_needed(std::vector<bool>& slots) const {
  for (const auto& [id, awaited] : awaited_) slots[id] = true;
}

}  // namespace knm
