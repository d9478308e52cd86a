#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "controller/engine/answer_handler.hpp"
#include "controller/engine/audit.hpp"
#include "controller/engine/notifications.hpp"
#include "controller/engine/patch_answers.hpp"
#include "controller/engine/worth.hpp"

namespace knm {

// The parts of the engine, constructed in the order of this picture, line by line: a part knows parts constructed
// before it and no others. The one exception is a question: Intent asks the Binder who has an address (Possession).
//
//   Settings, Intent, Table, Binder, Reports     facts become desired entries
//   ProgressCounts, Schedule, Pacing             which entry is next, and when
//   Holds, ProblemNotes                          what people are told
//   UnreadableObjects, Fights, NetworkWaits      single causes of trouble
//   Rebinder                                     changed facts into the table
//   DeletionGuard, DeletionHolds                 which deletions wait
//   ObservedState                                what a server has, into the table
//   RequestBuilder, AnswerHandler, PatchAnswers, PatchAudit, Leftovers, DuplicateCluster
//                                                requests, and what answers mean
//   AuditPace, Echoes, Audit, EventReads, Notifications
//                                                what inventories and events of the config API mean
//
// Data flows in a circle: put/drop → Intent → Rebinder → Table → Schedule → next() → RequestBuilder → [server] →
// AnswerHandler, PatchAnswers or Audit → ObservedState → Table → Schedule → next() → …
struct Parts {
  Parts(const Settings& given, std::uint64_t seed, std::function<void(const Report&)> report);

  std::vector<std::string> colliding;  // global networks that are not connected
  Settings settings;                   // without these
  Intent intent;
  Table table;
  Binder binder;
  Reports reports;
  ProgressCounts progress;
  Schedule schedule;
  Pacing pacing;
  Holds held;
  ProblemNotes notes;
  UnreadableObjects unreadable;
  Fights fights;
  NetworkWaits waits;
  Rebinder rebinder;
  DeletionGuard guard;
  DeletionHolds holds;
  ObservedState observed;
  RequestBuilder builder;
  AnswerHandler answers;
  PatchAnswers patches;
  PatchAudit patch_audit;
  Leftovers leftovers;
  DuplicateCluster duplicate;
  AuditPace pace;
  Echoes echoes;
  Audit audit;
  EventReads reads;
  Notifications notifications;
};

// The whole controller except its I/O: objects of the cluster go in, requests come out, answers go in. Deterministic
// for a seed; time is a parameter.
//
// Life: put the objects of the cluster; load the inventory (see Inventory), whose end binds everything and begins
// writes; from then on put/drop and answer() in any order. At most one request per entry is in flight; each starts from
// the newest state.
class Engine {
 public:
  Engine(const Settings& settings, std::uint64_t seed, std::function<void(const Report&)> report = {});

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- The cluster
  template <class Object>
  void put(const Object& object) {
    parts_.intent.put(object);
  }
  void drop_namespace(const std::string& name) { parts_.intent.drop_namespace(name); }
  void drop_pod(const ObjectKey& key) { parts_.intent.drop_pod(key); }
  void drop_service(const ObjectKey& key) { parts_.intent.drop_service(key); }
  void drop_slice(const ObjectKey& key) { parts_.intent.drop_slice(key); }
  void drop(const k8s::Namespace& object) { drop_namespace(object.meta.name); }
  void drop(const k8s::Pod& object) { drop_pod(tier_key(object.meta.ns, object.meta.name)); }
  void drop(const k8s::Service& object) { drop_service(tier_key(object.meta.ns, object.meta.name)); }
  void drop(const k8s::EndpointSlice& object) { drop_slice(tier_key(object.meta.ns, object.meta.name)); }
  // A watch was interrupted. The objects that were put and dropped since then amount to a complete list of this kind,
  // as of `resource_version`, except those that the guard withholds.
  template <class Object>
  void relisted(std::uint64_t resource_version) {
    relisted(watched_of<Object>, home_of<Object>, resource_version);
  }
  // The next such list shows an older state, since etcd was restored from a backup: no version of this kind from before
  // compares with a later one.
  template <class Object>
  void restored() {
    restored(home_of<Object>);
  }
  // The object exists and cannot be read: its last readable state stays in force. If there is none, as after a restart,
  // the config objects made for it are not deleted. For a Namespace without such a state, that means every config
  // object.
  void note_unreadable(const Subject& subject, std::string uid, std::string why) {
    parts_.unreadable.came(subject, std::move(uid), std::move(why));
  }
  // The object can be read again, or is deleted.
  void end_unreadable(const Subject& subject) { parts_.unreadable.over(subject); }
  // Whether some objects of a kind cannot even be named: then no config object made for any of that kind is deleted.
  void note_nameless(SubjectKind kind, bool any) { parts_.unreadable.set_nameless(kind, any); }
  // For the guard of the stores (k8s::Handler): how much depends on an object, as known now.
  template <class Object>
  k8s::Worth worth_of(const Object& known) const {
    return Worths(parts_.intent, parts_.table, parts_.binder).of(known);
  }
  std::size_t still_carried(const k8s::EndpointSlice& shown) const { return shown.endpoints.size(); }
  template <class Object>
  std::size_t still_carried(const Object& /*shown*/) const {
    return k8s::DeletionGuard::any;
  }
  // What lists have missed and the store has not reported as deleted.
  void withheld(Watched kind, const k8s::Withheld& now) { parts_.guard.withheld(kind, now); }
  // Applies the changes of the cluster; called after each batch of put and drop. Answers, polls and the end of an audit
  // do so by themselves, where they come in between.
  void settle(Time now);
  // Frees unused slots of the table; settle() does so from time to time.
  void free_unused_slots();

