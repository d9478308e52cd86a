#pragma once

#include <cstdint>

#include "controller/engine/deletion_holds.hpp"
#include "controller/engine/rebinder.hpp"

namespace knm {

// Sets the observed state of entries from answers and audits, and updates the entries and units that depend on it.
class ObservedState {
 public:
  // All of them outlive it.
  ObservedState(Table& table, Binder& binder, Schedule& schedule, DeletionHolds& holds, Rebinder& rebinder);

  // The object exists with these items, or does not exist.
  void set(SlotId id, bool exists, FieldDigests items, Time now);
  // An object was read in full, to verify the entry.
  void found(SlotId id, const contrail::Object& object, Time now);

  // A counter of the answers and reads of the config API (Entry::confirmed_at()).
  std::uint64_t next_mark() { return ++mark_; }

 private:
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  DeletionHolds& holds_;
  Rebinder& rebinder_;
  std::uint64_t mark_ = 1;
};

}  // namespace knm
