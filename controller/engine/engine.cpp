#include "controller/engine/engine.hpp"

#include <algorithm>

namespace knm {
namespace {

using contrail::Field;
using contrail::Object;
using contrail::Type;

// Patches of Pods go to another server, so they do not take part in the config API's connections.
constexpr std::size_t patches_in_flight = 16;

bool is_success(const ConfigAnswer& answer) { return answer.sent == Sent::answered && answer.status / 100 == 2; }

// The failures that say nothing about the request itself.
bool is_server_down(const ConfigAnswer& answer) {
  return answer.sent != Sent::answered || answer.status == 502 || answer.status == 503 || answer.status == 504;
}

std::string reason_of(const ConfigAnswer& answer) {
  if (answer.sent != Sent::answered) return answer.error;
  constexpr std::size_t limit = 300;
  return "HTTP " + std::to_string(answer.status) + (answer.body.empty() ? "" : ": " + answer.body.substr(0, limit));
}

bool is_field(const Atom& atom, const std::vector<Field>& fields) {
  return std::find(fields.begin(), fields.end(), atom.field()) != fields.end();
}

// The atom by which an entry is referred to in a field of another.
std::uint64_t reference_key(Field field, const Entry& target) {
  return (static_cast<std::uint64_t>(field) << 56) | name_hash(target_of(field), target.name);
}

const Atom* find_atom(const Atoms& atoms, std::uint64_t key) { return atoms.find(key); }

// Those of the fields.
Atoms only(Atoms atoms, const std::vector<Field>& fields) {
  atoms.erase_if([&](const Atom& atom) { return !is_field(atom, fields); });
  return atoms;
}

}  // namespace

Engine::Engine(const Settings& settings, std::uint64_t seed, std::function<void(const Report&)> report)
    : settings_(settings),
      intent_(settings_),
      binder_(settings_, intent_, table_),
      breaker_(settings.retry_delay, settings.retry_delay_max),
      random_(seed),
      report_(std::move(report)) {}

void Engine::tell(Report::Kind kind, SlotId id, Step step, int status, std::string text, Time duration) const {
  if (report_) report_({kind, id, step, status, duration, std::move(text)});
}

// --- Changes
// ----------------------------------------------------------------------------------------------------------------

void Engine::enqueue(SlotId id) {
  auto& entry = table_[id];
  if (entry.queued || !running_) return;
  entry.queued = true;
  (entry.home == Home::config ? config_queue_ : kube_queue_).push_back(id);
}

void Engine::enqueue(const std::vector<SlotId>& ids) {
  for (const auto id : ids) enqueue(id);
}

void Engine::wake(SlotId id) {
  for (const auto waiter : std::exchange(table_[id].waiters, {})) enqueue(waiter);
}

void Engine::bind(const Unit& unit, Time now) {
  if (unit.kind == UnitKind::pod) {
    if (const auto* pod = intent_.pod(unit.key); pod && pod->networked && !pod->state)
      first_seen_.try_emplace(unit.key, now);
    else
      first_seen_.erase(unit.key);
  }
  ask(binder_.bind(unit, now), now);
}

// Asks those again that a unit changed.
void Engine::ask(const std::vector<SlotId>& changed, Time now) {
  for (const auto id : changed) {
    auto& entry = table_[id];
    // What is asked for now may work where the former did not.
    entry.attempts = 0;
    entry.not_before = Time{0};
    enqueue(id);
    wake(id);
    if (!entry.wanted && !entry.exists) binder_.gone(id, now);
  }
}

void Engine::settle(Time now) {
  if (!running_) return;
  for (const auto& unit : intent_.settle()) {
    const auto* moved = unit.kind == UnitKind::service ? intent_.moved_backends(unit.key) : nullptr;
    if (moved)
      ask(binder_.bind_backends(unit.key, *moved), now);
    else
      bind(unit, now);
    if (unit.kind != UnitKind::ns) continue;
    // Everything in a Namespace carries its UID.
    for (const auto kind : {UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod})
      for (const auto& key : intent_.keys_in(kind, unit.key)) bind({kind, key}, now);
  }
}

void Engine::load(const Object& object, std::uint64_t mark) {
  if (const auto known = table_.find(object.type, object.fq_name); known != no_slot) {
    const auto& entry = table_[known];
    if (entry.in_flight || entry.written >= mark) return;
  }
  const auto known = table_.find(object.type, object.fq_name);
  const bool audit = running_ && known != no_slot;
  const auto before = audit ? table_[known].have : Atoms{};
  const auto held = audit ? table_[known].holds : std::vector<SlotId>{};
  const bool reborn = audit && table_[known].uuid != object.uuid;
  const auto id = binder_.load(object);
  auto& entry = table_[id];
  entry.seen = mark;
  entry.look = Look::none;
  entry.name_taken = false;
  if (!running_) return;
  if (reborn) reborn_.push_back(id);
  if (audit && before != entry.have) tell(Report::Kind::drift, id, Step::nothing, 0, "changed");
  for (const auto other : held) enqueue(other);
  enqueue(id);
}

void Engine::loaded(std::uint64_t mark, Time now) {
  if (!running_) {
    running_ = true;
    for (const auto id : binder_.bind_shared()) enqueue(id);
    intent_.settle();
    for (const auto kind : {UnitKind::ns, UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod})
      for (const auto& key : intent_.keys(kind)) bind({kind, key}, now);
    for (SlotId id = 0; id < table_.size(); ++id) enqueue(id);
    return;
  }
  for (const auto id : std::exchange(reborn_, {})) rebind_owner_of(id, now);
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.home != Home::config || !entry.exists || entry.in_flight || entry.seen >= mark || entry.written >= mark)
      continue;
    if (entry.ownership == Ownership::other && entry.wanted) {
      // The lists pass over what others have; whether it is still in our way must be asked for.
      entry.look = Look::by_uuid;
      enqueue(id);
      continue;
    }
    tell(Report::Kind::drift, id, Step::nothing, 0, "deleted");
    set_have(id, false, {}, now);
    enqueue(id);
  }
}