  // --- The config API's inventory
  // The owner in the owner annotations; called before the inventory is read.
  void set_owner(std::string owner) { parts_.binder.loader().set_owner(std::move(owner)); }
  // An object of a list, read no earlier than `mark` (see write_mark). Ignored if it was written since.
  void load(const contrail::Object& object, std::uint64_t mark);
  // An entry whose object is in a list and cannot be read: it exists, and stays as it was.
  void keep(SlotId id, std::uint64_t mark) { parts_.audit.keep(id, mark); }
  // The inventory is complete: entries that it did not show do not exist. The first time, all units are bound and
  // writes begin.
  void loaded(std::uint64_t mark, Time now);
  // The owner of the external network that the inventory found; nullopt: not found. Called before loaded().
  void see_external_network(const std::string& network, std::optional<Ownership> found);
  // Called before an inventory is read.
  std::uint64_t write_mark() {
    parts_.pace.audit_begins();
    return parts_.audit.begin();
  }
  // Whether an unowned virtual-machine with this uuid was made by the predecessor for a Pod that exists.
  bool wants_machine(const contrail::Uuid& uuid) const { return parts_.intent.pod_by_uid(uuid.text()) != nullptr; }
  // Any object of an inventory: counts addresses in use of ranges to be removed, and finds a duplicate cluster name.
  void count(const contrail::Object& object);
  // An audit has ended, other than the first inventory and those of streams.
  void audited(Time now);
  // To be called at the returned time again. Once each audit interval it looks again at what waits for other clients,
  // and for patches that no watch has shown. Until its first call, audited() does that.
  Time tick(Time now);
  bool running() const { return parts_.schedule.running(); }
  // Why it does not run although the inventory is complete, or stopped running: the configuration does not fit the
  // observed objects, or the cluster name is a duplicate. One sentence with the way out; nullopt: it may run.
  const std::optional<std::string>& refusal() const { return refusal_; }
  // Whether the reason is a duplicate cluster name.
  bool has_duplicate_cluster() const { return parts_.duplicate.found().has_value(); }

  // What the mass-deletion guard holds, by kind; empty: nothing. The second function returns the same as a sentence.
  std::vector<Guarded> guarded() const { return parts_.guard.guarded(); }
  std::string guard_in_words() const { return parts_.guard.in_words(); }
  // Whether all objects of a kind must be listed again, at once and over another connection: a start or an audit found
  // so many deletions that a second list must confirm them. Until relisted().
  bool awaits_list(Watched kind) const { return parts_.guard.awaits_list(kind); }
  // Why the deletion of an entry is held; empty: it is not held.
  std::string_view why_held(SlotId id) const { return knm::why_held(parts_.table[id], parts_.held, id); }

