#include "controller/engine/event_reads.hpp"

#include <utility>

#include "controller/engine/drift.hpp"

namespace knm {
namespace {

// Whether an event showed the entry as it is known; nullopt: that the object is deleted.
bool is_known(const Entry& entry, const std::optional<Content>& said) {
  return said ? is_known_as(entry, *said) : !entry.exists();
}

}  // namespace

bool EventReads::differs(SlotId id, const contrail::Uuid& uuid, Time now) {
  auto& entry = table_[id];
  // An object of that name and another uuid: the known one must be gone, and its read shows that.
  if (!entry.exists()) entry.look_for(uuid);
  if (echoes_.doubt(id, now)) return false;
  if (fights_.is_often(id, now)) {
    echoes_.doubt_for(id, now);
    return false;
  }
  read(id);
  return true;
}

EventReads::Former EventReads::former_of(SlotId id) const {
  const auto& entry = table_[id];
  return {entry.observed(), entry.uuid(), entry.ownership(), entry.exists()};
}

void EventReads::read(SlotId id) {
  auto& entry = table_[id];
  reads_.insert_or_assign(id, former_of(id));
  entry.verify(Verify::by_uuid);
  schedule_.push(id);
}

void EventReads::review(SlotId id, Time now) {
  const auto& entry = table_[id];
  if (echoes_.size() == 0 || entry.is_in_flight() || !echoes_.take_due(id, now)) return;
  if (!entry.must_verify()) read(id);
}

// A read that any other cause began is compared too: what it finds is what the event showed.
void EventReads::before_answer(const InFlight& request) {
  if (request.action.step != Step::verify) return;
  if (const auto at = reads_.find(request.slot); at != reads_.end()) at->second = former_of(request.slot);
}

void EventReads::after_answer(const InFlight& request, Time now) {
  const auto id = request.slot;
  auto said = echoes_.take_kept(id);
  const auto& entry = table_[id];
  if (entry.must_verify()) return;  // it is read anyway, later than the event was sent
  const auto former = reads_.extract(id);
  if (request.action.step == Step::verify) {
    echoes_.end(id);
    if (former) compare(id, former.mapped(), now);
    // The next difference within a second is doubted: another client may write all the time.
    if (former && pace_.is_alive()) echoes_.expect(id, false, now);
  }
  if (request.action.step == Step::verify || request.action.step == Step::list_dependents) {
    // It may be newer than the answer.
    if (said && !is_known(entry, *said)) differs(id, *said ? (*said)->provenance.ids.uuid : entry.uuid(), now);
    return;
  }
  if (!pace_.is_alive()) return;
  if (said && is_known(entry, *said))
    echoes_.end(id);
  else
    echoes_.expect(id, said.has_value(), now);
}

// What another client has done to the entry.
void EventReads::compare(SlotId id, const Former& former, Time now) {
  const auto& entry = table_[id];
  const bool was_ours = former.ownership == Ownership::owned;
  // Of a network that others own, the references to owned policies are ours.
  const bool may_drift = was_ours || former.ownership == Ownership::shared || entry.is_external();
  if (entry.is_desired() && former.existed && may_drift && !entry.exists()) {
    if (!entry.is_external()) fights_.report_drift(id, Drift::deleted, "the object", now);
  } else if (entry.is_desired() && former.existed && may_drift) {
    auto changes = drift_between(former.items, entry);
    if (former.uuid != entry.uuid())
      fights_.report_drift(id, Drift::replaced, "uuid" + (changes.empty() ? "" : "; " + changes), now);
    else if (!changes.empty())
      fights_.report_drift(id, Drift::changed, std::move(changes), now);
  } else if (!entry.is_desired() && !(former.existed && was_ours) && entry.exists() &&
             entry.ownership() == Ownership::owned && !entry.is_retained()) {
    // How many of these there are only an audit shows.
    guard_.arrived(id);
    pace_.want_audit();
  }
}

void EventReads::forget_answered() {
  std::erase_if(reads_, [&](const auto& read) {
    return !table_[read.first].must_verify() && !table_[read.first].is_in_flight();
  });
}

void EventReads::mark_needed(std::vector<bool>& slots) const {
  for (const auto& [id, former] : reads_) slots[id] = true;
}

}  // namespace knm
