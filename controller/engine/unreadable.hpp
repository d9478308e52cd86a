#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "controller/engine/problem_notes.hpp"
#include "controller/engine/schedule.hpp"

namespace knm {

// Kubernetes objects that are there and cannot be read. The intent has what was last known of them. Where nothing is
// known, as after a restart, their objects in the config API are found by the UID in the owner annotations and are not
// deleted.
class UnreadableObjects {
 public:
  UnreadableObjects(Table& table, Schedule& schedule, ProblemNotes& notes)
      : table_(table), schedule_(schedule), notes_(notes) {}

  void came(const Subject& subject, std::string uid, std::string why);
  // It can be read, or is gone.
  void over(const Subject& subject);
  // Whether objects of a kind cannot be read and not even named: then nothing that was made for any is deleted.
  void set_nameless(SubjectKind kind, bool any);
  // Sets the problem of an object again, also where its facts have just been forgotten.
  void tell(const Subject& subject);

  // Whether an entry that would be deleted may have been made for one of them.
  bool is_of(const Entry& entry) const;
  // The deletion of the entry is held for one of them: looked at again once that can be read.
  void held(SlotId id) { held_.insert(id); }

 private:
  struct Unread {
    std::string uid, why;
    bool known = false;  // the intent has facts of it
  };
  void count(const Subject& subject, const Unread& unread, bool more);
  void look_again();

  Table& table_;
  Schedule& schedule_;
  ProblemNotes& notes_;
  std::map<Subject, Unread> unreadable_;
  std::unordered_map<std::uint64_t, std::size_t> ids_;  // digests of UIDs without facts, and how many objects have each
  std::size_t any_ = 0;                                 // objects without facts that every entry may belong to
  std::set<SubjectKind> nameless_;
  std::set<SlotId> held_;  // that may have DeletionHold::unreadable
};

}  // namespace knm
