#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/engine/observed_state.hpp"

namespace knm {

// Policies that the predecessor left in projects, under names of ours, without owner annotations: they keep such a
// project from going, until they are deleted with it.
class Leftovers {
 public:
  Leftovers(const Table& table, Schedule& schedule) : table_(table), schedule_(schedule) {}

  // An object was read.
  void note(SlotId id);
  // A project waits to be deleted: schedules those in it.
  void ask(SlotId project);

 private:
  const Table& table_;
  Schedule& schedule_;
  std::set<SlotId> unowned_policies_;
};

// Another cluster of the same name: a former one that this one replaces (`--take-over`), or a second one that must not
// write to the same config API.
class DuplicateCluster {
 public:
  DuplicateCluster(const Settings& settings, Binder& binder, const Reports& reports)
      : settings_(settings), binder_(binder), reports_(reports) {}

  // An object was read, before (`running` false) or after the first inventory is complete.
  void look_at(const contrail::Object& object, bool running);
  // One sentence with the way out; nullopt: there is none.
  const std::optional<std::string>& found() const { return found_; }

 private:
  const Settings& settings_;
  Binder& binder_;
  const Reports& reports_;
  std::optional<std::string> found_;
};

// What an inventory shows, object by object, and what follows once it is complete.
class Audit {
 public:
  // All of them retain it.
  Audit(Table& table, Binder& binder, Schedule& schedule, Fights& fights, DeletionGuard& guard, DeletionHolds& holds,
        ObservedState& observed, Leftovers& leftovers);

  // Taken before an inventory is read: what is written meanwhile is newer than what it shows.
  std::uint64_t begin();
  // An object of the first inventory, or of a later one. Older reads than the last answer are ignored.
  void load_first(const contrail::Object& object, std::uint64_t mark);
  void load(const contrail::Object& object, std::uint64_t mark);
  // An entry whose object cannot be read: it is there, and stays as it was.
  void keep(SlotId id, std::uint64_t mark);
  // The inventory is complete.
  void end();
  // The entries that have another uuid since the last call.
  std::vector<SlotId> take_reborn() { return std::exchange(reborn_, {}); }
  // Entries that the inventory did not show are not there.
  void forget_unseen(std::uint64_t mark, Time now);
  // Before an object that is desired is deleted or moved for what a list shows, it is read by itself.
  void verify_before_replacing(SlotId id);

  // Entries that were written to since then are not forgotten; the largest number while no inventory is being read.
  std::uint64_t since() const { return since_; }
  // Sets the entries that it refers to, by slot.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  SlotId read(const contrail::Object& object, std::uint64_t mark);

  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  Fights& fights_;
  DeletionGuard& guard_;
  DeletionHolds& holds_;
  ObservedState& observed_;
  Leftovers& leftovers_;
  std::uint64_t since_ = ~std::uint64_t{0};
  std::vector<SlotId> reborn_;  // that have another uuid
};

}  // namespace knm
