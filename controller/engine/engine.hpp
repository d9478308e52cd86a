#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "controller/bind/binder.hpp"
#include "controller/engine/breaker.hpp"
#include "controller/engine/conflicts.hpp"
#include "controller/engine/guard.hpp"
#include "controller/engine/holds.hpp"
#include "controller/engine/messages.hpp"
#include "controller/engine/pace.hpp"
#include "controller/engine/problem_book.hpp"
#include "controller/engine/work_queue.hpp"
#include "k8sclient/cache/store.hpp"

namespace knm {

// The whole controller but for its I/O: the cluster's objects go in, requests come out, answers go in. Deterministic
// for a seed; time is a parameter.
//
//   put/drop → Intent → bind → table → next → poll() → [I/O] → answer() → table → next → …
//
// Life: put what the cluster has; start() with the inventory loaded (see Inventory) binds everything, and only then
// does poll() give writes; from then on put/drop and answer() in any order. At most one request per entry is under way;
// whatever is asked again starts from the newest state.
class Engine {
 public:
  Engine(const Settings& settings, std::uint64_t seed, std::function<void(const Report&)> report = {});

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- The cluster
  // --------------------------------------------------------------------------------------------------------
  template <class Object>
  void put(const Object& object) {
    intent_.put(object);
  }
  void drop_namespace(const std::string& name) { intent_.drop_namespace(name); }
  void drop_pod(const ObjectKey& key) { intent_.drop_pod(key); }
  void drop_service(const ObjectKey& key) { intent_.drop_service(key); }
  void drop_slice(const ObjectKey& key) { intent_.drop_slice(key); }
  void drop(const k8s::Namespace& object) { drop_namespace(object.meta.name); }
  void drop(const k8s::Pod& object) { drop_pod(tier_key(object.meta.ns, object.meta.name)); }
  void drop(const k8s::Service& object) { drop_service(tier_key(object.meta.ns, object.meta.name)); }
  void drop(const k8s::EndpointSlice& object) { drop_slice(tier_key(object.meta.ns, object.meta.name)); }
  // A watch was interrupted, and what was put and dropped since is what a complete list of all objects of this kind
  // shows, as of `resource_version`, but for what the guard withholds.
  template <class Object>
  void relisted(std::uint64_t resource_version) {
    relisted(watched_of<Object>, home_of<Object>, resource_version);
  }
  // The object is there and cannot be read: what was put of it goes on counting. Where nothing was, as after a restart,
  // what was made for it before is not deleted. Of a Namespace without which nothing is known, that is everything.
  void note_unreadable(const Subject& subject, std::string uid, std::string why);
  // It can be read, or is gone.
  void end_unreadable(const Subject& subject);
  // Objects of a kind cannot be read and not even named, or none any longer: what was made for any is not deleted.
  void note_nameless(SubjectKind kind, bool there);
  // For the guard of the stores (k8s::Handler): what hangs on an object, as it is known now.
  k8s::Worth worth_of(const k8s::Namespace& known) const;
  k8s::Worth worth_of(const k8s::Pod& known) const;
  k8s::Worth worth_of(const k8s::Service& known) const;
  k8s::Worth worth_of(const k8s::EndpointSlice& known) const;
  std::size_t still_carried(const k8s::EndpointSlice& shown) const;
  template <class Object>
  std::size_t still_carried(const Object& /*shown*/) const {
    return k8s::DeletionGuard::any;
  }
  // What lists have missed and a store has not told.
  void withheld(Watched kind, const k8s::Withheld& now);
  // Makes of what was put what follows from it; after each batch of put and drop. Answers, polls and the end of an
  // audit do so by themselves, where they come in between.
  void settle(Time now);
  // Gives the table's slots that stand for nothing free; settle() does so now and then.
  void free_unused_slots();

