#include "controller/engine/engine.hpp"

#include <algorithm>

namespace knm {
namespace {

using contrail::Type;

Settings without(Settings settings, const std::vector<std::string>& global_networks) {
  const std::set<std::string_view> left_out(global_networks.begin(), global_networks.end());
  std::erase_if(settings.global_network, [&](const auto& network) { return left_out.contains(network); });
  return settings;
}

// Patches go to another server, so they do not take part in the config API's connections.
constexpr std::size_t patches_in_flight = 16;

// A server that is down is asked again after this time at the latest: what waits for it has waited long enough.
constexpr std::chrono::milliseconds longest_probe{5'000};

using std::chrono::milliseconds, std::chrono::seconds, std::chrono::minutes;
constexpr Pace::Limits churn_limits{4, milliseconds(250), seconds(8), minutes(1)};
constexpr Pace::Limits fight_limits{3, seconds(1), minutes(1), minutes(10)};
constexpr Pace::Limits impatience_limits{3, milliseconds(500), seconds(30), minutes(5)};
constexpr Pace::Limits search_limits{8, seconds(1), seconds(30), minutes(5)};
// So much is taken away at once by what is not restless, and one thing more in this time.
constexpr std::uint32_t restless_brim = 50;
constexpr milliseconds restless_leak{200};

}  // namespace

Engine::Side::Side(const Settings& settings)
    : breaker(settings.retry_delay, std::min(settings.retry_delay_max, longest_probe)) {}

Engine::Engine(const Settings& settings, std::uint64_t seed, std::function<void(const Report&)> report)
    : colliding_(Names(settings).colliding(settings.global_network)),
      settings_(without(settings, colliding_)),
      intent_(settings_),
      binder_(settings_, intent_, table_),
      sides_{Side(settings), Side(settings), Side(settings)},
      random_(seed),
      report_(std::move(report)),
      churn_(churn_limits),
      restless_(restless_brim, restless_leak),
      fights_(fight_limits),
      impatience_(impatience_limits),
      searches_(search_limits) {
  intent_.set_possession(
      [this](const Claimant& claimant, const auto& address) { return binder_.possesses(claimant, address); });
}

void Engine::tell(Report::Kind kind, SlotId id, Step step, int status, std::string text, Time duration) const {
  if (report_) report_({kind, id, step, status, duration, std::move(text)});
}

// --- Changes
// ----------------------------------------------------------------------------------------------------------------

void Engine::enqueue(SlotId id) {
  auto& entry = table_[id];
  if (entry.is_queued() || !running_) return;
  entry.queued();
  const auto project = text_digest(binder_.bindings().project_of(id));
  side(entry.home()).queue.push(id, project, !restless_.empty() && restless_.is(project, now_));
}

void Engine::enqueue(const std::vector<SlotId>& ids) {
  for (const auto id : ids) enqueue(id);
}

void Engine::wake(SlotId id) {
  for (const auto waiter : table_.take_waiters(id)) enqueue(waiter);
}

void Engine::bind(const Unit& unit, Time now, const std::set<TierKey>* moved_users, bool same_objects) {
  note_problems(unit);
  if (unit.kind == UnitKind::pod || unit.kind == UnitKind::service)
    bind_text(unit, now, same_objects);
  else if (moved_users)
    ask(binder_.bind_users(unit, *moved_users, now), now);
  else
    ask(binder_.bind(unit, now), now);
  note_left_out(unit);
  if (const auto* service = unit.kind == UnitKind::service ? intent_.service(unit.key) : nullptr)
    problems_.set({SubjectKind::service, unit.key}, service->uid, "load-balancer",
                  binder_.load_balancers().of(unit.key).problems);
  if (unit.kind == UnitKind::service_tier) note_retained(unit.key);
  if (unit.kind == UnitKind::service) {
    if (const auto* service = intent_.service(unit.key)) ask_predecessors(service->all_backends());
    for (const auto& other : binder_.take_services_to_rebind()) bind({UnitKind::service, other}, now);
  }
  if (unit.kind != UnitKind::pod) return;
  await_network(unit.key, now);
  note_address(unit.key);
}

// A policy that does not name all that it should.
void Engine::note_left_out(const Unit& unit) {
  const auto count = binder_.policies().left_out(unit);
  std::vector<Problem> problems;
  if (count > 0)
    problems.push_back(
        {"PolicyTooBig", "the policy of " + unit.key + " leaves out " + std::to_string(count) +
                             " connections, because the size of its rules is limited by policy-size-limit (" +
                             std::to_string(settings_.policy_size_limit) +
                             " bytes); put the Pods that use it into fewer tiers"});
  if (unit.kind == UnitKind::outside) return void(note_of_cluster("policy " + unit.key, std::move(problems)));
  if (unit.kind != UnitKind::service_tier) return;
  if (const auto* ns = intent_.ns(ns_of(unit.key)))
    problems_.set({SubjectKind::ns, ns->name}, ns->uid, "policy " + unit.key, std::move(problems));
}

// Said of what names the cluster: the Namespace kube-system. Whether that is news.
bool Engine::note_of_cluster(std::string_view source, std::vector<Problem> problems) {
  const auto* ns = intent_.ns("kube-system");
  return ns && problems_.set({SubjectKind::ns, ns->name}, ns->uid, source, std::move(problems));
}

// Whether the network of a tier without Services is wanted follows from its being there; so does what becomes of its
// project.
void Engine::rebind_outliving(Time now) {
  for (const auto& tier : binder_.loader().retained_tiers()) {
    bind({UnitKind::service_tier, tier}, now);
    enqueue(table_.slot(Type::project, binder_.names().project(ns_of(tier))));
  }
}

// Whose a project is decides on whom the policies of the networks outside that lie in it depend.
void Engine::rebind_outsides_in(std::string_view project, Time now) {
  for (const auto& network : intent_.keys(UnitKind::outside))
    if (contrail::parent_of(binder_.names().global_policy(network)) == project) bind({UnitKind::outside, network}, now);
}

// What the shared networks are to have was read or written.
void Engine::bind_shared(Time now) {
  const bool other_addresses = binder_.plan_shared();
  ask(binder_.bind_shared(), now);
  if (other_addresses)
    for (const auto& key : intent_.keys(UnitKind::service))
      if (const auto* service = intent_.service(key);
          !service->external_addresses.empty() || service->wants_load_balancer)
        bind({UnitKind::service, key}, now);
  auto pending = binder_.ranges().pending();
  for (const auto& range : pending)
    if (!pending_ranges_.contains(range))
      tell(range.coming ? Report::Kind::range_blocked : Report::Kind::range_stays,
           table_.find(Type::virtual_network, range.network), Step::nothing, 0, range.cidr.text());
  pending_ranges_ = std::move(pending);
}

void Engine::note_retained(const TierKey& tier) {
  const auto network = binder_.loader().retained(tier);
  if (network == no_slot)
    retained_.erase(tier);
  else if (retained_.insert(tier).second)
    tell(Report::Kind::retained, network, Step::nothing, 0, tier);
}

// Asks those again that a unit changed.
void Engine::ask(const std::vector<SlotId>& changed, Time now) {
  for (const auto id : changed) {
    const auto& entry = table_[id];
    be_patient(id, now);
    enqueue(id);
    wake(id);
    if (!entry.is_desired() && !entry.exists()) binder_.loader().gone(id, now);
  }
}

// Whoever begins to want a Pod while its predecessor's interface is still to go holds that one from going, and does not
// notice: the interface must ask again.
void Engine::ask_predecessors(const auto& pods) {
  for (const auto& pod : pods) {
    const auto id = table_.find(Type::virtual_machine_interface, binder_.names().interface(ns_of(pod), name_of(pod)));
    if (id != no_slot && table_[id].exists() && table_[id].is_desired() && !is_in_place(table_[id])) enqueue(id);
  }
}

// What is bound follows what the watches have shown: a request must not be made for a Pod that is gone.
void Engine::catch_up(Time now) {
  if (!intent_.is_settled() || relisted_) settle(now);
}

void Engine::settle(Time now) {
  now_ = now;
  if (!running_) return;
  // Twice as many as were needed the last time: so that all of it costs no more than what made them so many.
  if (table_.in_use() >= free_slots_at_) free_unused_slots();
  for (const auto& unit : intent_.settle()) {
    const auto* moved = unit.kind == UnitKind::service ? intent_.moved_backends(unit.key) : nullptr;
    if (moved)
      note_problems(unit), ask(binder_.bind_backends(unit.key, *moved), now), ask_predecessors(*moved);
    else
      bind(unit, now, intent_.moved_users(unit), unit.kind == UnitKind::pod && intent_.has_same_objects(unit.key));
    if (unit.kind != UnitKind::ns) continue;
    // Everything in a Namespace carries its UID.
    for (const auto kind : {UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod})
      for (const auto& key : intent_.keys_in(kind, unit.key)) bind({kind, key}, now);
    for (const auto& tier : binder_.loader().retained_tiers())
      if (ns_of(tier) == unit.key) bind({UnitKind::service_tier, tier}, now);
    for (const auto& network : intent_.keys(UnitKind::outside)) bind({UnitKind::outside, network}, now);
  }
  if (binder_.take_rebind_waiting()) rebind_waiting_services(now);
  if (relisted_) end_relist(now);
}

// An address may have come free for those that found none, or not the one that they asked for.
void Engine::rebind_waiting_services(Time now) {
  for (const auto& key : std::set<ObjectKey>(binder_.load_balancers().waiting())) bind({UnitKind::service, key}, now);
  binder_.take_rebind_waiting();
}

void Engine::free_unused_slots() {
  std::vector<bool> needed(table_.size());
  binder_.bindings().mark_slots(needed);
  for (const auto& [time, id] : timers_) needed[id] = true;
  for (const auto id : reborn_) needed[id] = true;
  for (const auto id : reread_) needed[id] = true;
  for (const auto& side : sides_)
    for (const auto id : side.felled) needed[id] = true;
  for (const auto* finding : {&guard_.unconfirmed, &guard_.arrived}) {
    for (const auto id : finding->doomed) needed[id] = true;
    for (const auto& [id, keys] : finding->references) needed[id] = true;
  }
  for (const auto& [job, flight] : jobs_)
    for (const auto id : {flight.slot, flight.action.slot})
      if (id != no_slot) needed[id] = true;
  table_.free_unused(std::move(needed), auditing_since_);
  constexpr std::size_t least = 1024;
  free_slots_at_ = std::max(least, 2 * table_.in_use());
}

// --- Requests
// ---------------------------------------------------------------------------------------------------------------

std::optional<Job> Engine::poll(Time now) {
  now_ = now;
  if (!running_) return std::nullopt;
  catch_up(now);
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    enqueue(id);
  }
  if (const auto rested = binder_.addresses().next_cooled_down(); rested && *rested <= now)
    for (const auto& key : std::set<ObjectKey>(binder_.addresses().without_address())) bind({UnitKind::pod, key}, now);
  if (const auto rested = binder_.load_balancers().next_cooled_down(); rested && *rested <= now)
    rebind_waiting_services(now);
  if (auto job = try_side(Home::config, static_cast<std::size_t>(settings_.connections), now)) return job;
  for (const auto home : {Home::pod_state, Home::service_status})
    if (auto job = try_side(home, patches_in_flight, now)) return job;
  return std::nullopt;
}

std::optional<Job> Engine::try_side(Home home, std::size_t room, Time now) {
  auto& side = this->side(home);
  if (side.in_flight >= room || !side.breaker.permits(now, side.in_flight)) return std::nullopt;
  // Some connections are kept from the projects that have most to do.
  const bool restless_too = side.restless_in_flight < std::max<std::size_t>(1, room * 3 / 4);
  do {
    while (const auto id = side.queue.pop(restless_too)) {
      table_[*id].dequeued();
      auto job = advance(*id, now);
      if (!job) continue;
      side.queue.end_turn();
      return job;
    }
  } while (side.breaker.open() && probe_with_felled(side, now));
  return std::nullopt;
}

std::optional<Job> Engine::advance(SlotId id, Time now) {
  if (!is_blocked(table_, table_[id])) end_conflict(id, now);
  review_hold(id, now);
  review_overwritten(id, now);
  note_closed(id);
  auto action = next(table_, id, now);
  auto& entry = table_[id];
  wait(id, action);
  switch (action.step) {
    case Step::nothing:
      if (entry.is_in_flight()) return std::nullopt;  // there is nothing to say before the answer
      end_refusal(id);
      entry.close_batch();  // what a window was opened for was taken back
      entry.keep_place();
      return std::nullopt;
    case Step::wait_for:
      // Whoever waits for this one in turn may be able to do without it.
      if (!is_coming(table_, table_[action.slot])) wake(id);
      return std::nullopt;
    case Step::wait_gone:
      // Those that hold a former Pod's interface want its successor, by the same name: they do not notice.
      if (entry.is_desired() && entry.type() == Type::virtual_machine_interface)
        for (const auto address : binder_.bindings().addresses_of(id)) {
          table_[address].give_way();
          enqueue(address);
        }
      if (!entry.is_desired() && entry.type() == Type::project) ask_leftovers(id);
      if (entry.is_desired() && entry.type() == Type::project && !guard_.found.empty()) blame_guard(id);
      // Likewise those that the policy of a former Namespace is attached to.
      if (entry.is_desired() && entry.type() == Type::network_policy) enqueue(binder_.bodies().networks_of(id));
      return std::nullopt;
    case Step::hold:
      if (entry.is_desired()) wake(id);  // who waits for it may be able to do without it
      return std::nullopt;
    case Step::later:
      timers_.emplace(action.until, id);
      return std::nullopt;
    case Step::batch:
      entry.open_batch(now + batch_window_for(entry, action));
      timers_.emplace(entry.cold().batch_until, id);
      return std::nullopt;
    case Step::conflict:
      if (!entry.is_in_conflict()) {
        entry.conflict_began();
        tell(Report::Kind::conflict, id);
        wake(id);
      }
      note_conflict(id, now);
      return std::nullopt;
    default:
      break;
  }
  if (settings_.read_only && action.step != Step::look_up) return std::nullopt;
  if (const auto until = paced_until(id, action, now); until > now) {
    timers_.emplace(until, id);
    return std::nullopt;
  }
  return fly(id, std::move(action), now);
}

void Engine::wait(SlotId id, const Action& action) {
  const auto add = [&](SlotId other) {
    if (other != no_slot) table_.wait_for(other, id);
  };
  if (action.step == Step::wait_for) add(action.slot);
  for (const auto other : action.also_wait_for) add(other);
}

Job Engine::fly(SlotId id, Action action, Time now) {
  auto& entry = table_[id];
  Flight flight;
  flight.slot = id;
  flight.verification = entry.verification();
  flight.restless = side(entry.home()).queue.is_restless();
  flight.ids = entry.desired_ids();
  flight.since = now;
  Job job;
  job.id = next_job_++;
  if (entry.home() == Home::service_status) {
    job.request = status_for(id, flight);
  } else if (entry.home() == Home::pod_state) {
    job.request = patch_for(id, action.step, flight);
  } else {
    job.request = request_for(id, action, flight);
  }
  flight.uuid = action.step == Step::create ? flight.ids.uuid : entry.uuid();
  note_pace(id, action, now);
  ++side(entry.home()).in_flight;
  side(entry.home()).restless_in_flight += flight.restless;
  entry.sent();
  tell(Report::Kind::request_sent, id, action.step);
  flight.action = std::move(action);
  jobs_.emplace(job.id, std::move(flight));
  return job;
}

std::optional<Time> Engine::next_wakeup() const {
  std::optional<Time> out;
  const auto consider = [&](std::optional<Time> time) {
    if (time && (!out || *time < *out)) out = time;
  };
  if (!timers_.empty()) consider(timers_.begin()->first);
  // With a request under way its answer wakes us: a probe is due only after it.
  for (const auto& side : sides_)
    if (side.in_flight == 0 && !(side.queue.empty() && side.felled.empty())) consider(side.breaker.probe_at());
  if (!binder_.addresses().without_address().empty()) consider(binder_.addresses().next_cooled_down());
  if (!binder_.load_balancers().waiting().empty()) consider(binder_.load_balancers().next_cooled_down());
  return out;
}

bool Engine::idle() const {
  const bool queued = std::any_of(sides_.begin(), sides_.end(), [](const auto& side) { return !side.queue.empty(); });
  return jobs_.empty() && timers_.empty() && !queued;
}

}  // namespace knm
