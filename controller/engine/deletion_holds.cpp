#include "controller/engine/deletion_holds.hpp"

#include <algorithm>
#include <vector>

#include "controller/engine/waiting.hpp"
#include "controller/intent/labels.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

std::string in_words(std::chrono::milliseconds time) {
  const auto seconds = time.count() / 1000;
  if (time.count() % 1000 != 0) return std::to_string(time.count()) + "ms";
  return seconds % 60 == 0 && seconds > 0 ? std::to_string(seconds / 60) + "m" : std::to_string(seconds) + "s";
}

// The first few foreign rules, by their uuids.
std::string rules_of_others(const Entry& policy) {
  constexpr std::size_t most = 3;
  const auto& rules = policy.cold().foreign_rules;
  std::string out;
  for (std::size_t i = 0; i < std::min(most, rules.size()); ++i) add_foreign(out, "rule", rules[i].uuid.text());
  return rules.size() > most ? out + " and " + std::to_string(rules.size() - most) + " more" : out;
}

}  // namespace

void add_foreign(std::string& foreign, std::string_view type, std::string_view name) {
  foreign += (foreign.empty() ? "" : ", ") + std::string(type) + " " + std::string(name);
}

DeletionHolds::DeletionHolds(const Settings& settings, const Intent& intent, Table& table, const Binder& binder,
                             Schedule& schedule, Holds& holds, ProblemNotes& notes, UnreadableObjects& unreadable,
                             DeletionGuard& guard, const Reports& reports)
    : settings_(settings),
      intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      holds_(holds),
      notes_(notes),
      unreadable_(unreadable),
      guard_(guard),
      reports_(reports) {}

void DeletionHolds::end(SlotId id) {
  table_[id].end_hold();
  holds_.erase(id);
  notes_.end(Trouble::held, id);
}

void DeletionHolds::review(SlotId id, Time now) {
  auto& entry = table_[id];
  if (entry.has_cold_state()) guard_.review_kept(id);
  if (entry.is_held()) {
    if (entry.deletion_hold() == DeletionHold::unexplained) review_grace(id, now);
    if (entry.deletion_hold() == DeletionHold::unreadable) entry.end_hold();
    if (entry.is_held()) return;
  }
  // Asked after each other hold has ended, so that none of them lets it be deleted.
  if (unreadable_.is_of(entry)) {
    entry.hold(DeletionHold::unreadable);
    unreadable_.held(id);
  } else if (is_kept_by_others(entry)) {
    hold_occupied(id, rules_of_others(entry));
  } else if (holds_.find(id) && !is_to_go(table_, entry)) {
    end(id);
  }
}

// Begins the grace time of an orphan, and ends the hold after it.
void DeletionHolds::review_grace(SlotId id, Time now) {
  auto& entry = table_[id];
  auto& held = holds_[id];
  if (!held.until) {
    held.until = now + Time(settings_.orphan_grace);
    schedule_.at(*held.until, id);
    reports_.tell(Report::Kind::held, id, Step::nothing, 0, held.why);
    if (held.subject)
      notes_.begin(Trouble::held, id, *held.subject,
                   {"UnexplainedObject", std::string(contrail::name(entry.type())) + " " + entry.name() +
                                             " in the config API names this object, but " + held.why});
  }
  if (*held.until > now) return;
  held.over = true;
  entry.end_hold();
}

// The Kubernetes object that the owner annotations name, if one of that name exists.
std::optional<Subject> DeletionHolds::subject_of_annotations(const Object& object) const {
  const auto key = text_of(object.annotations, annotation_object);
  if (intent_.pod(key)) return Subject{SubjectKind::pod, key};
  if (intent_.service(key)) return Subject{SubjectKind::service, key};
  const std::string ns(key.find('/') == std::string::npos ? std::string_view(key) : ns_of(key));
  return intent_.ns(ns) ? std::optional(Subject{SubjectKind::ns, ns}) : std::nullopt;
}

