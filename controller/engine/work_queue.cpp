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

void Turns::push(Item item, Project project) {
  const auto [at, is_new] = line_of_.try_emplace(project, 0);
  if (is_new) {
    if (unused_.empty()) {
      unused_.push_back(static_cast<LineId>(lines_.size()));
      lines_.emplace_back();
    }
    at->second = unused_.back();
    unused_.pop_back();
    lines_[at->second].project = project;
    order_.push_back(at->second);
  }
  lines_[at->second].items.push_back(item);
  ++size_;
}

std::optional<Turns::Item> Turns::pop() {
  if (size_ == 0) return std::nullopt;
  while (first().empty()) drop_first();
  --size_;
  return first().take();
}

void Turns::end_turn() {
  if (order_.empty()) return;
  if (first().empty()) return drop_first();
  order_.push_back(order_.front());
  order_.pop_front();
}

void Turns::drop_first() {
  constexpr std::size_t much = 1024;
  line_of_.erase(first().project);
  if (first().items.capacity() > much) first().items = {};
  unused_.push_back(order_.front());
  order_.pop_front();
}

std::optional<WorkQueue::Item> WorkQueue::pop(bool noisy_too) {
  const bool any_restless = noisy_too && !noisy_.empty();
  if (quiet_.empty() && !any_restless) return std::nullopt;
  from_noisy_ = any_restless && (quiet_.empty() || quiet_turns_ >= quiet_.lines());
  return (from_noisy_ ? noisy_ : quiet_).pop();
}

void WorkQueue::end_turn() {
  (from_noisy_ ? noisy_ : quiet_).end_turn();
  quiet_turns_ = from_noisy_ ? 0 : quiet_turns_ + 1;
}

}  // namespace knm
