#pragma once

#include <set>
#include <string>
#include <string_view>

#include "controller/engine/fights.hpp"
#include "controller/engine/network_waits.hpp"
#include "controller/engine/unreadable.hpp"

namespace knm {

// Binds the units whose facts changed, and those that follow from what was read or written, and schedules the entries
// that this changes. An entry that is scheduled at once rather than at the end: a unit that is bound later may take an
// address that an earlier one released.
class Rebinder {
 public:
  // All of them retain it.
  Rebinder(Intent& intent, Table& table, Binder& binder, Schedule& schedule, Pacing& pacing, ProblemNotes& notes,
           UnreadableObjects& unreadable, Fights& fights, NetworkWaits& waits, const Reports& reports);

  // Binds all units, at the start.
  void bind_all(Time now);
  // Binds the units whose facts changed since the last call.
  void settle(Time now);
  // `moved_users`: of a unit of which nothing else has changed (Intent::moved_users). `same_objects`: of a Pod of which
  // nothing has changed that config objects follow from (Intent::has_same_objects).
  void bind(const Unit& unit, Time now, const std::set<TierKey>* moved_users = nullptr, bool same_objects = false);
  // The shared networks, after what they have was read or written.
  void bind_shared(Time now);

  // Binds the unit of an entry whose ids were read: MACs and annotations show them.
  void rebind_owner_of(SlotId id, Time now);
  // The tiers whose networks are retained: whether such a network is desired follows from its being there.
  void rebind_retained(Time now);
  // The external networks whose policies lie in a project: their dependencies follow from its owner.
  void rebind_external_networks_in(std::string_view project, Time now);
  // The Services that wait for an address.
  void rebind_waiting_services(Time now);
  // The Pods and Services for which an address may have become free by the passing of time.
  void rebind_cooled_down(Time now);
  // When rebind_cooled_down() has something to do.
  std::optional<Time> next_cooled_down() const;

  // Whether the objects of a Namespace count; not while its project is another owner's.
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
  // As last reported.
  std::set<TierKey> retained_;
  std::set<RangeChanges::Pending> pending_ranges_;
};

}  // namespace knm
