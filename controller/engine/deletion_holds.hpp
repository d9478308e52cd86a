#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/engine/deletion_guard.hpp"
#include "controller/engine/unreadable.hpp"

namespace knm {

// Why owned objects that are not desired are not deleted, except those that the guard holds: owner annotations that no
// rule explains, foreign objects that lie in them or refer to them, Kubernetes objects that cannot be read.
class DeletionHolds {
 public:
  // All of them outlive it.
  DeletionHolds(const Settings& settings, const Intent& intent, Table& table, const Binder& binder, Schedule& schedule,
                Holds& holds, ProblemNotes& notes, UnreadableObjects& unreadable, DeletionGuard& guard,
                const Reports& reports);

  void end(SlotId id);
  // Before each step of the entry: sets and ends holds that time, other entries or Kubernetes objects decide. A hold by
  // the guard or for foreign objects stays until an audit.
  void review(SlotId id, Time now);
  // No rule explains the owner annotations of an object that was read.
  void hold_unexplained(SlotId id, const contrail::Object& object);
  // Foreign objects lie in it or refer to it: `foreign` names them.
  void hold_occupied(SlotId id, const std::string& foreign);
  // After an audit: checks which entries are still occupied, and which others may be.
  void look_again_at_occupied(Time now);
  // The end of an audit: an entry that waits for a predecessor gets a problem that names what blocks it.
  void report_waiting();

 private:
  void review_grace(SlotId id, Time now);
  std::optional<Subject> subject_of_annotations(const contrail::Object& object) const;

  const Settings& settings_;
  const Intent& intent_;
  Table& table_;
  const Binder& binder_;
  Schedule& schedule_;
  Holds& holds_;
  ProblemNotes& notes_;
  UnreadableObjects& unreadable_;
  DeletionGuard& guard_;
  const Reports& reports_;
};

// Adds one name to the text: "virtual-network d:p:n, rule 1f…".
void add_foreign(std::string& foreign, std::string_view type, std::string_view name);

}  // namespace knm
