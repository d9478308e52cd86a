#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/bind/binder.hpp"
#include "controller/engine/conflicts.hpp"
#include "controller/engine/holds.hpp"
#include "controller/engine/problem_book.hpp"
#include "controller/engine/reports.hpp"

namespace knm {

// The kinds of trouble of an entry that are reported as problems of a Kubernetes object.
enum class Trouble : std::uint8_t { conflict, refusal, overwritten, held };

// Translates troubles of entries and problems of facts into problems of the Kubernetes objects that users know
// (ProblemBook).
class ProblemNotes {
 public:
  // All of them outlive it.
  ProblemNotes(const Settings& settings, const Intent& intent, Table& table, const Binder& binder, const Holds& holds,
               const Reports& reports);

  ProblemBook& book() { return book_; }
  const ProblemBook& book() const { return book_; }
  // The UID of a Kubernetes object; empty: it does not exist.
  std::string_view uid_of(const Subject& subject) const;

  // --- Facts
  // The problems in the facts of a Namespace, Pod or Service.
  void note_problems(const Unit& unit);
  // Whether a Pod lacks an address.
  void note_address(const ObjectKey& pod);
  // A policy that leaves out connections which it should contain.
  void note_left_out(const Unit& unit);
  // A problem of the cluster: it is reported on the Namespace kube-system. Returns whether it is new.
  bool note_cluster(std::string_view source, std::vector<Problem> problems);
  // Whether an external network is closed for its own users. Follows from what is observed, so that it is reported
  // again after a restart, and ends once the network has a policy of its owner.
  void note_closed(SlotId network);

  // --- Entries
  bool has(Trouble trouble, SlotId id) const { return of(trouble).has(id); }
  bool has(Trouble trouble, SlotId id, const Subject& subject) const {
    return of(trouble).has(id, subject, uid_of(subject));
  }
  // Sets the problem of `subject` because of the entry; an earlier subject of the entry loses its problem. Does nothing
  // if the subject does not exist.
  void begin(Trouble trouble, SlotId id, const Subject& subject, Problem problem);
  // Returns the subject that had the problem.
  std::optional<Subject> end(Trouble trouble, SlotId id);

  // A foreign object is in the way of an entry. Returns the Namespace that cannot be served for it.
  std::optional<std::string> note_conflict(SlotId id);
  // The conflict of an entry is over, or never began. Returns the Namespace that can be served again.
  std::optional<std::string> end_conflict(SlotId id);
  // The config API refused the entry again; a problem after several times in a row.
  void note_refusal(SlotId id, const std::string& said, bool address_is_taken = false);
  // The same for a patch of a Kubernetes object. A refusal of all patches is not a problem of the object.
  void note_patch_refusal(SlotId id, PatchResult result, const std::string& said);
  void end_refusal(SlotId id) {
    if (!of(Trouble::refusal).empty()) end(Trouble::refusal, id);
  }
  // An interface cannot move to another network, since foreign addresses are on it.
  void note_stuck(SlotId interface, const std::string& foreign);
  // Entries that wait for the deletion of a predecessor, each with the entry that blocks it (kept_waiting()).
  void report_kept(const std::map<SlotId, SlotId>& kept);

 private:
  Conflicts& of(Trouble trouble) { return troubles_[static_cast<std::size_t>(trouble)]; }
  const Conflicts& of(Trouble trouble) const { return troubles_[static_cast<std::size_t>(trouble)]; }
  void review(const Conflicts& troubles, const Subject& subject);

  const Settings& settings_;
  const Intent& intent_;
  Table& table_;
  const Binder& binder_;
  const Holds& holds_;
  const Reports& reports_;
  ProblemBook book_;
  std::array<Conflicts, 4> troubles_{Conflicts("conflict"), Conflicts("refusal"), Conflicts("overwritten"),
                                     Conflicts("held")};  // by Trouble
};

// "annotation opencontrail.org/pod-state": the name of what is patched for an entry of this target API.
std::string_view text_named(TargetApi api);

}  // namespace knm