void DeletionHolds::hold_unexplained(SlotId id, const Object& object) {
  if (const auto* known = holds_.find(id)) {
    if (known->over) table_[id].end_hold();
    return;
  }
  const auto kind = text_of(object.annotations, annotation_kind), uid = text_of(object.annotations, annotation_uid);
  auto& held = holds_[id];
  held.subject = subject_of_annotations(object);
  held.why = "no rule explains its owner annotations (kind `" + kind + "`, " +
             (uid.empty() ? "no UID" : "UID `" + uid + "`") +
             "); the controller deletes this orphan after orphan-grace (" + in_words(settings_.orphan_grace) +
             "); to keep it, remove its annotation " + std::string(annotation_owner);
}

void DeletionHolds::hold_occupied(SlotId id, const std::string& foreign) {
  auto& entry = table_[id];
  entry.hold(DeletionHold::occupied);
  schedule_.push(id);
  auto& held = holds_[id];
  auto why = "the deletion is held, because foreign or unowned objects lie in it or refer to it: " + foreign +
             "; remove these objects, and the next audit deletes it";
  // Reported before an object waited for it: now it is reported again, for that object.
  const auto unit = entry.is_desired() ? binder_.unit_of(id) : std::nullopt;
  const auto subject = subject_of(unit);
  if (held.why == why && (!entry.is_desired() || notes_.has(Trouble::held, id, subject))) return;
  held.why = std::move(why);
  reports_.tell(Report::Kind::held, id, Step::nothing, 0, held.why);
  // The Namespace that waits for the project of the former one of its name.
  if (unit)
    notes_.begin(Trouble::held, id, subject,
                 {"ObjectOccupied", "the " + std::string(contrail::name(entry.type())) + " " + entry.name() +
                                        " of a previous object must be deleted first: " + held.why});
}

void DeletionHolds::look_again_at_occupied(Time now) {
  const auto may_be = [&](SlotId id) {
    const auto& entry = table_[id];
    // References from foreign networks to a policy are removed by the controller itself.
    return (entry.type() != Type::network_policy || entry.is_adopted()) && is_to_go(table_, entry) &&
           (!entry.is_held() || entry.deletion_hold() == DeletionHold::occupied);
  };
  const auto waits_to_move = [&](SlotId id) {
    const auto& entry = table_[id];
    return entry.type() == Type::virtual_machine_interface && entry.address_dependents() > 0 &&
           entry.desired() != entry.observed() && is_in_place(entry) && next(table_, id, now).step == Step::wait_gone;
  };
  std::vector<bool> held_by_ours(table_.size());
  std::map<SlotId, std::string> foreign;
  for (SlotId id = 0; id < table_.size(); ++id) {
    const auto& entry = table_[id];
    if (!entry.exists()) continue;
    const bool ours = (entry.ownership() == Ownership::owned && !is_kept_by_others(entry)) || entry.is_desired() ||
                      is_leftover(table_, entry);
    for (const auto other : entry.blocks()) {
      if (ours)
        held_by_ours[other] = true;
      else if (may_be(other) || waits_to_move(other))
        add_foreign(foreign[other], contrail::name(entry.type()), entry.name());
    }
  }
  guard_.review();
  for (SlotId id = 0; id < table_.size(); ++id) {
    if (waits_to_move(id) && foreign.contains(id)) notes_.note_stuck(id, foreign[id]);
    auto& entry = table_[id];
    if (entry.type() == Type::network_policy && !entry.is_adopted() &&
        entry.deletion_hold() == DeletionHold::occupied) {
      entry.end_hold();  // by foreign rules: they are looked up again
      schedule_.push(id);
    }
    if (!may_be(id)) continue;
    if (entry.dependents() > 0 && !held_by_ours[id]) {
      hold_occupied(id, foreign[id]);
    } else if (entry.deletion_hold() == DeletionHold::occupied) {
      entry.end_hold();
      entry.list_dependents_again();
      schedule_.push(id);
    }
  }
}

void DeletionHolds::report_waiting() {
  const auto kept = kept_waiting(table_);
  for (SlotId id = 0; id < table_.size(); ++id)
    if (notes_.has(Trouble::held, id) && !holds_.find(id) && !kept.contains(id)) end(id);
  notes_.report_kept(kept);
}

}  // namespace knm
