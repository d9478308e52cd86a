#include "controller/engine/unreadable.hpp"

#include <utility>

namespace knm {

void UnreadableObjects::came(const Subject& subject, std::string uid, std::string why) {
  const auto known_uid = notes_.uid_of(subject);
  Unread now{uid.empty() ? std::string(known_uid) : std::move(uid), std::move(why)};
  now.known = !known_uid.empty() && known_uid == now.uid;
  if (const auto before = unreadable_.find(subject); before != unreadable_.end()) count(subject, before->second, false);
  count(subject, now, true);
  unreadable_[subject] = std::move(now);
  tell(subject);
}

void UnreadableObjects::over(const Subject& subject) {
  const auto known = unreadable_.find(subject);
  if (known == unreadable_.end()) return;
  count(subject, known->second, false);
  notes_.book().set(subject, known->second.uid, "unreadable", {});
  unreadable_.erase(known);
  look_again();
}

// The config objects that may have been made for it.
void UnreadableObjects::count(const Subject& subject, const Unread& unread, bool more) {
  if (unread.known || subject.kind == SubjectKind::slice) return;
  if (subject.kind == SubjectKind::ns || unread.uid.empty()) {
    more ? ++any_ : --any_;
    return;
  }
  auto& count = ids_[identity_of(unread.uid)];
  more ? ++count : --count;
  if (count == 0) ids_.erase(identity_of(unread.uid));
}

void UnreadableObjects::set_nameless(SubjectKind kind, bool any) {
  if (any)
    nameless_.insert(kind);
  else
    nameless_.erase(kind);
  if (!any) look_again();
}

void UnreadableObjects::tell(const Subject& subject) {
  const auto known = unreadable_.find(subject);
  if (known == unreadable_.end()) return;
  notes_.book().set(
      subject, known->second.uid, "unreadable",
      {{"UnreadableObject", "the object cannot be read: " + known->second.why + "; until the object is corrected, " +
                                (known->second.known ? "its last known version stays valid"
                                                     : "the object is ignored, and its config objects stay")}});
}

bool UnreadableObjects::is_of(const Entry& entry) const {
  if (entry.target_api() != TargetApi::config || !entry.exists() || entry.is_desired() ||
      entry.ownership() != Ownership::owned)
    return false;
  return any_ > 0 || !nameless_.empty() || ids_.contains(entry.identity());
}

void UnreadableObjects::look_again() {
  for (const auto id : std::exchange(held_, {}))
    if (id < table_.size() && table_[id].deletion_hold() == DeletionHold::unreadable) schedule_.push(id);
}

}  // namespace knm
