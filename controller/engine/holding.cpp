#include <algorithm>

#include "contrail-client/dependents.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/waiting.hpp"
#include "controller/intent/labels.hpp"

// What is ours, not wanted, and not deleted all the same.
namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

std::string in_words(std::chrono::milliseconds time) {
  const auto seconds = time.count() / 1000;
  if (time.count() % 1000 != 0) return std::to_string(time.count()) + "ms";
  return seconds % 60 == 0 && seconds > 0 ? std::to_string(seconds / 60) + "m" : std::to_string(seconds) + "s";
}

void add_stranger(std::string& strangers, std::string_view type, std::string_view name) {
  strangers += (strangers.empty() ? "" : ", ") + std::string(type) + " " + std::string(name);
}

// The first few, by their uuids.
std::string rules_of_others(const Entry& policy) {
  constexpr std::size_t most = 3;
  const auto& rules = policy.cold().foreign_rules;
  std::string out;
  for (std::size_t i = 0; i < std::min(most, rules.size()); ++i) add_stranger(out, "rule", rules[i].uuid.text());
  return rules.size() > most ? out + " and " + std::to_string(rules.size() - most) + " more" : out;
}

// What the server makes by itself, and takes away with the object that it lies in.
bool is_made_by_server(const contrail::Dependent& dependent) {
  if (dependent.type == "routing-instance" || dependent.type == "access-control-list") return true;
  return dependent.type == "application-policy-set" &&
         contrail::last_of(dependent.name) == "default-application-policy-set";
}

}  // namespace

std::string_view Engine::why_held(SlotId id) const {
  switch (table_[id].deletion_hold()) {
    case DeletionHold::none:
      if (table_[id].cold().kept.empty()) return {};
      return "very many items of objects of this kind would be deleted at once; a second list or --allow-mass-delete "
             "allows the deletion";
    case DeletionHold::undecided:
      return "the audit that found the object is still running";
    case DeletionHold::unreadable:
      return "the Kubernetes object of this object cannot be read (UnreadableObject)";
    case DeletionHold::unconfirmed:
      return "very many objects would be deleted at once; a second list of Kubernetes allows the deletion";
    case DeletionHold::guard:
      return "very many objects would be deleted at once; --allow-mass-delete allows the deletion";
    case DeletionHold::unexplained:
    case DeletionHold::occupied:
      break;
  }
  const auto* held = holds_.find(id);
  return held ? std::string_view(held->why) : std::string_view();
}

void Engine::end_hold(SlotId id) {
  table_[id].end_hold();
  holds_.erase(id);
  end_trouble(held_, id);
}

// Whether it is still held, and since when that is told.
void Engine::review_hold(SlotId id, Time now) {
  auto& entry = table_[id];
  review_kept(id);
  if (entry.deletion_hold() == DeletionHold::unreadable) entry.end_hold();
  if (!entry.is_held() && is_of_unreadable(entry)) {
    entry.hold(DeletionHold::unreadable);
    held_unread_.insert(id);
    return;
  }
  if (!entry.is_held()) {
    if (is_kept_by_others(entry)) return hold_occupied(id, rules_of_others(entry));
    if (holds_.find(id) && !is_to_go(entry)) end_hold(id);
    return;
  }
  if (entry.deletion_hold() != DeletionHold::unexplained) return;
  auto& held = holds_[id];
  if (!held.until) {
    held.until = now + Time(settings_.orphan_grace);
    timers_.emplace(*held.until, id);
    tell(Report::Kind::held, id, Step::nothing, 0, held.why);
    blame(id, held.subject,
          {"UnexplainedObject", std::string(contrail::name(entry.type())) + " " + entry.name() +
                                    " in the config API names this object, but " + held.why});
  }
  if (*held.until > now) return;
  held.over = true;
  entry.end_hold();
}

void Engine::blame(SlotId id, const std::optional<Subject>& subject, Problem problem) {
  if (subject) begin_trouble(held_, id, *subject, std::move(problem));
}

// --- Unexplained marks
// ---------------------------------------------------------------------------------------------------------------

