#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/engine/problem_notes.hpp"
#include "controller/engine/schedule.hpp"
#include "k8sclient/cache/deletion_guard.hpp"

namespace knm {

// The settings of the mass-deletion guard.
k8s::DeletionGuard guard_of(const Settings& settings);

// A kind of object of which the guard holds some, or all.
struct Guarded {
  std::string what;           // "Pods", "floating-ips", "members of floating-ips"
  std::size_t held = 0;       // number of held objects ...
  std::size_t of = 0;         // ... of this number observed before
  bool confirmed = false;     // a second list showed the same: a person must confirm
  bool by_inventory = false;  // a start or an audit found it; else a list of the running controller
  friend bool operator==(const Guarded&, const Guarded&) = default;
};
// The guarded kinds in words: "130 of 250 Pods and 3 of 4 Services".
std::string in_words(const std::vector<Guarded>& rows);

// What a start or an audit is about to delete.
struct Finding {
  std::vector<SlotId> doomed;                               // to be deleted, or replaced by another one
  std::map<SlotId, std::vector<std::uint64_t>> references;  // keys of items that desired entries would lose
  bool empty() const { return doomed.empty() && references.empty(); }
};

// The mass-deletion guard (docs/safety.md): counts the deletions that follow from a list, a start or an audit, and
// holds them until a second list, or a person, confirms them.
class DeletionGuard {
 public:
  // All of them outlive it.
  DeletionGuard(const Settings& settings, const Intent& intent, Table& table, Binder& binder, Schedule& schedule,
                ProblemNotes& notes, const Reports& reports);

  // --- Lists of the running controller
  void withheld(Watched kind, const k8s::Withheld& now);
  // Whether all objects of a kind must be listed once more; until listed().
  bool awaits_list(Watched kind) const { return awaited_.test(static_cast<std::size_t>(kind)); }
  void listed(Watched kind) { awaited_.reset(static_cast<std::size_t>(kind)); }
  // All lists are complete and bound: what is still to be deleted is confirmed.
  bool is_ready_to_confirm() const { return !unconfirmed_.empty() && awaited_.none(); }
  void confirm();

  // --- A start, and an audit
  // Judges all observed objects that are to be deleted.
  void judge_start();
  // An audit found an object that is to be deleted.
  void arrived(SlotId id);
  // An audit read an object that had `before`: items that are now to be removed are kept until its end.
  void note_brought(SlotId id, const FieldDigests& before, const contrail::Object& object);
  // The end of an audit: its deletions are released, or held if there are too many.
  void decide_arrivals();

  // --- Single entries
  // Releases what the guard keeps of an entry, as far as it is observed or desired again.
  void review_kept(SlotId id);
  // Ends the report when the guard holds nothing any longer.
  void review();
  // A Namespace that was created again waits for objects held in the project of the former one.
  void blame(SlotId project);
  bool holds_any() const { return !found_.empty(); }

  // --- Reports
  // What is held, by kind; empty: nothing.
  std::vector<Guarded> guarded() const;
  // One sentence; empty: nothing is held.
  std::string in_words() const;
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  std::vector<std::uint64_t> references_to_go(const Entry& entry) const;
  void keep_references(SlotId id, const std::vector<std::uint64_t>& keys);
  void release_references(SlotId id, const std::vector<std::uint64_t>& keys);
  std::unordered_set<std::uint64_t> completed_pods() const;
  std::vector<Guarded> weigh(const Finding& finding, k8s::DeletionGuard::Level& level) const;
  void judge(Finding finding, bool confirmed);
  void release(const Finding& finding);
  void tell();

  const Settings& settings_;
  const Intent& intent_;
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  ProblemNotes& notes_;
  const Reports& reports_;
  std::array<k8s::Withheld, watched_count> withheld_;  // by lists of the running controller, now
  std::array<Guarded, watched_count> reported_;        // the last report of the same
  std::vector<Guarded> found_;                         // by a start or an audit
  std::bitset<watched_count> awaited_;                 // lists that must be made once more
  Finding unconfirmed_;                                // what waits for these lists
  Finding arrived_;                                    // what a running audit found
};

}  // namespace knm
