#include "controller/engine/work_queue.hpp"

namespace knm {

Turns::Item Turns::Line::take() {
  const auto item = items[next++];
  constexpr std::size_t worth_moving = 1024;
  if (next == items.size()) {
    items.clear();
    next = 0;
  } else if (next >= worth_moving && 2 * next >= items.size()) {
    items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(next));
    next = 0;
  }
  return item;
}

void Turns::push(Item item, std::string_view project) {
  auto at = lines_.find(project);
  if (at == lines_.end()) {
    at = lines_.emplace(std::string(project), Line()).first;
    order_.push_back(&*at);
  }
  at->second.items.push_back(item);
  ++size_;
}

std::optional<Turns::Item> Turns::pop() {
  if (size_ == 0) return std::nullopt;
  while (order_.front()->second.empty()) drop_first();
  --size_;
  return order_.front()->second.take();
}

void Turns::end_turn() {
  if (order_.empty()) return;
  if (order_.front()->second.empty()) return drop_first();
  order_.push_back(order_.front());
  order_.pop_front();
}

void Turns::drop_first() {
  lines_.erase(lines_.find(std::string_view(order_.front()->first)));
  order_.pop_front();
}

std::optional<WorkQueue::Item> WorkQueue::pop(bool restless_too) {
  const bool any_restless = restless_too && !restless_.empty();
  if (quiet_.empty() && !any_restless) return std::nullopt;
  from_restless_ = any_restless && (quiet_.empty() || quiet_turns_ >= quiet_.lines());
  return (from_restless_ ? restless_ : quiet_).pop();
}

void WorkQueue::end_turn() {
  (from_restless_ ? restless_ : quiet_).end_turn();
  quiet_turns_ = from_restless_ ? 0 : quiet_turns_ + 1;
}

}  // namespace knm
