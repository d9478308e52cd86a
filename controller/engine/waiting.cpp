#include "controller/engine/waiting.hpp"

#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/plan/entry_state.hpp"

namespace knm {
namespace {

// Whether it is deleted, or replaced by its successor, as soon as nothing blocks it.
bool makes_room(const Entry& entry) {
  if (entry.target_api() != TargetApi::config || !entry.exists() || entry.is_retained()) return false;
  return entry.is_desired() ? !is_in_place(entry) && !is_foreign(entry) : entry.ownership() == Ownership::owned;
}

bool keeps_others(const Table& table, const Entry& entry) {
  if (entry.target_api() != TargetApi::config || !entry.exists()) return false;
  if (entry.is_held()) return entry.deletion_hold() != DeletionHold::undecided;
  if (is_refused(entry)) return true;
  return !entry.is_desired() && entry.ownership() != Ownership::owned && !is_leftover(table, entry);
}

class Chains {
 public:
  explicit Chains(const Table& table) : table_(table) {}

  void follow(SlotId culprit) {
    if (!keeps_others(table_, table_[culprit])) return;
    if (table_[culprit].is_desired() && makes_room(table_[culprit])) out_.emplace(culprit, culprit);
    std::vector<SlotId> open{culprit};
    while (!open.empty()) {
      const auto holder = open.back();
      open.pop_back();
      for (const auto id : table_[holder].blocks()) {
        if (!makes_room(table_[id]) || !seen_.insert(id).second) continue;
        if (table_[id].is_desired()) out_.emplace(id, culprit);
        open.push_back(id);
      }
    }
  }
  std::map<SlotId, SlotId> take() { return std::move(out_); }

 private:
  const Table& table_;
  boost::unordered_flat_set<SlotId> seen_;
  std::map<SlotId, SlotId> out_;
};

}  // namespace

bool is_refused(const Entry& entry) { return entry.cold().attempts >= often_refused; }

std::map<SlotId, SlotId> kept_waiting(const Table& table) {
  Chains chains(table);
  for (SlotId id = 0; id < table.size(); ++id) chains.follow(id);
  return chains.take();
}

std::map<SlotId, SlotId> kept_waiting(const Table& table, SlotId culprit) {
  Chains chains(table);
  chains.follow(culprit);
  return chains.take();
}

}  // namespace knm
