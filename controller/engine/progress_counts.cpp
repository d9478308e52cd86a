#include "controller/engine/progress_counts.hpp"

namespace knm {
namespace {

constexpr auto first_hold = progress_count + 1;  // before it: 0 for uncounted, and each Progress plus one

}  // namespace

ProgressCounts::Counted ProgressCounts::counted(Progress progress, DeletionHold reason) {
  const auto value =
      progress == Progress::held ? first_hold + static_cast<int>(reason) : 1 + static_cast<int>(progress);
  return static_cast<Counted>(value);
}

void ProgressCounts::changed(SlotId id) {
  const auto& entry = table_[id];
  const auto progress = entry.is_in_flight() ? Progress::in_flight : Progress::due;
  set(id, is_ours(entry) ? counted(progress, DeletionHold::none) : uncounted);
}

void ProgressCounts::decided(SlotId id, const Action& action) {
  const auto& entry = table_[id];
  set(id, is_ours(entry) ? counted(progress_of(entry, action), entry.deletion_hold()) : uncounted);
}

void ProgressCounts::set(SlotId id, Counted now) {
  if (id >= counted_.size()) counted_.resize(table_.size());
  auto& before = counted_[id];
  if (before == now) return;
  add(table_[id], before, -1);
  add(table_[id], now, 1);
  before = now;
}

void ProgressCounts::add(const Entry& entry, Counted as, int sign) {
  if (as == uncounted || entry.target_api() != TargetApi::config) return;
  const auto value = static_cast<int>(as);
  const auto progress = value >= first_hold ? static_cast<int>(Progress::held) : value - 1;
  counts_[static_cast<std::size_t>(entry.type())][static_cast<std::size_t>(progress)] += static_cast<std::size_t>(sign);
  if (value >= first_hold) held_[static_cast<std::size_t>(value - first_hold)] += static_cast<std::size_t>(sign);
}

}  // namespace knm
