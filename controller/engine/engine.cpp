#include "controller/engine/engine.hpp"

#include <algorithm>
#include <utility>

namespace knm {
namespace {

using contrail::Type;

Settings without(Settings settings, const std::vector<std::string>& global_networks) {
  const std::set<std::string_view> left_out(global_networks.begin(), global_networks.end());
  std::erase_if(settings.global_network, [&](const auto& network) { return left_out.contains(network); });
  return settings;
}

// Patches go to another server, so they do not use the connections of the config API.
constexpr std::size_t patches_in_flight = 16;

}  // namespace

Parts::Parts(const Settings& given, std::uint64_t seed, std::function<void(const Report&)> report)
    : colliding(Names(given).colliding(given.global_network)),
      settings(without(given, colliding)),
      intent(settings),
      binder(settings, intent, table),
      reports(std::move(report)),
      progress(table),
      schedule(settings, seed, table, progress,
               [this, digest = RepeatedTextDigest()](SlotId id) mutable {
                 return digest.of(binder.bindings().project_of(id));
               }),
      pacing(settings, table),
      notes(settings, intent, table, binder, held, reports),
      unreadable(table, schedule, notes),
      fights(table, binder, pacing, schedule, notes, reports),
      waits(intent, table, reports),
      rebinder(intent, table, binder, schedule, pacing, notes, unreadable, fights, waits, reports),
      guard(settings, intent, table, binder, schedule, notes, reports),
      holds(settings, intent, table, binder, schedule, held, notes, unreadable, guard, reports),
      observed(table, binder, schedule, holds, rebinder),
      builder(intent, table, binder),
      answers(intent, table, binder, schedule, pacing, notes, holds, rebinder, observed, reports),
      patches(intent, table, binder, schedule, notes, fights, waits, rebinder, reports),
      patch_audit(intent, table, rebinder),
      leftovers(table, schedule),
      duplicate(settings, binder, reports),
      pace(settings.watched_audit_factor),
      echoes(schedule),
      audit(table, binder, schedule, fights, guard, holds, observed, leftovers, pace, echoes),
      reads(table, schedule, fights, guard, echoes, pace),
      notifications(intent, table, binder, schedule, observed, audit, echoes, reads) {
  intent.set_possession(
      [this](const Claimant& claimant, const auto& address) { return binder.possesses(claimant, address); });
}

Engine::Engine(const Settings& settings, std::uint64_t seed, std::function<void(const Report&)> report)
    : parts_(settings, seed, std::move(report)) {}

// --- Changes of the cluster

void Engine::restored(TargetApi api) {
  if (api == TargetApi::pod_state) parts_.intent.forget_pod_versions();
  if (api == TargetApi::service_status) parts_.intent.forget_service_versions();
  if (api != TargetApi::config) parts_.patch_audit.restored(api);
}

void Engine::relisted(Watched kind, TargetApi api, std::uint64_t resource_version) {
  if (!running()) return;
  relisted_ = true;
  parts_.guard.listed(kind);
  if (api != TargetApi::config) parts_.patch_audit.listed(api, resource_version);
}

// Requests and answers come after the watch events so far: no request may be made for a deleted Pod.
void Engine::catch_up(Time now) {
  if (!parts_.intent.is_settled() || relisted_ || freed_address_) settle(now);
}

void Engine::settle(Time now) {
  parts_.schedule.set_now(now);
  // The first inventory binds all units, and a standby may wait for it for months.
  freed_address_ = false;
  if (!running()) return parts_.intent.forget_changes();
  if (parts_.table.in_use() >= free_slots_at_) free_unused_slots();
  parts_.rebinder.settle(now);
  if (!std::exchange(relisted_, false)) return;
  parts_.patch_audit.repeat_undone(now);
  if (parts_.guard.is_ready_to_confirm()) parts_.guard.confirm();
  parts_.guard.review();
}

// Slots are reclaimed by mark and sweep. A sweep runs when twice as many are in use as after the last one, so that its
// cost is amortised.
void Engine::free_unused_slots() {
  std::vector<bool> needed(parts_.table.size());
  parts_.binder.bindings().mark_slots(needed);
  parts_.schedule.mark_needed(needed);
  parts_.guard.mark_needed(needed);
  parts_.audit.mark_needed(needed);
  parts_.echoes.mark_needed(needed);
  parts_.reads.mark_needed(needed);
  parts_.patch_audit.mark_needed(needed);
  for (const auto& [job, request] : in_flight_)
    for (const auto id : {request.slot, request.action.slot})
      if (id != no_slot) needed[id] = true;
  parts_.table.free_unused(std::move(needed), parts_.audit.since());
  constexpr std::size_t least = 1024;
  free_slots_at_ = std::max(least, 2 * parts_.table.in_use());
}

// --- Inventory

void Engine::see_external_network(const std::string& network, std::optional<Ownership> found) {
  // One that is gone is found as an entry.
  if (connect_external_network(network, found) && found) parts_.audit.note_finding();
}

// Returns whether that changed anything.
bool Engine::connect_external_network(const std::string& network, std::optional<Ownership> found) {
  // A network of this cluster is connected because of its tier, not because it exists.
  const bool exists = found == Ownership::unowned || found == Ownership::shared;
  const bool changed = parts_.intent.put_external_network(network, exists);
  if (changed)
    parts_.reports.tell(exists ? Report::Kind::external_network_found : Report::Kind::external_network_lost,
                        parts_.table.slot(Type::virtual_network, network));
  std::vector<Problem> problems;
  if (found == Ownership::foreign)
    problems.push_back(
        {"NetworkOfAnotherOwner", "the network " + network +
                                      " of the configuration has the owner annotations of another owner, so it is not "
                                      "connected; remove the owner annotations, or configure another network"});
  parts_.notes.note_cluster("network " + network, std::move(problems));
  return changed;
}

void Engine::count(const contrail::Object& object) {
  parts_.binder.loader().count(object);
  parts_.duplicate.look_at(object, running());
}

void Engine::load(const contrail::Object& object, std::uint64_t mark) {
  if (running())
    parts_.audit.load(object, mark);
  else
    parts_.audit.load_first(object, mark);
}

void Engine::loaded(std::uint64_t mark, Time now) {
  parts_.schedule.set_now(now);
  parts_.audit.end();
  if (parts_.duplicate.found()) {
    refusal_ = parts_.duplicate.found();
    return parts_.schedule.stop();
  }
  if (!running()) {
    parts_.audit.take_found();
    return begin(now);
  }
  catch_up(now);
  for (const auto id : parts_.audit.take_reborn()) parts_.rebinder.rebind_owner_of(id, now);
  parts_.audit.forget_unseen(mark, now);
  parts_.rebinder.rebind_retained(now);
  parts_.rebinder.bind_shared(now);
  parts_.rebinder.rebind_waiting_services(now);
  settle(now);
  parts_.guard.decide_arrivals();
  parts_.reads.forget_answered();
  parts_.pace.audited(parts_.audit.take_found());
}

// Neither rare audits nor streams that begin one after the other change how often this is done.
void Engine::look_around(Time now) {
  parts_.schedule.set_now(now);
  looked_at_ = now;
  if (!running()) return;
  catch_up(now);
  parts_.holds.look_again_at_occupied(now);
  parts_.holds.report_waiting();
  parts_.patch_audit.repeat_unseen(now);
}

void Engine::audited(Time now) {
  if (!ticks_) look_around(now);
}

Time Engine::tick(Time now) {
  ticks_ = true;
  const auto interval = Time(parts_.settings.audit_interval);
  if (now >= looked_at_ + interval) look_around(now);
  return looked_at_ + interval;
}

// The first inventory: everything is bound, and writes begin.
void Engine::begin(Time now) {
  auto& table = parts_.table;
  parts_.schedule.start();
  for (SlotId id = 0; id < table.size(); ++id) parts_.binder.loader().reclaim_rules(id);
  parts_.intent.settle();
  parts_.rebinder.bind_shared(now);
  for (const auto& network : parts_.colliding)
    parts_.notes.note_cluster(
        "global-network " + network,
        {{"GlobalNetworkNameCollision", "the policy of the global network " + network +
                                            " would have the same name as the policy of another global network, so the "
                                            "network is not connected; rename one of the two networks"}});
  parts_.rebinder.bind_all(now);
  // A Namespace with a foreign project uses nothing: that must be known before its turn in the queue comes.
  for (SlotId id = 0; id < table.size(); ++id)
    if (table[id].type() == Type::project && table[id].target_api() == TargetApi::config && table[id].is_desired() &&
        is_foreign(table[id]))
      advance(id, now);
  settle(now);
  refusal_ = parts_.binder.ranges().refuse();
  if (refusal_) return parts_.schedule.stop();
  parts_.guard.judge_start();
  parts_.holds.look_again_at_occupied(now);
  for (SlotId id = 0; id < table.size(); ++id) {
    parts_.audit.verify_before_replacing(id);
    parts_.schedule.push(id);
  }
}

// --- Notifications

void Engine::watch_completed() {
  if (!running()) return;
  parts_.table.index_uuids();
  parts_.pace.watch_completed();
}

void Engine::watch_lost() {
  parts_.pace.watch_lost();
  parts_.echoes.clear();
}

void Engine::notify_changed(const contrail::Object& object, Time now) {
  if (!running() || !watch_alive()) return;
  parts_.schedule.set_now(now);
  // Only an inventory decides that: it counts the objects that lie where this cluster writes.
  if (parts_.binder.owners().duplicate_cluster(object.annotations)) parts_.pace.want_audit();
  parts_.notifications.changed(object, now);
}

void Engine::notify_deleted(contrail::Type type, const contrail::Uuid& uuid, Time now) {
  if (!running() || !watch_alive()) return;
  parts_.schedule.set_now(now);
  const auto result = parts_.notifications.deleted(type, uuid, now);
  freed_address_ |= type == Type::floating_ip && result == Notified::taken;
}

// What occupies a deletion or an address may be an object that no event would show, and only an audit counts the
// addresses in use.
std::int64_t Engine::audit_factor() const {
  const bool waits = parts_.progress.held(DeletionHold::occupied) > 0 || !parts_.binder.ranges().pending().empty() ||
                     parts_.binder.load_balancers().has_unknown_holder();
  return waits ? 1 : parts_.pace.factor();
}

// --- Requests

std::optional<Job> Engine::poll(Time now) {
  parts_.schedule.set_now(now);
  if (!running()) return std::nullopt;
  catch_up(now);
  parts_.schedule.push_due();
  parts_.rebinder.rebind_cooled_down(now);
  const auto connections = static_cast<std::size_t>(parts_.settings.connections);
  if (auto job = poll(TargetApi::config, connections, now)) return job;
  // One walk for all of them, since a rebuilt cluster has former objects only.
  if (std::exchange(former_waits_, false)) {
    push_dependents_of_former();
    if (auto job = poll(TargetApi::config, connections, now)) return job;
  }
  for (const auto api : {TargetApi::pod_state, TargetApi::service_status})
    if (auto job = poll(api, patches_in_flight, now)) return job;
  return std::nullopt;
}

std::optional<Job> Engine::poll(TargetApi api, std::size_t room, Time now) {
  while (const auto id = parts_.schedule.next(api, room, now)) {
    auto job = advance(*id, now);
    if (!job) continue;
    parts_.schedule.end_turn(api);
    return job;
  }
  return std::nullopt;
}

// Ends troubles of the entry that time, or a change of another entry, has resolved.
void Engine::review(SlotId id, Time now) {
  if (!is_blocked(parts_.table, parts_.table[id]))
    if (const auto ns = parts_.notes.end_conflict(id)) parts_.rebinder.serve_namespace(*ns, true, now);
  parts_.reads.review(id, now);
  parts_.holds.review(id, now);
  parts_.fights.review(id, now);
  parts_.notes.note_closed(id);
}

// Does the entry's next step. Returns its request, if the step needs one.
std::optional<Job> Engine::advance(SlotId id, Time now) {
  review(id, now);
  auto action = next(parts_.table, id, now);
  wait(id, action);
  auto job = take_step(id, action, now);
  // A delay is no progress of its own: what comes after it counts.
  if (!job) parts_.progress.decided(id, action.step == Step::later ? next(parts_.table, id, Time::max()) : action);
  return job;
}

std::optional<Job> Engine::take_step(SlotId id, Action& action, Time now) {
  auto& entry = parts_.table[id];
  switch (action.step) {
    case Step::nothing:
      if (entry.is_in_flight()) return std::nullopt;  // the answer decides
      parts_.notes.end_refusal(id);
      entry.close_batch();  // the change that opened the window was undone
      entry.keep_place();
      return std::nullopt;
    case Step::wait_for:
      // An entry that waits for this one in turn may be able to go on without it.
      if (!is_coming(parts_.table, parts_.table[action.slot])) parts_.schedule.wake(id);
      return std::nullopt;
    case Step::wait_gone:
      make_room(id);
      return std::nullopt;
    case Step::hold:
      if (entry.is_desired()) parts_.schedule.wake(id);  // as for wait_for
      return std::nullopt;
    case Step::later:
      parts_.schedule.at(action.until, id);
      return std::nullopt;
    case Step::batch:
      entry.open_batch(now + parts_.pacing.batch_window_for(entry, action));
      parts_.schedule.at(entry.cold().batch_until, id);
      return std::nullopt;
    case Step::conflict:
      if (!entry.is_in_conflict()) {
        entry.conflict_began();
        parts_.reports.tell(Report::Kind::conflict, id);
        parts_.schedule.wake(id);
      }
      if (const auto ns = parts_.notes.note_conflict(id)) parts_.rebinder.serve_namespace(*ns, false, now);
      return std::nullopt;
    default:
      break;
  }
  if (parts_.settings.read_only && action.step != Step::verify) return std::nullopt;
  if (const auto until = parts_.pacing.not_before(id, action, now); until > now) {
    parts_.schedule.at(until, id);
    return std::nullopt;
  }
  return send(id, std::move(action), now);
}

void Engine::wait(SlotId id, const Action& action) {
  const auto add = [&](SlotId other) {
    if (other != no_slot) parts_.table.wait_for(other, id);
  };
  if (action.step == Step::wait_for) add(action.slot);
  for (const auto other : action.also_wait_for) add(other);
}

void Engine::push_dependents_of_former() {
  for (SlotId id = 0; id < parts_.table.size(); ++id)
    if (depends_on_former(parts_.table, parts_.table[id])) parts_.schedule.push(id);
}

// Schedules the entries that block the deletion of this one and that may not be scheduled otherwise.
void Engine::make_room(SlotId id) {
  const auto& entry = parts_.table[id];
  // The addresses of a former Pod's interface refer to its successor, by the same name.
  if (entry.is_desired() && entry.type() == Type::virtual_machine_interface)
    for (const auto address : parts_.binder.bindings().addresses_of(id)) {
      parts_.table[address].give_way();
      parts_.schedule.push(address);
    }
  // So do the objects of a new Pod or Service that was seen before the new Namespace: they lie in its former project.
  const bool is_lain_in =
      entry.type() == Type::project || entry.type() == Type::virtual_network || entry.type() == Type::floating_ip_pool;
  if (entry.is_desired() && is_lain_in && must_replace(entry)) former_waits_ = true;
  if (!entry.is_desired() && entry.type() == Type::project) parts_.leftovers.ask(id);
  if (entry.is_desired() && entry.type() == Type::project && parts_.guard.holds_any()) parts_.guard.blame(id);
  // So do the networks with the policy of a former Namespace.
  if (entry.is_desired() && entry.type() == Type::network_policy)
    parts_.schedule.push(parts_.binder.bodies().networks_of(id));
}

Job Engine::send(SlotId id, Action action, Time now) {
  auto& entry = parts_.table[id];
  InFlight request;
  request.slot = id;
  request.verification = entry.verification();
  request.ids = entry.desired_ids();
  request.since = now;
  Job job;
  job.id = next_job_++;
  const auto is_fought = [&] { return parts_.fights.is_often(id, now); };
  if (entry.target_api() == TargetApi::service_status)
    job.request = parts_.builder.status_for(id, is_fought(), request);
  else if (entry.target_api() == TargetApi::pod_state)
    job.request = parts_.builder.patch_for(id, action.step, is_fought(), request);
  else
    job.request = parts_.builder.request_for(id, action, request);
  request.uuid = action.step == Step::create ? request.ids.uuid : entry.uuid();
  if (parts_.pacing.sent(id, action, now)) parts_.schedule.count_removal(id, now);
  request.noisy = parts_.schedule.sent(entry.target_api());
  entry.sent();
  parts_.progress.changed(id);
  parts_.reports.tell(Report::Kind::request_sent, id, action.step);
  request.action = std::move(action);
  in_flight_.emplace(job.id, std::move(request));
  return job;
}

// The request of an answer; nullopt: it is not in flight.
std::optional<InFlight> Engine::take(std::uint64_t job, Time now) {
  parts_.schedule.set_now(now);
  catch_up(now);
  const auto at = in_flight_.find(job);
  if (at == in_flight_.end()) return std::nullopt;
  auto request = std::move(at->second);
  in_flight_.erase(at);
  auto& entry = parts_.table[request.slot];
  parts_.schedule.answered(entry.target_api(), request.noisy);
  entry.answered();
  parts_.progress.changed(request.slot);
  return request;
}

void Engine::answer(std::uint64_t job, const ConfigAnswer& answer, Time now) {
  const auto request = take(job, now);
  if (!request) return;
  parts_.reads.before_answer(*request);
  parts_.answers.handle(*request, answer, now);
  parts_.reads.after_answer(*request, now);
  // A foreign network refers to the policy: only an audit finds it.
  if (request->action.step == Step::remove && answer.sent == Sent::answered && answer.status == 409 &&
      parts_.table[request->slot].type() == Type::network_policy)
    parts_.pace.want_audit();
  see_external_network_again(*request);
}

// A network that the configuration names was read, perhaps because of an event.
void Engine::see_external_network_again(const InFlight& request) {
  const auto& entry = parts_.table[request.slot];
  if (request.action.step != Step::verify || entry.must_verify() || entry.type() != Type::virtual_network) return;
  const auto networks = parts_.intent.external_networks();
  const auto found = std::find(networks.begin(), networks.end(), entry.name().view());
  if (found == networks.end()) return;
  connect_external_network(*found, entry.exists() ? std::optional(entry.ownership()) : std::nullopt);
}

void Engine::answer(std::uint64_t job, const PatchAnswer& answer, Time now) {
  if (const auto request = take(job, now)) parts_.patches.handle(*request, answer, now);
}

std::optional<Time> Engine::next_wakeup() const {
  const auto scheduled = parts_.schedule.next_wakeup(), cooled_down = parts_.rebinder.next_cooled_down();
  return scheduled && cooled_down ? std::min(*scheduled, *cooled_down) : scheduled ? scheduled : cooled_down;
}

}  // namespace knm