  // --- The config API's inventory
  // ------------------------------------------------------------------------------------------- Says who signs; before
  // the inventory is read.
  void set_owner(std::string owner) { binder_.loader().set_owner(std::move(owner)); }
  // An object that a list brought, read no earlier than `mark` (see write_mark). Skipped where we wrote since.
  void load(const contrail::Object& object, std::uint64_t mark);
  // An entry whose object a list brought and nobody can read: it is there, and stays as it was.
  void keep(SlotId id, std::uint64_t mark);
  // The inventory is complete: entries that it did not show are not there. The first time, everything is bound and
  // writes begin.
  void loaded(std::uint64_t mark, Time now);
  // What an inventory found under the name of a network outside that the configuration names; before loaded().
  void see_outside(const std::string& network, std::optional<Ownership> found);
  // Taken before an inventory is read.
  std::uint64_t write_mark();
  // Whether a virtual-machine of this uuid, without a mark, is one that the predecessor made of a Pod.
  bool wants_machine(const contrail::Uuid& uuid) const { return intent_.pod_by_uid(uuid.text()) != nullptr; }
  // Whatever an inventory shows, be it none of our business: who has addresses of ranges that may go, and whether
  // another cluster of our name writes there.
  void count(const contrail::Object& object);
  bool running() const { return running_; }
  // Why it does not run though the inventory is complete, or not any longer: the configuration does not fit what is
  // there, or another cluster has our name. One sentence with the way out.
  const std::optional<std::string>& refusal() const { return refusal_; }
  // Whether it is for the other cluster.
  bool has_namesake() const { return namesake_.has_value(); }

  // What the guard against mass deletion holds, by kind; empty: nothing. And the sentence about it, as it is told.
  std::vector<Guarded> guarded() const;
  std::string guard_in_words() const;
  // Whether all objects of a kind must be listed once more, at once and over another connection: a start or an audit
  // found so much to be deleted that a second list has to say the same. Until relisted().
  bool awaits_list(Watched kind) const { return guard_.awaited.test(static_cast<std::size_t>(kind)); }
  // Why an entry is held; empty: it is not.
  std::string_view why_held(SlotId id) const;

  // --- Requests
  // ----------------------------------------------------------------------------------------------------------- The
  // next request to send; nullopt where there is none now. Ask until there is none.
  std::optional<Job> poll(Time now);
  void answer(std::uint64_t job, const ConfigAnswer& answer, Time now);
  void answer(std::uint64_t job, const PatchAnswer& answer, Time now);
  // When poll() may have something again by the passing of time alone; nullopt: only after an answer or a change.
  std::optional<Time> next_wakeup() const;
  // Nothing is under way and nothing waits but for others.
  bool idle() const;

  const Intent& intent() const { return intent_; }
  const Table& table() const { return table_; }
  const Binder& binder() const { return binder_; }
  // What cannot be honoured now, whoever found it out.
  const ProblemBook& problems() const { return problems_; }
  std::set<Subject> take_changed_problems() { return problems_.take_changed(); }
  const Settings& settings() const { return settings_; }
  std::size_t in_flight() const { return jobs_.size(); }
  bool server_down() const { return side(Home::config).breaker.open(); }
  // Why the API server takes none of our patches of a kind (Home::pod_state, Home::service_status); empty: it does.
  const std::string& writes_refused(Home home) const { return side(home).trouble; }
  // How many objects others write to again and again.
  std::size_t overwritten() const { return fights_.often(now_); }

 private:
  struct Flight {
    SlotId slot = no_slot;
    Action action;
    Verify verification = Verify::none;
    bool restless = false;  // its project was
    contrail::Uuid uuid;    // of the object
    // What was wanted when it was sent: until the answer is there, it may be a successor.
    Ids ids;
    bool signs_alone = false;  // the mark of a former cluster, and changes nothing else of it
    std::string object_uid;    // of the Pod or Service that is patched
    Atoms sent;
    Time since{0};
  };

  // An object of Kubernetes that cannot be read.
  struct Unread {
    std::string uid, why;
    bool known = false;  // something was put of it, which goes on counting
  };

  // What is asked of one server, or of one kind of object of the API server: what it refuses to one kind it may take of
  // the other.
  struct Side {
    explicit Side(const Settings& settings);
    WorkQueue queue;
    Breaker breaker;
    std::size_t in_flight = 0, restless_in_flight = 0;
    std::deque<SlotId> felled;  // whose requests failed for what the server is; the first failed first
    std::string trouble;        // of the API server: why it takes nothing
    Time told_at{0};            // when that was said last
  };

  // What we write to objects of a kind; Home::config: nothing.
  template <class Object>
  static constexpr Home home_of = std::is_same_v<Object, k8s::Pod>       ? Home::pod_state
                                  : std::is_same_v<Object, k8s::Service> ? Home::service_status
                                                                         : Home::config;

