#pragma once

#include <optional>

#include "controller/plan/table.hpp"

// Entry states: comparisons of desired and observed state. Pure functions.
namespace knm {

// Whether a field is in sync.
bool same(const Entry& entry, contrail::Field field);

// A set of fields.
class Fields {
 public:
  void insert(contrail::Field field) { bits_ |= bit(field); }
  bool contains(contrail::Field field) const { return (bits_ & bit(field)) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static std::uint64_t bit(contrail::Field field) { return std::uint64_t{1} << static_cast<unsigned>(field); }

  std::uint64_t bits_ = 0;
};
// The fields that are out of sync, found in one pass; except rules, which may be thousands.
Fields changed_fields(const Entry& entry);

bool is_address(contrail::Type type);
// Whether a floating IP has another address than the one it was made for, as its uuid shows. The server records a new
// address without moving anything: the right one stays allocated, and can only be written back.
bool is_misaddressed(const Entry& entry);
// Whether the object must be deleted and created again. The API does not move addresses. An object that was made for a
// predecessor is replaced too, unless it is retained: then the successor takes it over.
bool must_replace(const Entry& entry);
// Whether it depends on another object than the desired one of that name, such as the project of a former Namespace: it
// would keep that object from being deleted. Only if the state of that object is known.
bool depends_on_former(const Table& table, const Entry& entry);
// Whether the object under a desired name is foreign, or unowned and not adoptable. A project with another uuid is
// foreign under any name: the project of a Namespace has the UID of the Namespace.
bool is_foreign(const Entry& entry);

// Whether entries that refer to it may be written: it exists, it is the desired object, and its identity, network
// and MAC will not change.
bool is_ready(const Entry& entry);
// Whether the desired object exists, possibly with an update or a verify pending.
bool is_in_place(const Entry& entry);
// Whether a foreign object has the name or the uuid of a desired one: it is left alone.
bool is_blocked(const Table& table, const Entry& entry);
// The entry that has the uuid of the desired object, under another name; no_slot: none.
SlotId uuid_holder(const Table& table, const Entry& entry);
// The owned, existing floating IP that has the desired address of this one; no_slot: none is known.
SlotId address_holder(const Table& table, const Entry& entry);
// Whether it was made by a former cluster of the same name, and cannot stay as it is.
bool is_former_and_obsolete(const Entry& entry);
// Whether it is a policy that the predecessor left in a project that is to be deleted: with a derived name, unowned and
// without a rule. It gets owner annotations, and is deleted with the project.
bool is_leftover(const Table& table, const Entry& entry);
// Whether it is an owned policy, not desired, with foreign rules and no owned ones: it stays because of these rules.
bool is_kept_by_others(const Entry& entry);
// Whether it is to be deleted, unless a deletion hold applies.
bool is_to_go(const Table& table, const Entry& entry);
// The field of a desired object of this type that gains and loses items as the objects of the cluster change.
std::optional<contrail::Field> field_of_references(contrail::Type type);
// Whether it has items that are not desired, and that the guard keeps (ColdState::kept).
bool keeps_any(const Entry& entry);
// Whether it may become ready without help: neither it nor a dependency that is not soft has failed or is in conflict.
bool is_coming(const Table& table, const Entry& entry);

}  // namespace knm
