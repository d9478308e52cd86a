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

// The guard against mass deletion, as it is configured.
k8s::DeletionGuard guard_of(const Settings& settings);

// A kind of which the guard holds some, or all.
struct Guarded {
  std::string what;           // "Pods", "floating-ips", "members of floating-ips"
  std::size_t held = 0;       // so many ...
  std::size_t of = 0;         // ... of those that were there
  bool confirmed = false;     // a second list said the same: it waits for a person
  bool by_inventory = false;  // a start or an audit found it; else a list of the running controller
  friend bool operator==(const Guarded&, const Guarded&) = default;
};
// "130 of 250 Pods and 3 of 4 Services"
std::string in_words(const std::vector<Guarded>& rows);

// What a start or an audit would take away.
struct Finding {
  std::vector<SlotId> doomed;                               // to be deleted, or replaced by another one
  std::map<SlotId, std::vector<std::uint64_t>> references;  // keys of atoms that wanted entries would lose
  bool empty() const { return doomed.empty() && references.empty(); }
};

// The guard against mass deletion (docs/safety.md): counts what a list, a start or an audit would take away, and holds
// it until a second list, or a person, confirms it.
class DeletionGuard {
 public:
  // All of them retain it.
  DeletionGuard(const Settings& settings, const Intent& intent, Table& table, Binder& binder, Schedule& schedule,
                ProblemNotes& notes, const Reports& reports);

  // --- Lists of the running controller
  void withheld(Watched kind, const k8s::Withheld& now);
  // Whether all objects of a kind must be listed once more; until listed().
  bool awaits_list(Watched kind) const { return awaited_.test(static_cast<std::size_t>(kind)); }
  void listed(Watched kind) { awaited_.reset(static_cast<std::size_t>(kind)); }
  // All lists are there and bound: what still would be deleted is confirmed.
  bool is_ready_to_confirm() const { return !unconfirmed_.empty() && awaited_.none(); }
  void confirm();

  // --- A start, and an audit
  // Judges all that is there and would be deleted.
  void judge_start();
  // An audit found an object that would be deleted.
  void arrived(SlotId id);
  // An audit read an object that had `before`: items that would be removed now are kept until its end.
  void note_brought(SlotId id, const FieldDigests& before, const contrail::Object& object);
  // The end of an audit: what it found is deleted, or is too much.
  void decide_arrivals();

  // --- Single entries
  // Ends what the guard keeps of an entry where it came back or is desired again.
  void review_kept(SlotId id);
  // Ends the report once nothing is held any longer.
  void review();
  // A Namespace that was created again waits for what is held in the project of the former one.
  void blame(SlotId project);
  bool holds_any() const { return !found_.empty(); }

  // --- For people
  // What is held, by kind; empty: nothing.
  std::vector<Guarded> guarded() const;
  // One sentence; empty: nothing is held.
  std::string in_words() const;
  // Sets the entries that it refers to, by slot.
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
  std::array<Guarded, watched_count> reported_;        // the same, as it was reported
  std::vector<Guarded> found_;                         // by a start or an audit
  std::bitset<watched_count> awaited_;                 // lists that must be made once more
  Finding unconfirmed_;                                // what waits for these
  Finding arrived_;                                    // what a running audit brought
};

}  // namespace knm
