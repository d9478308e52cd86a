#include "controller/engine/observed_state.hpp"

namespace knm {

ObservedState::ObservedState(Table& table, Binder& binder, Schedule& schedule, DeletionHolds& holds, Rebinder& rebinder)
    : table_(table), binder_(binder), schedule_(schedule), holds_(holds), rebinder_(rebinder) {}

void ObservedState::set(SlotId id, bool exists, FieldDigests items, Time now) {
  const bool stayed = table_[id].is_retained();
  const bool lost_found_ids = !exists && table_[id].exists() && table_[id].uuid() != table_[id].desired_ids().uuid;
  const auto released = table_.set_observed(id, exists, std::move(items));
  if (table_[id].is_retained() != stayed) rebinder_.rebind_retained(now);
  if (!exists) holds_.end(id);
  // An entry that waits for its last dependent may have just lost it; an interface that moves waits for its addresses.
  for (const auto other : released) {
    const auto& entry = table_[other];
    const bool may_move = entry.type() == contrail::Type::virtual_machine_interface && entry.address_dependents() == 0;
    if (entry.dependents() == 0 || may_move) schedule_.push(other);
  }
  if (!exists && !table_[id].is_desired()) binder_.loader().gone(id, now);
  if (!exists && binder_.is_public_address(id)) rebinder_.rebind_waiting_services(now);
  // The object that replaces it has derived ids, and its MAC follows from them.
  if (lost_found_ids && table_[id].is_desired()) rebinder_.rebind_owner_of(id, now);
  if (table_[id].is_shared()) rebinder_.bind_shared(now);
  schedule_.wake(id);
}

void ObservedState::found(SlotId id, const contrail::Object& object, Time now) {
  table_[id].verified();
  const auto held = table_[id].blocks();
  const bool stayed = table_[id].is_retained();
  const auto loaded = binder_.loader().load(object);
  binder_.loader().reclaim_rules(loaded);
  if (table_[id].is_retained() != stayed) rebinder_.rebind_retained(now);
  if (loaded != id) {
    // The derived uuid under another name: the Service's former address, or a foreign object.
    set(id, false, {}, now);
    table_[id].expect_uuid_of(loaded);
    schedule_.push(loaded);
    return;
  }
  if (table_[id].deletion_hold() == DeletionHold::unexplained) holds_.hold_unexplained(id, object);
  for (const auto other : held) schedule_.push(other);
  schedule_.wake(id);
  if (table_[id].is_shared()) rebinder_.bind_shared(now);
  rebinder_.rebind_owner_of(id, now);
}

}  // namespace knm
