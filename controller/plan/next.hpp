#pragma once

#include <string_view>
#include <vector>

#include "controller/plan/entry_state.hpp"

namespace knm {

enum class Step : std::uint8_t {
  nothing,    // in sync, or not to be changed by this cluster
  wait_for,   // `slot` must be ready first
  wait_gone,  // the entries that block its deletion must be deleted first
  later,      // not before `until`
  batch,      // further changes are likely: open a window
  create,
  put,         // `fields`, whole
  ref_add,     // `field`, `slot`
  ref_remove,  // `field`, `slot`
  annotate,    // write the owner annotations
  remove,
  verify,           // read it, since its state is unknown
  patch,            // an annotation or a status in Kubernetes
  withdraw,         // remove a wrong annotation, while the right one cannot be written yet
  conflict,         // a foreign object has the name
  list_dependents,  // read what lies in it or refers to it, before its deletion
  hold,             // it is to be deleted, and a deletion hold applies
};

struct Action {
  Step step = Step::nothing;
  SlotId slot = no_slot;
  contrail::Field field = contrail::Field::display_name;
  std::vector<contrail::Field> fields;
  Time until{0};
  std::vector<SlotId> also_wait_for;  // entries that would let more be done once they are ready
};

// The one next step of an entry, computed from its desired state, its observed state, and its dependencies: the first
// check in an ordered list that applies (all_checks in next.cpp, each with its rule). Pure; the engine and the audit
// call it. Called again after each answer, it ends at `nothing`.
Action next(const Table& table, SlotId id, Time now);

// Which check decides, for people.
struct Decision {
  std::string_view check;  // "to be replaced"
  std::string_view rule;   // "4.10", of docs/rules.md; empty: none of its own
};
Decision decision(const Table& table, SlotId id, Time now);

}  // namespace knm