  void relisted(Watched kind, Home home, std::uint64_t resource_version);
  void end_relist(Time now);
  void catch_up(Time now);
  void enqueue(SlotId id);
  void enqueue(const std::vector<SlotId>& ids);
  void wake(SlotId id);
  // `moved_users`: of a unit of which nothing else has changed (Intent::moved_users). `same_objects`: of a Pod of which
  // only the rest has (Intent::has_same_objects).
  void bind(const Unit& unit, Time now, const std::set<TierKey>* moved_users = nullptr, bool same_objects = false);
  void ask_predecessors(const auto& pods);  // names of Pods, by key
  void note_problems(const Unit& unit);
  void note_address(const ObjectKey& key);
  void begin_trouble(Conflicts& conflicts, SlotId id, const Subject& subject, Problem problem);
  std::optional<Subject> end_trouble(Conflicts& conflicts, SlotId id);
  void review_trouble(const Conflicts& conflicts, const Subject& subject);
  void note_conflict(SlotId id, Time now);
  void end_conflict(SlotId id, Time now);
  void note_refusal(SlotId id, std::string said, bool address_is_taken = false);
  void note_patch_refusal(SlotId id, PatchResult result, const std::string& said);
  void note_overwritten(SlotId id, const std::string& writer, Time now);
  void review_overwritten(SlotId id, Time now);
  void end_refusal(SlotId id);
  void note_stuck(SlotId interface, const std::string& strangers);
  void serve_namespace(const std::string& name, bool serve, Time now);
  std::string_view uid_of(const Subject& subject) const;
  void await_network(const ObjectKey& key, Time now);
  void tell_network(SlotId id, Time now);
  void begin(Time now);
  void rebind_outliving(Time now);
  void rebind_outsides_in(std::string_view project, Time now);
  void bind_shared(Time now);
  void note_retained(const TierKey& tier);
  void note_left_out(const Unit& unit);
  bool note_of_cluster(std::string_view source, std::vector<Problem> problems);
  void note_closed(SlotId id);
  void rebind_owner_of(SlotId id, Time now);
  Side& side(Home home) { return sides_[static_cast<std::size_t>(home)]; }
  const Side& side(Home home) const { return sides_[static_cast<std::size_t>(home)]; }
  std::optional<Job> try_side(Home home, std::size_t room, Time now);
  std::optional<Flight> land(std::uint64_t job, Time now);
  double jitter();
  bool count_answer(Side& side, SlotId id, bool is_down, Time now);
  void recover(Side& side, Time now);
  bool probe_with_felled(Side& side, Time now);
  std::optional<Job> advance(SlotId id, Time now);
  void wait(SlotId id, const Action& action);
  void ask(const std::vector<SlotId>& changed, Time now);
  Time paced_until(SlotId id, const Action& action, Time now) const;
  void note_pace(SlotId id, const Action& action, Time now);
  void be_patient(SlotId id, Time now);
  Time count_search(const Unit& unit, Time now);
  void pause_search(SlotId id, Time until);
  Job fly(SlotId id, Action action, Time now);
  contrail::Request request_for(SlotId id, const Action& action, Flight& flight);
  contrail::Object available(contrail::Object object) const;
  contrail::Object as_named(contrail::Object object) const;
  Atoms atoms_sent(const Entry& entry, const contrail::Object& object) const;
  PodPatch patch_for(SlotId id, Step step, Flight& flight) const;
  StatusPatch status_for(SlotId id, Flight& flight) const;
  void rebind_waiting_services(Time now);

  void review_hold(SlotId id, Time now);
  void tell_unreadable(const Subject& subject);
  void count_unreadable(const Subject& subject, const Unread& unread, bool more);
  bool is_of_unreadable(const Entry& entry) const;
  void look_again_at_unreadable();
  void end_hold(SlotId id);
  void hold_unexplained(SlotId id, const contrail::Object& object);
  std::vector<std::uint64_t> references_to_go(const Entry& entry) const;
  void keep_references(SlotId id, const std::vector<std::uint64_t>& keys);
  void release_references(SlotId id, const std::vector<std::uint64_t>& keys);
  void review_kept(SlotId id);
  std::unordered_set<std::uint64_t> completed_pods() const;
  std::vector<Guarded> weigh(const Finding& finding, k8s::DeletionGuard::Level& level) const;
  void judge(Finding finding, bool confirmed);
  void let_go(const Finding& finding);
  void guard_start();
  void note_brought(SlotId id, const Atoms& before, const contrail::Object& object);
  void decide_arrivals();
  void confirm_deletions();
  void review_guard();
  void tell_guard();
  void hold_occupied(SlotId id, const std::string& strangers);
  void look_again_at_occupied(Time now);
  void tell_kept(const std::map<SlotId, SlotId>& kept);
  void blame(SlotId id, const std::optional<Subject>& subject, Problem problem);
  std::optional<Subject> subject_of_mark(const contrail::Object& object) const;
  void ask_leftovers(SlotId project);
  void blame_guard(SlotId project);
  void looked_into(SlotId id, const ConfigAnswer& answer, Time now);
  void tell_drift(SlotId id, Drift drift, std::string text, Time now);
  void bind_text(const Unit& unit, Time now, bool same_objects);
  void read_once(SlotId id);
  void repeat_unseen(Time now);
  std::uint64_t version_shown(const Entry& entry) const;

