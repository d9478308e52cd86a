#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "controller/engine/problem_notes.hpp"
#include "controller/engine/schedule.hpp"

namespace knm {

// Kubernetes objects that exist and cannot be read. The intent keeps their last readable state. If there is none, as
// after a restart, their objects in the config API are found by the UID in the owner annotations and are not deleted.
class UnreadableObjects {
 public:
  UnreadableObjects(Table& table, Schedule& schedule, ProblemNotes& notes)
      : table_(table), schedule_(schedule), notes_(notes) {}

  void came(const Subject& subject, std::string uid, std::string why);
  // The object can be read again, or is deleted.
  void over(const Subject& subject);
  // Whether some objects of a kind cannot even be named: then no config object made for any of that kind is deleted.
  void set_nameless(SubjectKind kind, bool any);
  // Sets the problem of an object again, also after its facts were forgotten.
  void tell(const Subject& subject);

  // Whether an entry that is to be deleted may have been made for an unreadable object.
  bool is_of(const Entry& entry) const;
  // The deletion of the entry is held for an unreadable object; checked again when that can be read.
  void held(SlotId id) { held_.insert(id); }

 private:
  struct Unread {
    std::string uid, why;
    bool known = false;  // the intent has facts about it
  };
  void count(const Subject& subject, const Unread& unread, bool more);
  void look_again();

  Table& table_;
  Schedule& schedule_;
  ProblemNotes& notes_;
  std::map<Subject, Unread> unreadable_;
  std::unordered_map<std::uint64_t, std::size_t> ids_;  // digests of UIDs without facts, with the number of objects
  std::size_t any_ = 0;                                 // objects without facts that may own any entry
  std::set<SubjectKind> nameless_;
  std::set<SlotId> held_;  // entries that may have DeletionHold::unreadable
};

}  // namespace knm
