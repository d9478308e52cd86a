#include "controller/plan/entry.hpp"

#include <algorithm>
#include <cassert>

namespace knm {

std::string_view name(DeletionHold hold) {
  switch (hold) {
    case DeletionHold::none:
      return "none";
    case DeletionHold::undecided:
      return "undecided";
    case DeletionHold::unexplained:
      return "unexplained";
    case DeletionHold::unconfirmed:
      return "unconfirmed";
    case DeletionHold::guard:
      return "guard";
    case DeletionHold::occupied:
      return "occupied";
    case DeletionHold::unreadable:
      return "unreadable";
  }
  return {};
}

// --- Desired

bool Entry::want(const Source& source, Desire desire) {
  const bool changed = !desired_now_ || desired_ != desire.fields || desired_ids().identity != desire.ids.identity;
  const bool was_held = is_held();
  desired_now_ = true;
  source_ = source;
  external_ = desire.external;
  deletion_hold_ = DeletionHold::none;
  cold_.take(&ColdState::project);
  if (changed) {
    cold_.set(&ColdState::addresses, desire.addresses);
    want_ids(desire.ids);
    desired_ = std::move(desire.fields);
    dependencies_ = SmallList<Dependency>(desire.dependencies);
  }
  check();
  return changed || was_held;
}

bool Entry::want_text(const Source& source, FieldDigests text, std::vector<Dependency> dependencies) {
  const bool changed = !desired_now_ || desired_ != text;
  source_ = source;
  dependencies_ = SmallList<Dependency>(dependencies);
  desired_ = std::move(text);
  desired_now_ = exists_ = true;
  check();
  return changed;
}

void Entry::change_desired(const FieldDigests& in, std::vector<std::uint64_t> out, std::int64_t addresses) {
  desired_.change(in, std::move(out));
  cold_.set(&ColdState::addresses, static_cast<std::uint32_t>(cold_->addresses + addresses));
  check();
}

void Entry::want_reference(const FieldDigest& reference, SlotId slot) {
  desired_.set(reference);
  dependencies_.push_back({slot, true});
  check();
}

void Entry::drop_reference(const FieldDigest& reference, SlotId slot) {
  desired_.erase(reference.key);
  // An address may depend on very many: eight are compared at once, and the order does not matter.
  auto *at = dependencies_.begin(), *const end = dependencies_.end();
  for (bool found = false; end - at >= 8; at += 8) {
    for (int i = 0; i < 8; ++i) found |= at[i].slot == slot;
    if (found) break;
  }
  while (at != end && at->slot != slot) ++at;
  if (at == end) return;
  *at = *(end - 1);
  dependencies_.erase(end - 1);
}

void Entry::release(const PackedText& project) {
  desired_now_ = false;
  source_ = {};
  desired_.clear();
  dependencies_.clear();
  conflict_ = gives_way_ = false;
  cold_.take(&ColdState::destinations);
  if (!project.empty()) cold_.set(&ColdState::project, project);
  if (target_api_ != TargetApi::config) exists_ = false;
  check();
}

void Entry::set_sharing(bool shared, bool adoptable) {
  shared_ = shared;
  adoptable_ = adoptable;
}

void Entry::set_ids(const Ids& ids) {
  const auto desired = desired_ids();
  ids_ = ids;
  cold_.set(&ColdState::desired_ids, desired == ids_ ? Ids{} : desired);
}

void Entry::want_ids(const Ids& ids) {
  if (!exists_ && verify_ == Verify::none) ids_ = ids;
  cold_.set(&ColdState::desired_ids, ids == ids_ ? Ids{} : ids);
}

// --- Observed

void Entry::identify(const Provenance& provenance) {
  const bool is_known = exists_ && ids_ == provenance.ids && ownership_ == provenance.ownership;
  ownership_ = provenance.ownership;
  set_ids(provenance.ids);
  dependents_listed_ = false;
  of_former_cluster_ = provenance.of_former_cluster;
  if (!is_known) adopted_ = ownership_ == Ownership::owned && !provenance.has_derived_uuid;
}

void Entry::created(const Ids& ids) {
  set_ids(ids);
  ownership_ = shared_ ? Ownership::shared : Ownership::owned;
  adopted_ = of_former_cluster_ = false;
}

void Entry::owned(std::uint64_t identity, const contrail::Uuid& derived) {
  adopted_ |= ownership_ == Ownership::unowned && ids_.uuid != derived;
  ownership_ = shared_ ? Ownership::shared : Ownership::owned;
  of_former_cluster_ = false;
  set_ids({ids_.uuid, identity});
  check();
}

void Entry::gone() {
  cold_.take(&ColdState::foreign_rules);
  cold_.take(&ColdState::foreign_ipams);
  cold_.take(&ColdState::kept);
  cold_.take(&ColdState::kept_rules);
  ownership_ = Ownership::unowned;
  deletion_hold_ = DeletionHold::none;
  conflict_ = adopted_ = of_former_cluster_ = dependents_listed_ = deletion_refused_ = false;
}

void Entry::set_foreign_rules(std::vector<contrail::Rule> rules) {
  cold_.set(&ColdState::foreign_rules, RareList<contrail::Rule>(rules));
}

void Entry::set_foreign_ipams(std::vector<contrail::IpamReference> ipams) {
  cold_.set(&ColdState::foreign_ipams, RareList<contrail::IpamReference>(ipams));
}

bool Entry::observe_text(FieldDigests text) {
  const bool changed = observed_ != text;
  observed_ = std::move(text);
  observed_.share(desired_);
  return changed;
}

void Entry::identify_text(std::uint64_t identity) {
  const Ids ids{{}, identity};
  set_ids(ids);
  want_ids(ids);
}

// --- The deletion of an object

void Entry::hold(DeletionHold why) {
  deletion_hold_ = why;
  check();
}

void Entry::end_hold() { deletion_hold_ = DeletionHold::none; }

void Entry::dependents_listed() {
  dependents_listed_ = true;
  check();
}

void Entry::deletion_refused() {
  deletion_refused_ = true;
  check();
}

void Entry::keep_items(std::vector<std::uint64_t> keys) {
  if (keys.empty()) cold_.take(&ColdState::kept_rules);
  cold_.set(&ColdState::kept, RareList<std::uint64_t>(keys));
  check();
}

void Entry::keep_rules(std::vector<contrail::Rule> rules) {
  cold_.set(&ColdState::kept_rules, RareList<contrail::Rule>(rules));
  check();
}

// --- Work

void Entry::sent() {
  in_flight_ = true;
  close_batch();
  check();
}

void Entry::answered() { in_flight_ = false; }

void Entry::verify(Verify by) {
  verify_ = by;
  check();
}

void Entry::give_way() {
  gives_way_ = true;
  check();
}

void Entry::open_batch(Time until) {
  cold_.set(&ColdState::batch_until, until);
  check();
}

void Entry::conflict_began() {
  conflict_ = true;
  check();
}

void Entry::succeeded() {
  cold_.set(&ColdState::attempts, 0);
  cold_.set(&ColdState::error, {});
}

std::uint32_t Entry::failed(std::string_view error, Time not_before) {
  auto& cold = cold_.make();
  cold.error = PackedText(error);
  cold.not_before = not_before;
  return ++cold.attempts;
}

void Entry::failed_often(std::uint32_t attempts, std::string_view error, Time not_before) {
  auto& cold = cold_.make();
  cold.attempts = std::max(cold.attempts, attempts);
  cold.error = PackedText(error);
  cold.not_before = not_before;
}

void Entry::forget_failures() {
  cold_.set(&ColdState::attempts, 0);
  cold_.set(&ColdState::not_before, Time{0});
}

// --- Consistency

bool Entry::is_consistent() const {
  const bool only_while_there = ownership_ != Ownership::unowned || adopted_ || of_former_cluster_ ||
                                dependents_listed_ || deletion_refused_ || is_held() || !cold_->kept.empty() ||
                                !cold_->kept_rules.empty() || !cold_->foreign_rules.empty() ||
                                !cold_->foreign_ipams.empty();
  const bool only_while_desired =
      !desired_.empty() || !dependencies_.empty() || source_.unit || conflict_ || gives_way_;
  if (only_while_there && !exists_) return false;
  if (only_while_desired && !desired_now_) return false;
  if (in_flight_ && cold_->batch_until != Time{0}) return false;
  if (address_dependents_ > dependents_) return false;
  if (target_api_ == TargetApi::config) return exists_ || observed_.empty();
  return exists_ == desired_now_ && !only_while_there && verify_ == Verify::none && blocks_.empty() &&
         dependents_ == 0 && !conflict_ && !gives_way_;
}

void Entry::check() const { assert(is_consistent()); }

}  // namespace knm
