#include <utility>

#include "controller/engine/engine.hpp"

// Objects of Kubernetes that are there and cannot be read. What was last known of them stands in the intent; where
// nothing is known, since the program has started anew, their objects in the config API are found by the UID in the
// mark.
namespace knm {

void Engine::note_unreadable(const Subject& subject, std::string uid, std::string why) {
  const auto known_uid = uid_of(subject);
  Unread now{uid.empty() ? std::string(known_uid) : std::move(uid), std::move(why)};
  now.known = !known_uid.empty() && known_uid == now.uid;
  if (const auto before = unreadable_.find(subject); before != unreadable_.end())
    count_unreadable(subject, before->second, false);
  count_unreadable(subject, now, true);
  unreadable_[subject] = std::move(now);
  tell_unreadable(subject);
}

void Engine::end_unreadable(const Subject& subject) {
  const auto known = unreadable_.find(subject);
  if (known == unreadable_.end()) return;
  count_unreadable(subject, known->second, false);
  problems_.set(subject, known->second.uid, "unreadable", {});
  unreadable_.erase(known);
  look_again_at_unreadable();
}

// What of the config API may have been made for it.
void Engine::count_unreadable(const Subject& subject, const Unread& unread, bool more) {
  if (unread.known || subject.kind == SubjectKind::slice) return;
  if (subject.kind == SubjectKind::ns || unread.uid.empty()) {
    more ? ++unread_any_ : --unread_any_;
    return;
  }
  auto& count = unread_ids_[identity_of(unread.uid)];
  more ? ++count : --count;
  if (count == 0) unread_ids_.erase(identity_of(unread.uid));
}

void Engine::note_nameless(SubjectKind kind, bool there) {
  if (there)
    nameless_.insert(kind);
  else
    nameless_.erase(kind);
  if (!there) look_again_at_unreadable();
}

// Also where the object itself has just been forgotten.
void Engine::tell_unreadable(const Subject& subject) {
  const auto known = unreadable_.find(subject);
  if (known == unreadable_.end()) return;
  problems_.set(
      subject, known->second.uid, "unreadable",
      {{"UnreadableObject", "the object cannot be read: " + known->second.why + "; until the object is corrected, " +
                                (known->second.known ? "its last known version stays valid"
                                                     : "the object is ignored, and its config objects stay")}});
}

bool Engine::is_of_unreadable(const Entry& entry) const {
  if (entry.home() != Home::config || !entry.exists() || entry.is_desired() || entry.ownership() != Ownership::ours)
    return false;
  return unread_any_ > 0 || !nameless_.empty() || unread_ids_.contains(entry.identity());
}

void Engine::look_again_at_unreadable() {
  for (const auto id : std::exchange(held_unread_, {}))
    if (id < table_.size() && table_[id].deletion_hold() == DeletionHold::unreadable) enqueue(id);
}

}  // namespace knm