// --- Requests
// ---------------------------------------------------------------------------------------------------------------

std::optional<Job> Engine::poll(Time now) {
  if (!running_) return std::nullopt;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    enqueue(timers_.begin()->second);
    timers_.erase(timers_.begin());
  }
  if (const auto rested = binder_.addresses().next_rested(); rested && *rested <= now)
    for (const auto& key : std::set<ObjectKey>(binder_.without_address())) bind({UnitKind::pod, key}, now);
  if (config_in_flight_ < static_cast<std::size_t>(settings_.connections) && breaker_.permits(now, config_in_flight_))
    if (auto job = try_queue(config_queue_, now)) return job;
  if (jobs_.size() - config_in_flight_ < patches_in_flight) return try_queue(kube_queue_, now);
  return std::nullopt;
}

std::optional<Job> Engine::try_queue(std::deque<SlotId>& queue, Time now) {
  while (!queue.empty()) {
    const auto id = queue.front();
    queue.pop_front();
    table_[id].queued = false;
    if (auto job = advance(id, now)) return job;
  }
  return std::nullopt;
}

std::optional<Job> Engine::advance(SlotId id, Time now) {
  auto action = next(table_, id, now);
  auto& entry = table_[id];
  wait(id, action);
  switch (action.step) {
    case Step::nothing:
      entry.gather_until = Time{0};  // what a window was opened for was taken back
      entry.asked_to_let_go = false;
      return std::nullopt;
    case Step::wait_for:
      // Whoever waits for this one in turn may be able to do without it.
      if (!is_coming(table_, table_[action.slot])) wake(id);
      return std::nullopt;
    case Step::wait_gone:
      // Those that hold a former Pod's interface want its successor, by the same name: they do not notice.
      if (entry.wanted && entry.type == Type::virtual_machine_interface)
        for (const auto address : binder_.addresses_of(id)) {
          table_[address].asked_to_let_go = true;
          enqueue(address);
        }
      return std::nullopt;
    case Step::later:
      timers_.emplace(action.until, id);
      return std::nullopt;
    case Step::gather:
      entry.gather_until = now + window_for(entry);
      timers_.emplace(entry.gather_until, id);
      return std::nullopt;
    case Step::conflict:
      if (!std::exchange(entry.conflict, true)) {
        tell(Report::Kind::conflict, id);
        wake(id);
      }
      return std::nullopt;
    default:
      break;
  }
  if (settings_.read_only && action.step != Step::look_up) return std::nullopt;
  return fly(id, std::move(action), now);
}