  ConfigAnswer confirmed(const Flight& flight, const ConfigAnswer& answer) const;
  void written(SlotId id, const Flight& flight, Time now);
  void refused(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now);
  void looked_up(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now);
  void found(SlotId id, const contrail::Object& object, Time now);
  void not_found(SlotId id, Time now);
  void fail(SlotId id, std::string error, Time now);
  void count_patch(Home home, SlotId id, const PatchAnswer& answer, Time now);
  void set_observed(SlotId id, bool exists, Atoms atoms, Time now);
  void doubt_dependencies(SlotId id);
  Time batch_window_for(const Entry& entry, const Action& action) const;
  void tell(Report::Kind kind, SlotId id, Step step = Step::nothing, int status = 0, std::string text = {},
            Time duration = Time{0}) const;

  std::vector<std::string> colliding_;  // global networks that are not connected
  Settings settings_;                   // without these
  Intent intent_;
  Table table_;
  Binder binder_;
  ProblemBook problems_;
  Conflicts conflicts_{"conflict"};
  Conflicts refusals_{"refusal"};         // what the server has refused again and again, or would
  Conflicts overwritten_{"overwritten"};  // what others write to again and again
  std::array<Side, 3> sides_;             // by Home
  std::mt19937_64 random_;
  std::function<void(const Report&)> report_;
  bool running_ = false;
  std::optional<std::string> refusal_;
  std::uint64_t epoch_ = 1;
  std::uint64_t next_job_ = 1;
  std::unordered_map<std::uint64_t, Flight> jobs_;
  Time now_{0};                             // the last that was told
  Pace churn_;                              // what we take away and make again
  Restless restless_;                       // projects of which much is taken away
  Pace fights_;                             // what others take away or write to
  Pace impatience_;                         // what changes while it is refused
  Pace searches_;                           // units whose choices of an address are refused
  std::map<SlotId, std::uint64_t> unseen_;  // patches (Entry::told) that the last audit found no watch to have shown
  std::map<SlotId, std::uint32_t> failed_creates_;  // of floating IPs, answered by a 500: how often in a row
  std::set<std::pair<Time, SlotId>> timers_;
  std::vector<SlotId> reborn_;  // that a running audit found with another uuid
  bool relisted_ = false;       // since the last settle()
  std::vector<SlotId> reread_;  // what we wrote to Kubernetes, and a later list shows without
  // Pods whose network is not there yet: for a while all of them.
  boost::unordered_flat_map<ObjectName, Time, TextHash, SameText> first_seen_;
  std::optional<std::string> namesake_;  // the sentence about it
  GuardState guard_;
  std::set<SlotId> unmarked_policies_;  // those that may be leftovers
  Holds holds_;
  std::map<Subject, Unread> unreadable_;
  std::map<std::uint64_t, std::size_t> unread_ids_;  // identities of unknown ones, and how many have it
  std::size_t unread_any_ = 0;                       // unknown ones that all may belong to
  std::set<SubjectKind> nameless_;
  std::set<SlotId> held_unread_;                      // that may have DeletionHold::unreadable
  Conflicts held_{"held"};                            // holds that a Kubernetes object is to blame for
  std::set<TierKey> retained_;                        // of which it was told
  std::set<RangeChanges::Pending> pending_ranges_;    // likewise
  std::uint64_t auditing_since_ = ~std::uint64_t{0};  // the mark of the inventory that is being read
  std::size_t free_slots_at_ = 1024;  // entries in use that make it worth looking for those that are not
};

}  // namespace knm