// The Kubernetes object that a mark speaks of, if there is one of its name.
std::optional<Subject> Engine::subject_of_mark(const Object& object) const {
  const auto key = text_of(object.annotations, mark_object);
  if (intent_.pod(key)) return Subject{SubjectKind::pod, key};
  if (intent_.service(key)) return Subject{SubjectKind::service, key};
  const std::string ns(key.find('/') == std::string::npos ? std::string_view(key) : ns_of(key));
  return intent_.ns(ns) ? std::optional(Subject{SubjectKind::ns, ns}) : std::nullopt;
}

void Engine::hold_unexplained(SlotId id, const Object& object) {
  if (const auto* known = holds_.find(id)) {
    if (known->over) table_[id].end_hold();
    return;
  }
  const auto kind = text_of(object.annotations, mark_kind), uid = text_of(object.annotations, mark_uid);
  auto& held = holds_[id];
  held.subject = subject_of_mark(object);
  held.why = "no rule explains its owner annotations (kind `" + kind + "`, " +
             (uid.empty() ? "no UID" : "UID `" + uid + "`") +
             "); the controller deletes this orphan after orphan-grace (" + in_words(settings_.orphan_grace) +
             "); to keep it, remove its annotation " + std::string(mark_owner);
}

// --- What others have put on our objects
// ----------------------------------------------------------------------------------------

void Engine::hold_occupied(SlotId id, const std::string& strangers) {
  auto& entry = table_[id];
  entry.hold(DeletionHold::occupied);
  enqueue(id);
  auto& held = holds_[id];
  auto why = "the deletion is held, because foreign or unowned objects lie in it or refer to it: " + strangers +
             "; remove these objects, and the next audit deletes it";
  // Told of before an object came to wait for it, it is told again to whom it concerns now.
  const auto unit = entry.is_desired() ? binder_.unit_of(id) : std::nullopt;
  const auto subject = subject_of(unit);
  if (held.why == why && (!entry.is_desired() || held_.has(id, subject, uid_of(subject)))) return;
  held.why = std::move(why);
  tell(Report::Kind::held, id, Step::nothing, 0, held.why);
  // The Namespace that waits for its former namesake's project.
  if (unit)
    blame(id, subject,
          {"ObjectOccupied", "the " + std::string(contrail::name(entry.type())) + " " + entry.name() +
                                 " of a previous object must be deleted first: " + held.why});
}

// What keeps a project from going may be what the predecessor left there.
void Engine::ask_leftovers(SlotId project) {
  std::erase_if(unmarked_policies_,
                [&](SlotId id) { return !table_[id].exists() || table_[id].ownership() != Ownership::unmarked; });
  for (const auto id : unmarked_policies_)
    if (contrail::parent_of(table_[id].name()) == table_[project].name().view()) enqueue(id);
}

// An audit has shown what is there now: who is still occupied, and who may be.
void Engine::look_again_at_occupied(Time now) {
  const auto may_be = [&](SlotId id) {
    const auto& entry = table_[id];
    // What is attached to others' networks we take off ourselves.
    return (entry.type() != Type::network_policy || entry.is_adopted()) && is_to_go(entry) &&
           (!entry.is_held() || entry.deletion_hold() == DeletionHold::occupied);
  };
  const auto waits_to_move = [&](SlotId id) {
    const auto& entry = table_[id];
    return entry.type() == Type::virtual_machine_interface && entry.address_dependents() > 0 &&
           entry.desired() != entry.observed() && is_in_place(entry) && next(table_, id, now).step == Step::wait_gone;
  };
  std::vector<bool> held_by_ours(table_.size());
  std::map<SlotId, std::string> strangers;
  for (SlotId id = 0; id < table_.size(); ++id) {
    const auto& entry = table_[id];
    if (!entry.exists()) continue;
    const bool ours = (entry.ownership() == Ownership::ours && !is_kept_by_others(entry)) || entry.is_desired() ||
                      is_leftover(table_, entry);
    for (const auto other : entry.blocks()) {
      if (ours)
        held_by_ours[other] = true;
      else if (may_be(other) || waits_to_move(other))
        add_stranger(strangers[other], contrail::name(entry.type()), entry.name());
    }
  }
  review_guard();
  for (SlotId id = 0; id < table_.size(); ++id) {
    if (waits_to_move(id) && strangers.contains(id)) note_stuck(id, strangers[id]);
    auto& entry = table_[id];
    if (entry.type() == Type::network_policy && !entry.is_adopted() &&
        entry.deletion_hold() == DeletionHold::occupied) {
      entry.end_hold();  // by rules of others: whether they are still there is asked again
      enqueue(id);
    }
    if (!may_be(id)) continue;
    if (entry.dependents() > 0 && !held_by_ours[id]) {
      hold_occupied(id, strangers[id]);
    } else if (entry.deletion_hold() == DeletionHold::occupied) {
      entry.end_hold();
      entry.list_dependents_again();
      enqueue(id);
    }
  }
}