  // --- Notifications of the config API: DESIGN.md has the rules. For each stream: construct an Inventory(engine,
  // Inventory::From::stream) before the request is sent; add() the objects of its lists; finish(); watch_completed();
  // then pass its events on, and settle() and poll() after them as after other changes; watch_lost() when it ends. No
  // other inventory may be read between the construction and finish().
  //
  // All lists were complete, and finish() was called.
  void watch_completed();
  void watch_lost();
  // An event. Ignored while no stream is complete.
  void notify_changed(const contrail::Object& object, Time now);
  void notify_deleted(contrail::Type type, const contrail::Uuid& uuid, Time now);
  // By how much the pause between two audits is multiplied now.
  std::int64_t audit_factor() const;
  // Something waits for an audit: the next one is due after the usual pause, without that factor.
  bool wants_audit() const { return parts_.pace.wants_audit(); }
  bool watch_alive() const { return parts_.pace.is_alive(); }
  // Totals since the start: events by result; complete streams; differences that an audit found while a stream was
  // alive, and that no event had shown.
  const Notifications::Counts& notified() const { return parts_.notifications.counts(); }
  std::uint64_t watch_streams() const { return parts_.pace.streams(); }
  std::uint64_t watch_missed() const { return parts_.pace.missed(); }

  // --- Requests
  // The next request to send; nullopt: none now. To be called until it returns nullopt.
  std::optional<Job> poll(Time now);
  void answer(std::uint64_t job, const ConfigAnswer& answer, Time now);
  void answer(std::uint64_t job, const PatchAnswer& answer, Time now);
  // When poll() may return a request without an answer or a change before; nullopt: never.
  std::optional<Time> next_wakeup() const;
  // Whether nothing is in flight and no entry is due.
  bool idle() const { return in_flight_.empty() && parts_.schedule.idle(); }

  const Intent& intent() const { return parts_.intent; }
  const Table& table() const { return parts_.table; }
  const ProgressCounts& progress() const { return parts_.progress; }
  const Binder& binder() const { return parts_.binder; }
  // User requests that cannot be met now.
  const ProblemBook& problems() const { return parts_.notes.book(); }
  std::set<Subject> take_changed_problems() { return parts_.notes.book().take_changed(); }
  const Settings& settings() const { return parts_.settings; }
  std::size_t in_flight() const { return in_flight_.size(); }
  bool server_down() const { return parts_.schedule.is_down(TargetApi::config); }
  // Why the API server refuses all patches of a kind (TargetApi::pod_state, TargetApi::service_status); empty: it does
  // not.
  const std::string& writes_refused(TargetApi api) const { return parts_.patches.refused(api); }
  // The number of entries with a fight.
  std::size_t overwritten() const { return parts_.fights.count(parts_.schedule.now()); }

 private:
  // The target API of patches to objects of a kind; TargetApi::config: there are none.
  template <class Object>
  static constexpr TargetApi home_of = std::is_same_v<Object, k8s::Pod>       ? TargetApi::pod_state
                                       : std::is_same_v<Object, k8s::Service> ? TargetApi::service_status
                                                                              : TargetApi::config;

  void restored(TargetApi api);
  void relisted(Watched kind, TargetApi api, std::uint64_t resource_version);
  void catch_up(Time now);
  void begin(Time now);
  void look_around(Time now);
  std::optional<Job> poll(TargetApi api, std::size_t room, Time now);
  void review(SlotId id, Time now);
  bool connect_external_network(const std::string& network, std::optional<Ownership> found);
  void see_external_network_again(const InFlight& request);
  std::optional<Job> advance(SlotId id, Time now);
  std::optional<Job> take_step(SlotId id, Action& action, Time now);
  void wait(SlotId id, const Action& action);
  void make_room(SlotId id);
  void push_dependents_of_former();
  Job send(SlotId id, Action action, Time now);
  std::optional<InFlight> take(std::uint64_t job, Time now);

  Parts parts_;
  std::unordered_map<std::uint64_t, InFlight> in_flight_;  // by job
  std::uint64_t next_job_ = 1;
  std::optional<std::string> refusal_;
  Time looked_at_{0};                 // look_around()
  bool ticks_ = false;                // tick() was called
  bool freed_address_ = false;        // an event showed a public address that is free since the last settle()
  bool relisted_ = false;             // since the last settle()
  bool former_waits_ = false;         // a former object waits for what depends on it
  std::size_t free_slots_at_ = 1024;  // slots in use at which the next sweep runs
};

}  // namespace knm
