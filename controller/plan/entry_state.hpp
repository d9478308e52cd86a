#pragma once

#include <optional>

#include "controller/plan/table.hpp"

// How an entry stands: what is there beside what is wanted. Pure.
namespace knm {

// Whether a field is there as it is wanted.
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
// The fields that are not there as they are wanted, found in one pass; but for rules, which may be thousands.
Fields changed_fields(const Entry& entry);

bool is_address(contrail::Type type);
// The id of a floating IP says for which address it was made. With the right id, another address was put there since:
// the server does so without moving anything, so that the right one is still taken, and can only be put back.
bool is_misaddressed(const Entry& entry);
// The API does not move addresses: such an object is deleted and made again. So is one that was made for a predecessor,
// unless it outlives that one: then its successor takes it over.
bool must_replace(const Entry& entry);
// Of what is there under a wanted name: it is another owner's, or nobody's and cannot be adopted. A project of another
// uuid is somebody else's, with or without the right name: a Namespace's project has the Namespace's UID.
bool is_foreign(const Entry& entry);

// Whether others may be written that refer to it: it is there, it is the wanted one, and its identity and place will
// not change.
bool is_ready(const Entry& entry);
// The wanted one is there, though perhaps about to change, or to be looked at.
bool is_in_place(const Entry& entry);
// Somebody else's object has the name of what is wanted, or its uuid: it is left alone.
bool is_blocked(const Table& table, const Entry& entry);
// What has the uuid that a wanted object is to have, under another name; no_slot: nothing.
SlotId uuid_holder(const Table& table, const Entry& entry);
// The floating IP of ours that is there with the address that this one is to have; no_slot: none is known.
SlotId address_holder(const Table& table, const Entry& entry);
// It was made by a former cluster of our name, and is not wanted as it is.
bool is_former_and_obsolete(const Entry& entry);
// A policy that the predecessor left in a project that goes: of a name that is ours, without a mark and without a rule.
// It is marked, and goes with the project.
bool is_leftover(const Table& table, const Entry& entry);
// A policy of ours that is not wanted and has rules of others, and none of ours: it stays with these.
bool is_kept_by_others(const Entry& entry);
// It would be deleted, were it not for what holds it.
bool is_to_go(const Entry& entry);
// The field whose entries a wanted object of this type gains and loses as others come and go.
std::optional<contrail::Field> field_of_references(contrail::Type type);
// Whether it has entries that are not wanted, and that the guard keeps (ColdState::kept).
bool keeps_any(const Entry& entry);
// Whether it may get ready by itself: neither it nor anything that it cannot do without has failed or is in conflict.
bool is_coming(const Table& table, const Entry& entry);

}  // namespace knm
