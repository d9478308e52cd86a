#include "controller/engine/drift.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/waiting.hpp"

// What an inventory shows, object by object, and what follows once it is complete.
namespace knm {

using contrail::Object;
using contrail::Type;

void Engine::see_outside(const std::string& network, std::optional<Ownership> found) {
  // One of our own is connected because of its tier, not because it is there.
  const bool exists = found == Ownership::unmarked || found == Ownership::shared;
  if (intent_.put_outside(network, exists))
    tell(exists ? Report::Kind::outside_came : Report::Kind::outside_gone, table_.slot(Type::virtual_network, network));
  std::vector<Problem> problems;
  if (found == Ownership::other)
    problems.push_back(
        {"NetworkOfAnotherOwner", "the network " + network +
                                      " of the configuration has the owner annotations of another owner, so it is not "
                                      "connected; remove the owner annotations, or configure another network"});
  note_of_cluster("network " + network, std::move(problems));
}

void Engine::load(const Object& object, std::uint64_t mark) {
  const auto known = binder_.loader().find(object);
  if (known != no_slot) {
    const auto& entry = table_[known];
    if (entry.is_in_flight() || entry.confirmed_at() > mark) return;
  }
  const bool audit = running_ && known != no_slot;
  const bool there = audit && table_[known].exists();
  const auto before = audit ? table_[known].observed() : Atoms{};
  const auto held = audit ? table_[known].blocks() : std::vector<SlotId>{};
  const bool reborn = audit && (!there || table_[known].uuid() != object.uuid);
  const auto id = binder_.loader().load(object);
  if (running_) binder_.loader().reclaim_rules(id);
  auto& entry = table_[id];
  entry.confirm(mark);
  entry.verified();
  if (entry.deletion_hold() == DeletionHold::unexplained) hold_unexplained(id, object);
  if (entry.type() == Type::network_policy && entry.ownership() == Ownership::unmarked) unmarked_policies_.insert(id);
  if (!running_) return;
  if (!there || reborn || before != entry.observed()) read_once(id);
  if (reborn) reborn_.push_back(id);
  if (there && entry.is_desired()) {
    auto changes = drift_between(before, entry);
    if (reborn)
      tell_drift(id, Drift::replaced, "uuid" + (changes.empty() ? "" : "; " + changes), now_);
    else if (!changes.empty())
      tell_drift(id, Drift::changed, std::move(changes), now_);
  }
  if (!there && !entry.is_desired() && !entry.is_retained() && entry.ownership() == Ownership::ours) {
    if (!entry.is_held()) entry.hold(DeletionHold::undecided);
    guard_.arrived.doomed.push_back(id);
  }
  if (there && entry.is_desired()) note_brought(id, before, object);
  for (const auto other : held) enqueue(other);
  enqueue(id);
  wake(id);  // it may be what others wait for: the answer to its create was lost
}

// What an audit finds that wanted entries would lose stays until it is through: only then is it known how much that is.
void Engine::note_brought(SlotId id, const Atoms& before, const Object& object) {
  auto keys = references_to_go(table_[id]);
  std::erase_if(keys, [&](auto key) { return before.find(key) != nullptr; });
  if (keys.empty()) return;
  keep_references(id, keys);
  binder_.loader().keep_rules(id, object);
  guard_.arrived.references[id] = std::move(keys);
}

void Engine::keep(SlotId id, std::uint64_t mark) { table_[id].confirm(std::max(table_[id].confirmed_at(), mark)); }

std::uint64_t Engine::write_mark() {
  binder_.loader().begin_inventory();
  return auditing_since_ = ++epoch_;
}

// The first inventory: everything is bound, and writes begin.
void Engine::begin(Time now) {
  running_ = true;
  for (SlotId id = 0; id < table_.size(); ++id) binder_.loader().reclaim_rules(id);
  intent_.settle();
  bind_shared(now);
  for (const auto& network : colliding_)
    note_of_cluster(
        "global-network " + network,
        {{"GlobalNetworkNameCollision", "the policy of the global network " + network +
                                            " would have the same name as the policy of another global network, so the "
                                            "network is not connected; rename one of the two networks"}});
  for (const auto kind :
       {UnitKind::ns, UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod, UnitKind::outside})
    for (const auto& key : intent_.keys(kind)) bind({kind, key}, now);
  for (const auto& tier : binder_.loader().retained_tiers()) bind({UnitKind::service_tier, tier}, now);
  // A Namespace whose project is another owner's uses nothing: that must be known before its turn in the queue comes.
  for (SlotId id = 0; id < table_.size(); ++id)
    if (table_[id].type() == Type::project && table_[id].home() == Home::config && table_[id].is_desired() &&
        is_somebody_elses(table_[id]))
      advance(id, now);
  settle(now);
  refusal_ = binder_.ranges().refuse();
  if (refusal_) return void(running_ = false);
  guard_start();
  look_again_at_occupied(now);
  for (SlotId id = 0; id < table_.size(); ++id) {
    read_once(id);
    enqueue(id);
  }
}

// A list may show an object without what it could not read of it: before one that is wanted is deleted for what a list
// says, it is read by itself.
void Engine::read_once(SlotId id) {
  auto& entry = table_[id];
  if (entry.home() != Home::config || !entry.exists() || !entry.is_desired() || entry.is_in_flight() ||
      entry.must_verify())
    return;
  // An interface on another network costs its addresses.
  const bool moves = entry.type() == Type::virtual_machine_interface && !same(entry, contrail::Field::networks);
  if ((must_replace(entry) || is_misaddressed(entry) || moves) && !is_somebody_elses(entry))
    entry.verify(Verify::by_uuid);
}

void Engine::loaded(std::uint64_t mark, Time now) {
  now_ = now;
  auditing_since_ = ~std::uint64_t{0};
  binder_.loader().end_inventory();
  if (namesake_) {
    refusal_ = namesake_;
    return void(running_ = false);
  }
  if (!running_) return begin(now);
  catch_up(now);
  for (const auto id : std::exchange(reborn_, {})) rebind_owner_of(id, now);
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.home() != Home::config || !entry.exists() || entry.is_in_flight() || entry.confirmed_at() >= mark)
      continue;
    if (entry.ownership() == Ownership::other && entry.is_desired()) {
      // The lists pass over what others have; whether it is still in our way must be asked for.
      entry.verify(Verify::by_uuid);
      enqueue(id);
      continue;
    }
    if (entry.is_desired() && !entry.is_external()) tell_drift(id, Drift::deleted, "the object", now);
    set_observed(id, false, {}, now);
    enqueue(id);
  }
  rebind_outliving(now);
  bind_shared(now);
  rebind_waiting_services(now);
  settle(now);
  decide_arrivals();
  look_again_at_occupied(now);
  // Who waits is told, be it at the end of a chain.
  const auto kept = kept_waiting(table_);
  for (SlotId id = 0; id < table_.size(); ++id)
    if (held_.has(id) && !holds_.find(id) && !kept.contains(id)) end_hold(id);
  tell_kept(kept);
  repeat_unseen(now);
}

}  // namespace knm