void Engine::wait(SlotId id, const Action& action) {
  const auto add = [&](SlotId other) {
    if (other == no_slot) return;
    auto& waiters = table_[other].waiters;
    if (waiters.empty() || waiters.back() != id) waiters.push_back(id);
  };
  if (action.step == Step::wait_for) add(action.slot);
  for (const auto other : action.also_wait_for) add(other);
}

// The longer a body, the longer its changes are gathered: a write of 900 kB is worth waiting for company.
Time Engine::window_for(const Entry& entry) const {
  constexpr std::size_t small = 100;  // entries
  return Time(settings_.gather_window) * static_cast<std::int64_t>(1 + entry.want.size() / small);
}

Job Engine::fly(SlotId id, Action action, Time now) {
  auto& entry = table_[id];
  Flight flight;
  flight.slot = id;
  flight.look = entry.look;
  flight.uuid = entry.wanted_uuid;
  flight.identity = entry.wanted_identity;
  flight.since = now;
  Job job;
  job.id = next_job_++;
  if (action.step == Step::patch) {
    job.request = patch_for(id, flight);
  } else {
    job.request = request_for(id, action, flight);
    ++config_in_flight_;
  }
  entry.in_flight = true;
  entry.gather_until = Time{0};
  tell(Report::Kind::request_sent, id, action.step);
  flight.action = std::move(action);
  jobs_.emplace(job.id, std::move(flight));
  return job;
}

// The object without the references that cannot be made yet: they follow when their targets are there.
Object Engine::available(Object object) const {
  const auto own = table_.find(object.type, object.fq_name);
  const auto missing = [&](Field field, const contrail::FqName& name) {
    const auto id = table_.find(target_of(field), name);
    if (id == no_slot || is_ready(table_[id])) return id == no_slot;
    // A member stays one while there is something to do about it.
    return !is_in_place(table_[id]) || !find_atom(table_[own].have, reference_key(field, table_[id]));
  };
  std::erase_if(object.policies, [&](const auto& reference) { return missing(Field::policies, reference.to); });
  if (object.type == Type::floating_ip)
    std::erase_if(object.interfaces, [&](const auto& reference) { return missing(Field::interfaces, reference.to); });
  return object;
}

contrail::Request Engine::request_for(SlotId id, const Action& action, Flight& flight) {
  const auto& entry = table_[id];
  switch (action.step) {
    case Step::create: {
      const auto object = available(binder_.describe(id));
      flight.sent = atoms_of(object);
      return contrail::create(object);
    }
    case Step::put: {
      const auto object = available(binder_.describe(id));
      flight.sent = only(atoms_of(object), action.fields);
      return contrail::put(object, entry.uuid, action.fields);
    }
    case Step::ref_add:
    case Step::ref_remove: {
      const bool adding = action.step == Step::ref_add;
      const auto& target = table_[action.slot];
      const auto sequence =
          adding && action.field == Field::policies ? std::optional(contrail::Sequence{}) : std::nullopt;
      if (adding)
        if (const auto* atom = find_atom(entry.want, reference_key(action.field, target))) flight.sent = {*atom};
      return contrail::ref_update(entry.type, entry.uuid, action.field, target.uuid,
                                  adding ? contrail::Operation::add : contrail::Operation::remove, sequence);
    }
    case Step::annotate: {
      std::map<std::string, std::optional<std::string>> keys;
      const auto object = binder_.describe(id);
      for (const auto& [key, value] : object.annotations) keys.emplace(key, value);
      flight.sent = only(atoms_of(object), {Field::annotations});
      return contrail::set_annotations(entry.uuid, keys);
    }
    case Step::remove:
      return contrail::remove(entry.type, entry.uuid);
    default:
      break;
  }
  if (entry.look == Look::by_name) return contrail::name_to_id(entry.type, entry.name);
  return contrail::read(entry.type, entry.uuid);
}

PodPatch Engine::patch_for(SlotId id, Flight& flight) const {
  const auto& entry = table_[id];
  const auto& pod = *intent_.pod(entry.name);
  PodPatch patch{pod.ns, pod.name, pod.uid, std::nullopt};
  if (auto text = binder_.describe_text(id); !text.empty()) patch.state = std::move(text);
  flight.pod_uid = pod.uid;
  flight.sent = text_atoms(patch.state.value_or(""));
  return patch;
}

// --- Answers
// ----------------------------------------------------------------------------------------------------------------

