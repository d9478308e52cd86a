#include "controller/engine/audit.hpp"

#include <algorithm>
#include <utility>

#include "controller/engine/drift.hpp"

namespace knm {

using contrail::Object;
using contrail::Type;

// --- Leftovers

void Leftovers::note(SlotId id) {
  const auto& entry = table_[id];
  if (entry.type() == Type::network_policy && entry.ownership() == Ownership::unowned) unowned_policies_.insert(id);
}

void Leftovers::ask(SlotId project) {
  std::erase_if(unowned_policies_,
                [&](SlotId id) { return !table_[id].exists() || table_[id].ownership() != Ownership::unowned; });
  for (const auto id : unowned_policies_)
    if (contrail::parent_of(table_[id].name()) == table_[project].name().view()) schedule_.push(id);
}

// --- Duplicate cluster

void DuplicateCluster::look_at(const Object& object, bool running) {
  const auto uid = binder_.owners().duplicate_cluster(object.annotations);
  if (!uid) return;
  if (settings_.take_over && !running) {
    if (binder_.loader().take_over(*uid)) reports_.tell(Report::Kind::taken_over, no_slot, Step::nothing, 0, *uid);
    return;
  }
  if (found_) return;
  const auto& owner = binder_.owners().ours();
  found_ = "the config API has objects of another cluster with the cluster-name " + owner.substr(0, owner.find('/')) +
           ": its Namespace kube-system has the UID " + *uid + ", the Namespace kube-system of this cluster has " +
           std::string(binder_.owners().uid()) + " (found on " + std::string(contrail::name(object.type)) + " " +
           object.fq_name +
           "); if this cluster replaces the other cluster, start once with --take-over; if both are in use, give "
           "each cluster its own cluster-name";
}

// --- Audit

Audit::Audit(Table& table, Binder& binder, Schedule& schedule, Fights& fights, DeletionGuard& guard,
             DeletionHolds& holds, ObservedState& observed, Leftovers& leftovers, const AuditPace& pace, Echoes& echoes)
    : table_(table),
      binder_(binder),
      schedule_(schedule),
      fights_(fights),
      guard_(guard),
      holds_(holds),
      observed_(observed),
      leftovers_(leftovers),
      pace_(pace),
      echoes_(echoes) {}

std::uint64_t Audit::begin() {
  binder_.loader().begin_inventory();
  return run_.since = observed_.next_mark();
}

SlotId Audit::read(const Object& object, std::uint64_t mark) {
  const auto id = binder_.loader().load(object);
  auto& entry = table_[id];
  entry.confirm(mark);
  entry.verified();
  leftovers_.note(id);
  return id;
}

void Audit::load_first(const Object& object, std::uint64_t mark) {
  if (const auto known = binder_.loader().find(object); known != no_slot && table_[known].confirmed_at() > mark) return;
  const auto id = read(object, mark);
  if (table_[id].deletion_hold() == DeletionHold::unexplained) holds_.hold_unexplained(id, object);
}

void Audit::load(const Object& object, std::uint64_t mark) {
  const auto known = binder_.loader().find(object);
  if (known != no_slot && (table_[known].is_in_flight() || table_[known].confirmed_at() > mark))
    return pass_over(known, object);
  const bool there = known != no_slot && table_[known].exists();
  const auto before = known != no_slot ? table_[known].observed() : FieldDigests{};
  const auto blocked = known != no_slot ? table_[known].blocks() : SlotList{};
  const bool reborn = known != no_slot && (!there || table_[known].uuid() != object.uuid);
  const bool in_doubt = known != no_slot && is_in_doubt(known);
  const auto id = read(object, mark);
  binder_.loader().reclaim_rules(id);
  auto& entry = table_[id];
  if (entry.deletion_hold() == DeletionHold::unexplained) holds_.hold_unexplained(id, object);
  const bool is_same = there && !reborn && before == entry.observed();
  if (!is_same) verify_before_replacing(id);
  if (reborn && run_.since != ~std::uint64_t{0}) run_.reborn.push_back(id);
  const auto now = schedule_.now();
  bool is_finding = !there && (entry.is_desired() || entry.ownership() == Ownership::owned);
  if (there && entry.is_desired()) {
    auto changes = drift_between(before, entry);
    is_finding = reborn || !changes.empty();
    if (reborn)
      fights_.report_drift(id, Drift::replaced, "uuid" + (changes.empty() ? "" : "; " + changes), now);
    else if (!changes.empty())
      fights_.report_drift(id, Drift::changed, std::move(changes), now);
  }
  run_.found += is_finding && !in_doubt;
  if (!there && !entry.is_desired() && !entry.is_retained() && entry.ownership() == Ownership::owned)
    guard_.arrived(id);
  if (there && entry.is_desired()) guard_.note_brought(id, before, object);
  const auto push = [&](SlotId other) { is_same ? schedule_.push_unchanged(other) : schedule_.push(other); };
  for (const auto other : blocked) push(other);
  push(id);
  schedule_.wake(id);  // entries may wait for it: the answer to its create was lost
}

// The list may be newer than the last answer all the same, and the next audit is far while notifications arrive.
void Audit::pass_over(SlotId id, const Object& object) {
  const auto& entry = table_[id];
  const bool concerns_us = entry.exists() && (entry.is_desired() || entry.ownership() == Ownership::owned);
  if (!pace_.is_alive() || !concerns_us || entry.is_in_flight() || entry.must_verify()) return;
  if (!is_known_as(entry, binder_.loader().content_of(object))) echoes_.doubt_for(id, schedule_.now());
}

void Audit::keep(SlotId id, std::uint64_t mark) { table_[id].confirm(std::max(table_[id].confirmed_at(), mark)); }

void Audit::end() {
  run_.since = ~std::uint64_t{0};
  binder_.loader().end_inventory();
}

void Audit::forget_unseen(std::uint64_t mark, Time now) {
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.target_api() != TargetApi::config || !entry.exists() || entry.is_in_flight() ||
        entry.confirmed_at() >= mark)
      continue;
    if (entry.ownership() == Ownership::foreign && entry.is_desired()) {
      // Lists omit foreign objects; whether it is still in the way must be read by itself.
      entry.verify(Verify::by_uuid);
      schedule_.push(id);
      continue;
    }
    run_.found += !is_in_doubt(id) && (entry.is_desired() || entry.ownership() == Ownership::owned) &&
                  entry.deletion_hold() != DeletionHold::undecided;
    if (entry.is_desired() && !entry.is_external()) fights_.report_drift(id, Drift::deleted, "the object", now);
    observed_.set(id, false, {}, now);
    schedule_.push(id);
  }
}

// A list may show an object without those of its items that could not be read.
void Audit::verify_before_replacing(SlotId id) {
  auto& entry = table_[id];
  if (entry.target_api() != TargetApi::config || !entry.exists() || !entry.is_desired() || entry.is_in_flight() ||
      entry.must_verify())
    return;
  // A move to another network means that the addresses of the interface are deleted.
  const bool moves = entry.type() == Type::virtual_machine_interface && !same(entry, contrail::Field::networks);
  if ((must_replace(entry) || is_misaddressed(entry) || moves) && !is_foreign(entry)) entry.verify(Verify::by_uuid);
}

void Audit::mark_needed(std::vector<bool>& slots) const {
  for (const auto id : run_.reborn) slots[id] = true;
}

}  // namespace knm
