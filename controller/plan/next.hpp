#pragma once

#include <vector>

#include "controller/plan/table.hpp"

namespace knm {

enum class Step : std::uint8_t {
  nothing,    // as wanted, or none of our business
  wait_for,   // `slot` must be ready first
  wait_gone,  // those that hold it must go first
  later,      // not before `until`
  gather,     // further changes are likely: open a window
  create,
  put,         // `fields`, whole
  ref_add,     // `field`, `slot`
  ref_remove,  // `field`, `slot`
  annotate,    // our mark
  remove,
  look_up,
  patch,      // an annotation or a status in Kubernetes
  withdraw,   // an annotation that is wrong, while the right one cannot be written yet
  conflict,   // somebody else's object has the name
  look_into,  // read what hangs on it, before it is deleted
  hold,       // it would be deleted, and is held
};

struct Action {
  Step step = Step::nothing;
  SlotId slot = no_slot;
  contrail::Field field = contrail::Field::display_name;
  std::vector<contrail::Field> fields;
  Time until{0};
  std::vector<SlotId> also_wait_for;  // entries that would let more be done once they are ready
};

// Whether others may be written that refer to it: it is there, it is the wanted one, and its identity and place will
// not change.
bool is_ready(const Entry& entry);
// The wanted one is there, though perhaps about to change, or to be looked at.
bool is_in_place(const Entry& entry);
// Somebody else's object has the name of what is wanted, or its uuid: it is left alone.
bool is_blocked(const Table& table, const Entry& entry);
// What has the uuid that a wanted object is to have, under another name; no_slot: nothing.
SlotId uuid_holder(const Table& table, const Entry& entry);
// It was made by a former cluster of our name, and is not wanted as it is.
bool is_former_to_go(const Entry& entry);
// A policy that the predecessor left in a project that goes: of a name that is ours, without a mark and without a rule.
// It is marked, and goes with the project.
bool is_leftover(const Table& table, const Entry& entry);
// A policy of ours that is not wanted and has rules of others, and none of ours: it stays with these.
bool is_kept_by_others(const Entry& entry);
// Whether it may get ready by itself: neither it nor anything that it cannot do without has failed or is in conflict.
bool is_coming(const Table& table, const Entry& entry);

// The one next thing to do about an entry, from what is wanted, what is there, and those that it depends on. Pure; the
// plan, the executor and the audit all ask this function. Asked again after each answer, it ends at `nothing`.
Action next(const Table& table, SlotId id, Time now);

}  // namespace knm