void Engine::set_have(SlotId id, bool exists, Atoms atoms, Time now) {
  const auto released = table_.set_have(id, exists, std::move(atoms));
  if (!exists) table_[id].conflict = false;
  // Whoever waits for its last holder to go may have just lost it.
  for (const auto other : released)
    if (table_[other].dependents == 0 || table_[other].address_dependents == 0) enqueue(other);
  if (!exists && !table_[id].wanted) binder_.gone(id, now);
  wake(id);
}

void Engine::answer(std::uint64_t job, const ConfigAnswer& answer, Time now) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  const auto flight = std::move(at->second);
  jobs_.erase(at);
  --config_in_flight_;
  const auto id = flight.slot;
  auto& entry = table_[id];
  entry.in_flight = false;
  entry.written = ++epoch_;
  const double jitter = 0.5 + 0.5 * std::generate_canonical<double, 32>(random_);
  if (is_server_down(answer)) {
    if (breaker_.failed(now, jitter))
      tell(Report::Kind::server_down, id, flight.action.step, answer.status, reason_of(answer));
  } else if (breaker_.succeeded()) {
    tell(Report::Kind::server_up, id);
  }
  if (flight.action.step == Step::look_up)
    looked_up(id, flight, answer, now);
  else if (is_success(answer) ||
           (flight.action.step == Step::remove && answer.sent == Sent::answered && answer.status == 404))
    written(id, flight, now);
  else
    refused(id, flight, answer, now);
  tell(Report::Kind::answered, id, flight.action.step, answer.status, is_success(answer) ? "" : reason_of(answer),
       now - flight.since);
  enqueue(id);
}

void Engine::written(SlotId id, const Flight& flight, Time now) {
  auto& entry = table_[id];
  entry.attempts = 0;
  entry.error.clear();
  auto have = entry.have;
  switch (flight.action.step) {
    case Step::create:
      entry.uuid = flight.uuid;
      entry.ownership = entry.shared ? Ownership::shared : Ownership::ours;
      entry.identity = flight.identity;
      have = flight.sent;
      break;
    case Step::put:
      have.erase_if([&](const Atom& atom) { return is_field(atom, flight.action.fields); });
      have.set(flight.sent);
      break;
    case Step::annotate:
      entry.ownership = entry.shared ? Ownership::shared : Ownership::ours;
      entry.identity = flight.identity;
      have.set(flight.sent);
      break;
    case Step::ref_add:
      have.set(flight.sent);
      break;
    case Step::ref_remove: {
      have.erase(reference_key(flight.action.field, table_[flight.action.slot]));
      break;
    }
    case Step::remove:
      return set_have(id, false, {}, now);
    default:
      return;
  }
  set_have(id, true, std::move(have), now);
}

// What was refused or got no answer. After anything that may have been carried out, and after any word that does not
// fit what we believe is there, we look before we write again.
void Engine::refused(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool may_be_done = answer.sent == Sent::unknown || (answer.sent == Sent::answered && answer.status >= 500);
  const bool misfit = answer.sent == Sent::answered && (answer.status == 404 || answer.status == 409);
  if (flight.action.step == Step::create) {
    entry.name_taken = answer.status == 409;
    entry.uuid = flight.uuid;  // what to look for, whatever is wanted by now
    if (may_be_done || entry.name_taken) entry.look = Look::by_uuid;
    if ((answer.status == 404 || answer.status == 400) && entry.attempts == 0) doubt_dependencies(id);
    // A 409 is how a repeated create finds itself: nothing is wrong yet.
    if (entry.name_taken) return;
  } else if (may_be_done || misfit) {
    entry.look = Look::by_uuid;
    if (flight.action.slot != no_slot && misfit && table_[flight.action.slot].exists) {
      table_[flight.action.slot].look = Look::by_uuid;
      enqueue(flight.action.slot);
    }
  }
  fail(id, reason_of(answer), now);
}

// A body that was right is refused: perhaps something that it refers to was deleted under us.
void Engine::doubt_dependencies(SlotId id) {
  for (const auto& dependency : table_[id].dependencies) {
    auto& other = table_[dependency.slot];
    if (!other.exists || other.in_flight || other.look != Look::none) continue;
    other.look = Look::by_uuid;
    enqueue(dependency.slot);
  }
}