// Who waits for a predecessor to go (kept_waiting()) hears what keeps it, if nothing else was told.
void Engine::tell_kept(const std::map<SlotId, SlotId>& kept) {
  const auto named = [&](SlotId id) {
    return std::string(contrail::name(table_[id].type())) + " " + table_[id].name();
  };
  for (const auto& [id, culprit] : kept) {
    const auto subject = subject_of(binder_.unit_of(id));
    const auto uid = uid_of(subject);
    if (holds_.find(id) && held_.has(id, subject, uid)) continue;
    if (refusals_.has(id, subject, uid) || refusals_.has(culprit, subject, uid)) {
      if (!holds_.find(id)) end_trouble(held_, id);
      continue;
    }
    const std::string why(why_held(culprit));
    const bool refused = why.empty() && is_refused(table_[culprit]);
    const auto what = "the " + named(id) + " of a previous object must be deleted first" +
                      (id == culprit ? "" : ", but the " + named(culprit) + " blocks its deletion");
    blame(id, subject,
          refused ? Problem{"RefusedByConfigAPI", what + ": the config API refuses that change repeatedly (" +
                                                      table_[culprit].cold().error.text() +
                                                      "); the controller retries until the request is accepted"}
                  : Problem{"ObjectOccupied",
                            what + (why.empty() ? "; remove that object from the config API" : ": " + why)});
  }
}

// What hangs on something that is about to be deleted. What is ours there is one that we lost sight of.
void Engine::looked_into(SlotId id, const ConfigAnswer& answer, Time now) {
  if (answer.sent == Sent::answered && answer.status == 404) return not_found(id, now);
  if (answer.sent != Sent::answered || answer.status != 200)
    return fail(id, answer.sent == Sent::answered ? "HTTP " + std::to_string(answer.status) : answer.error, now);
  const auto dependents = contrail::parse_dependents(table_[id].type(), answer.body);
  if (!dependents) return fail(id, dependents.error().message, now);
  std::string strangers;
  bool lost = false;
  for (const auto& dependent : *dependents) {
    if (is_made_by_server(dependent)) continue;
    const auto type = contrail::type_named(dependent.type);
    const auto other = type ? table_.find(*type, dependent.name) : no_slot;
    if (other != no_slot &&
        (table_[other].uuid() == dependent.uuid || table_[other].desired_ids().uuid == dependent.uuid) &&
        (!table_[other].exists() || table_[other].ownership() == Ownership::ours)) {
      lost = true;
      if (!table_[other].is_in_flight()) table_[other].look_for(dependent.uuid), table_[other].verify(Verify::by_uuid);
      enqueue(other);
    } else {
      add_stranger(strangers, dependent.type, dependent.name);
    }
  }
  // It was no more than a look: what the server refused before it may refuse again, and is not asked sooner for that.
  table_[id].forget_error();
  if (!strangers.empty()) return hold_occupied(id, strangers);
  if (lost) return fail(id, "owned objects still depend on it", now);
  table_[id].dependents_listed();
}

}  // namespace knm
