#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/engine/audit_pace.hpp"
#include "controller/engine/echoes.hpp"
#include "controller/engine/observed_state.hpp"

namespace knm {

// Policies that the predecessor left in projects, under derived names and without owner annotations: they block the
// deletion of such a project until they are deleted with it.
class Leftovers {
 public:
  Leftovers(const Table& table, Schedule& schedule) : table_(table), schedule_(schedule) {}

  // An object was read.
  void note(SlotId id);
  // A project is to be deleted: schedules the leftovers in it.
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

  // An object was read, before (`running` false) or after the end of the first inventory.
  void look_at(const contrail::Object& object, bool running);
  // One sentence with the way out; nullopt: no duplicate was found.
  const std::optional<std::string>& found() const { return found_; }

 private:
  const Settings& settings_;
  Binder& binder_;
  const Reports& reports_;
  std::optional<std::string> found_;
};

// Applies an inventory, object by object, and its end.
class Audit {
 public:
  // All of them outlive it.
  Audit(Table& table, Binder& binder, Schedule& schedule, Fights& fights, DeletionGuard& guard, DeletionHolds& holds,
        ObservedState& observed, Leftovers& leftovers, const AuditPace& pace, Echoes& echoes);

  // Called before an inventory is read: a write during the inventory is newer than its objects.
  std::uint64_t begin();
  // An object of the first inventory, or of a later one. A read that is older than the last answer is ignored.
  void load_first(const contrail::Object& object, std::uint64_t mark);
  void load(const contrail::Object& object, std::uint64_t mark);
  // An entry whose object exists and cannot be read: it stays as it was.
  void keep(SlotId id, std::uint64_t mark);
  // The inventory is complete.
  void end();
  // The entries that have another uuid since the last call.
  std::vector<SlotId> take_reborn() { return std::exchange(run_.reborn, {}); }
  // It found something that is not an entry.
  void note_finding() { ++run_.found; }
  // How many desired, owned or known objects differed from what was known and was not in doubt, since the last call.
  std::uint64_t take_found() { return std::exchange(run_.found, 0); }
  // Entries that the inventory did not show are not there.
  void forget_unseen(std::uint64_t mark, Time now);
  // Reads a desired object by itself before a list result leads to its deletion or move.
  void verify_before_replacing(SlotId id);

  // Entries that were written to since then keep their slots; the maximum while no inventory is being read.
  std::uint64_t since() const { return run_.since; }
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  // The inventory that is being read.
  struct Run {
    std::uint64_t since = ~std::uint64_t{0};
    std::vector<SlotId> reborn;  // entries with another uuid
    std::uint64_t found = 0;
  };
  SlotId read(const contrail::Object& object, std::uint64_t mark);
  void pass_over(SlotId id, const contrail::Object& object);
  // Whether a read or an echo that is due may explain a difference.
  bool is_in_doubt(SlotId id) const { return table_[id].must_verify() || echoes_.is_doubted(id); }

  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  Fights& fights_;
  DeletionGuard& guard_;
  DeletionHolds& holds_;
  ObservedState& observed_;
  Leftovers& leftovers_;
  const AuditPace& pace_;
  Echoes& echoes_;
  Run run_;
};

}  // namespace knm
