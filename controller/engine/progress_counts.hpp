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

  std::size_t count(contrail::Type type, Progress progress) const;
  // Deletions that are held for this reason. DeletionHold::none: items of an object that stays are kept.
  std::size_t held(DeletionHold reason) const;

 private:
  // What an entry counts as: nothing (0), a Progress, or a reason of Progress::held.
  using Counted = std::uint8_t;
  static constexpr std::size_t counted_values = 1 + progress_count + deletion_hold_count;
  static Counted counted(Progress progress) { return static_cast<Counted>(1 + static_cast<int>(progress)); }
  static Counted counted(DeletionHold reason) {
    return static_cast<Counted>(1 + progress_count + static_cast<int>(reason));
  }

  void set(SlotId id, Counted now);

  const Table& table_;
  std::vector<Counted> counted_;  // by slot
  // The last row is of texts in Kubernetes.
  std::array<std::array<std::size_t, counted_values>, contrail::type_count + 1> counts_{};
};

}  // namespace knm
