#pragma once

#include <set>
#include <string>
#include <string_view>

#include "controller/engine/fights.hpp"
#include "controller/engine/network_waits.hpp"
#include "controller/engine/unreadable.hpp"

namespace knm {

// Binds the units whose facts changed and the units that depend on a read or a write, and schedules the entries that
// change. Entries are scheduled at once, not at the end: a unit that is bound later may take an address that an earlier
// one released.
class Rebinder {
 public:
  // All of them outlive it.
  Rebinder(Intent& intent, Table& table, Binder& binder, Schedule& schedule, Pacing& pacing, ProblemNotes& notes,
           UnreadableObjects& unreadable, Fights& fights, NetworkWaits& waits, const Reports& reports);

  // Binds all units, at the start.
  void bind_all(Time now);
  // Binds the units whose facts changed since the last call.
  void settle(Time now);
  // `moved_users`: set if nothing else of the unit has changed (Intent::moved_users). `same_objects`: the config
  // objects of a Pod cannot have changed (Intent::has_same_objects).
  void bind(const Unit& unit, Time now, const std::set<TierKey>* moved_users = nullptr, bool same_objects = false);
  // Binds the shared networks, after their observed state was read or written.
  void bind_shared(Time now);

  // Binds the unit of an entry whose ids were read: MACs and annotations contain them.
  void rebind_owner_of(SlotId id, Time now);
  // Binds the tiers with retained networks: such a network is desired as long as it exists.
  void rebind_retained(Time now);
  // The external networks whose policies lie in a project: their dependencies follow from its owner.
  void rebind_external_networks_in(std::string_view project, Time now);
  // The Services that wait for an address.
  void rebind_waiting_services(Time now);
  // Binds the Pods and Services for which an address may have become free after its cool-down.
  void rebind_cooled_down(Time now);
  // When rebind_cooled_down() is due; nullopt: never.
  std::optional<Time> next_cooled_down() const;

  // Sets whether the objects of a Namespace count; they do not while its project is foreign.
  void serve_namespace(const std::string& name, bool serve, Time now);

 private:
  void ask(const std::vector<SlotId>& changed, Time now);
  void ask_predecessors(const auto& pods);  // names of Pods, by key
  void bind_text(const Unit& unit, Time now, bool same_objects);
  void note_facts(const Unit& unit);
  void note_retained(const TierKey& tier);
  void note_pending_ranges();

  Intent& intent_;
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  Pacing& pacing_;
  ProblemNotes& notes_;
  UnreadableObjects& unreadable_;
  Fights& fights_;
  NetworkWaits& waits_;
  const Reports& reports_;
  // the last report
  std::set<TierKey> retained_;
  std::set<RangeChanges::Pending> pending_ranges_;
};

}  // namespace knm