void Engine::fail(SlotId id, std::string error, Time now) {
  auto& entry = table_[id];
  const auto shift = std::min<std::uint32_t>(entry.attempts, 20);
  const auto delay =
      std::min<Time>(Time(settings_.retry_delay) * (std::int64_t{1} << shift), Time(settings_.retry_delay_max));
  const double jitter = 0.5 + 0.5 * std::generate_canonical<double, 32>(random_);
  ++entry.attempts;
  entry.error = std::move(error);
  entry.not_before = now + Time(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter));
  if (entry.attempts == 1) wake(id);
}

void Engine::looked_up(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool answered = answer.sent == Sent::answered;
  if (answered && answer.status == 404) {
    if (flight.look == Look::by_uuid && entry.name_taken) {
      entry.look = Look::by_name;
      return;
    }
    return not_found(id, now);
  }
  if (!is_success(answer)) return fail(id, reason_of(answer), now);
  if (flight.look == Look::by_name) {
    const auto uuid = contrail::parse_id(answer.body);
    if (!uuid) return fail(id, uuid.error().message, now);
    entry.uuid = *uuid;
    entry.look = Look::by_found_uuid;
    return;
  }
  const auto object = contrail::parse_object(entry.type, answer.body);
  if (!object) return fail(id, object.error().message, now);
  found(id, *object, now);
}

void Engine::found(SlotId id, const Object& object, Time now) {
  table_[id].look = Look::none;
  table_[id].name_taken = false;
  const auto held = table_[id].holds;
  const auto loaded = binder_.load(object);
  if (loaded != id) {
    // Our uuid under another name: what the same Service had before.
    set_have(id, false, {}, now);
    enqueue(loaded);
    return;
  }
  for (const auto other : held) enqueue(other);
  wake(id);
  rebind_owner_of(id, now);
}

// Ids may differ from the derived ones: whoever shows them (MACs, annotations) is asked again.
void Engine::rebind_owner_of(SlotId id, Time now) {
  if (const auto unit = binder_.unit_of(id)) bind(*unit, now);
}

void Engine::not_found(SlotId id, Time now) {
  auto& entry = table_[id];
  const bool refused_for_its_address = entry.name_taken && entry.type == Type::instance_ip;
  const bool taken = std::exchange(entry.name_taken, false);
  entry.look = Look::none;
  set_have(id, false, {}, now);
  const auto chosen_again = refused_for_its_address ? binder_.address_taken(id, now) : std::vector<SlotId>{};
  if (!chosen_again.empty()) {
    tell(Report::Kind::address_taken, id);
    enqueue(chosen_again);
  } else if (refused_for_its_address) {
    fail(id, "its address is taken in its network by somebody else", now);
  } else if (taken) {
    fail(id, "refused as a duplicate, but neither its uuid nor its name is there", now);
  }
}

void Engine::answer(std::uint64_t job, const PatchAnswer& answer, Time now) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  const auto flight = std::move(at->second);
  jobs_.erase(at);
  const auto id = flight.slot;
  auto& entry = table_[id];
  entry.in_flight = false;
  if (answer.result == PatchResult::done) {
    entry.have = flight.sent;
    entry.written = answer.resource_version;
    entry.attempts = 0;
    entry.error.clear();
    rebind_owner_of(id, now);  // the watch may have shown a newer change of it before this answer came
    if (const auto seen = first_seen_.find(entry.name); seen != first_seen_.end()) {
      tell(Report::Kind::pod_ready, id, Step::patch, 0, {}, now - seen->second);
      first_seen_.erase(seen);
    }
  } else if (answer.result == PatchResult::failed) {
    fail(id, answer.error, now);
  } else if (const auto* pod = intent_.pod(entry.name); pod && pod->uid == flight.pod_uid) {
    // The Pod is gone or another one: the watch brings what is true; until then nothing is to be written.
    entry.have = entry.want;
  }
  enqueue(id);
}

std::optional<Time> Engine::next_wakeup() const {
  std::optional<Time> out;
  const auto consider = [&](std::optional<Time> time) {
    if (time && (!out || *time < *out)) out = time;
  };
  if (!timers_.empty()) consider(timers_.begin()->first);
  // With a request under way its answer wakes us: a probe is due only after it.
  if (!config_queue_.empty() && config_in_flight_ == 0) consider(breaker_.probe_at());
  if (!binder_.without_address().empty()) consider(binder_.addresses().next_rested());
  return out;
}

bool Engine::idle() const { return jobs_.empty() && config_queue_.empty() && kube_queue_.empty() && timers_.empty(); }

}  // namespace knm
