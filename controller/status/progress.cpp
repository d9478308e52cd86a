#include "controller/status/progress.hpp"

#include <algorithm>

namespace knm {
namespace {

// The next step regardless of delays: the action does not depend on the time of the next attempt.
Action next_step(const Table& table, SlotId id) { return next(table, id, Time::max()); }

// The entry that another one waits for; no_slot: none.
SlotId awaited_by(const Table& table, SlotId id) {
  if (table[id].is_in_flight()) return no_slot;
  const auto action = next_step(table, id);
  if (action.step == Step::wait_for) return action.slot;
  if (action.step == Step::nothing && !action.also_wait_for.empty()) return action.also_wait_for.front();
  return no_slot;
}

std::string_view state_in_words(const Entry& entry, Progress progress) {
  if (!entry.is_desired()) return entry.exists() ? "must be deleted first" : "not desired by any object of the cluster";
  switch (progress) {
    case Progress::settled:
      return "there";
    case Progress::in_flight:
      return "being written";
    case Progress::due:
      return "to be written next";
    case Progress::waiting:
      return "waiting too";
    case Progress::backing_off:
      return "failed, will be retried";
    case Progress::conflict:
      return "belongs to another owner";
    case Progress::held:
      return "must be deleted first, but the deletion is held";
  }
  return {};
}

}  // namespace

std::string_view kind_of(const Entry& entry) {
  switch (entry.target_api()) {
    case TargetApi::pod_state:
      return "pod-state";
    case TargetApi::service_status:
      return "service-status";
    case TargetApi::config:
      break;
  }
  return contrail::name(entry.type());
}

std::optional<BlockedOn> hindrance(const Table& table, SlotId id) {
  constexpr int longest_chain = 20;  // project, network, interface, address, annotation, with room
  auto last = no_slot;
  auto following = awaited_by(table, id);
  for (int i = 0; i < longest_chain && following != no_slot; ++i) {
    last = following;
    following = awaited_by(table, last);
  }
  if (last == no_slot) {
    const auto& entry = table[id];
    if (entry.is_in_flight() || next_step(table, id).step != Step::wait_gone) return std::nullopt;
    return BlockedOn{
        std::to_string(entry.dependents()) + (entry.dependents() == 1 ? " object" : " objects") + " inside",
        "must be deleted first", ""};
  }
  const auto& entry = table[last];
  return BlockedOn{std::string(kind_of(entry)) + " " + entry.name(),
                   std::string(state_in_words(entry, progress_of(table, last))), entry.cold().error};
}

bool ProgressSnapshot::go_on() {
  constexpr SlotId at_once = 32;
  const auto size = engine_.table().size();
  for (SlotId i = 0; i < at_once && next_ < size; ++i, ++next_)
    if (is_ours(engine_.table()[next_])) note(next_);
  return next_ < size;
}

void ProgressSnapshot::note(SlotId id) {
  const auto& entry = engine_.table()[id];
  const auto progress = progress_of(engine_.table(), id);
  const auto index = static_cast<std::size_t>(progress);
  ++counts_[kind_of(entry)][index];
  ++totals_[index];
  if (progress != Progress::settled && out_of_step_[index].size() < listed_) out_of_step_[index].push_back(id);
  if (entry.target_api() == TargetApi::config && entry.type() == contrail::Type::virtual_network)
    networks_.insert(entry.name());
}

bool ProgressSnapshot::all_settled() const {
  return std::all_of(totals_.begin() + 1, totals_.end(), [](std::size_t count) { return count == 0; });
}

std::string_view intention(const Entry& entry) {
  if (entry.must_verify()) return "verify";
  if (entry.target_api() != TargetApi::config) return "annotate";
  if (!entry.is_desired()) return "delete";
  return entry.exists() ? "update" : "create";
}

}  // namespace knm
