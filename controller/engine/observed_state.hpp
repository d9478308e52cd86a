#pragma once

#include <cstdint>

#include "controller/engine/deletion_holds.hpp"
#include "controller/engine/rebinder.hpp"

namespace knm {

// Sets what the config API has, as an answer or an audit shows it, and does what follows for other entries and units.
class ObservedState {
 public:
  // All of them retain it.
  ObservedState(Table& table, Binder& binder, Schedule& schedule, DeletionHolds& holds, Rebinder& rebinder);

  // The object is there with these items, or it is not there.
  void set(SlotId id, bool exists, FieldDigests items, Time now);
  // An object was read in full, to verify the entry.
  void found(SlotId id, const contrail::Object& object, Time now);

  // Counts the moments at which the config API told something (Entry::confirmed_at()).
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
