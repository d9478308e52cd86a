#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "controller/plan/progress.hpp"

namespace knm {

// The number of config objects by type and progress, and of held deletions by reason, kept up to date as entries
// change: reading it costs the same for any number of entries. An entry counts with the progress that its last turn
// found; one that waits for its turn is due.
class ProgressCounts {
 public:
  // The table must outlive it.
  explicit ProgressCounts(const Table& table) : table_(table) {}

  // The entry waits for its turn, or a request for it is in flight.
  void changed(SlotId id);
  // It had its turn, with this outcome.
  void decided(SlotId id, const Action& action);

  std::size_t count(contrail::Type type, Progress progress) const {
    return counts_[static_cast<std::size_t>(type)][static_cast<std::size_t>(progress)];
  }
  // Deletions that are held for this reason. DeletionHold::none: items of an object that stays are kept.
  std::size_t held(DeletionHold reason) const { return held_[static_cast<std::size_t>(reason)]; }

 private:
  // What an entry counts as: nothing, a Progress, or a reason of Progress::held.
  enum class Counted : std::uint8_t {};
  static constexpr Counted uncounted{0};
  static Counted counted(Progress progress, DeletionHold reason);

  void set(SlotId id, Counted now);
  void add(const Entry& entry, Counted as, int sign);

  const Table& table_;
  std::vector<Counted> counted_;  // by slot
  std::array<std::array<std::size_t, progress_count>, contrail::type_count> counts_{};
  std::array<std::size_t, deletion_hold_count> held_{};
};

}  // namespace knm
