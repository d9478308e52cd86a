#include "controller/engine/progress_counts.hpp"

namespace knm {

void ProgressCounts::changed(SlotId id) {
  const auto& entry = table_[id];
  set(id, is_ours(entry) ? counted(entry.is_in_flight() ? Progress::in_flight : Progress::due) : Counted{});
}

void ProgressCounts::decided(SlotId id, const Action& action) {
  const auto& entry = table_[id];
  if (!is_ours(entry)) return set(id, {});
  const auto progress = progress_of(entry, action);
  set(id, progress == Progress::held ? counted(entry.deletion_hold()) : counted(progress));
}

void ProgressCounts::set(SlotId id, Counted now) {
  if (id >= counted_.size()) counted_.resize(table_.size());
  auto& before = counted_[id];
  if (before == now) return;
  const auto& entry = table_[id];
  auto& row = counts_[entry.target_api() == TargetApi::config ? static_cast<std::size_t>(entry.type())
                                                              : std::size_t{contrail::type_count}];
  --row[before];
  ++row[now];
  before = now;
}

std::size_t ProgressCounts::count(contrail::Type type, Progress progress) const {
  const auto& row = counts_[static_cast<std::size_t>(type)];
  if (progress != Progress::held) return row[counted(progress)];
  std::size_t out = 0;
  for (int reason = 0; reason < deletion_hold_count; ++reason) out += row[counted(static_cast<DeletionHold>(reason))];
  return out;
}

std::size_t ProgressCounts::held(DeletionHold reason) const {
  std::size_t out = 0;
  for (std::size_t type = 0; type < contrail::type_count; ++type) out += counts_[type][counted(reason)];
  return out;
}

}  // namespace knm
