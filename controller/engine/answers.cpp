#include <algorithm>

#include "base/cut.hpp"
#include "controller/engine/engine.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

bool is_success(const ConfigAnswer& answer) { return answer.sent == Sent::answered && answer.status / 100 == 2; }

// The failures that say nothing about the request itself.
bool is_server_down(const ConfigAnswer& answer) {
  return answer.sent != Sent::answered || answer.status == 502 || answer.status == 503 || answer.status == 504;
}

// A refusal of what was asked, not of who asks or of how much.
bool is_about_request(const ConfigAnswer& answer) {
  return answer.sent == Sent::answered && answer.status / 100 == 4 && answer.status != 401 && answer.status != 403 &&
         answer.status != 408 && answer.status != 429;
}

std::string reason_of(const ConfigAnswer& answer) {
  if (answer.sent != Sent::answered) return answer.error;
  constexpr std::size_t limit = 300;
  return "HTTP " + std::to_string(answer.status) +
         (answer.body.empty() ? "" : ": " + std::string(base::cut(answer.body, limit)));
}

}  // namespace

void Engine::set_observed(SlotId id, bool exists, Atoms atoms, Time now) {
  const bool stayed = table_[id].is_retained();
  const bool lost_found_ids = !exists && table_[id].exists() && table_[id].uuid() != table_[id].desired_ids().uuid;
  const auto released = table_.set_observed(id, exists, std::move(atoms));
  if (table_[id].is_retained() != stayed) rebind_outliving(now);
  if (!exists) {
    table_[id].conflict_ended();
    end_hold(id);
  }
  // Whoever waits for its last holder to go may have just lost it.
  for (const auto other : released)
    if (table_[other].dependents() == 0 || table_[other].address_dependents() == 0) enqueue(other);
  if (!exists && !table_[id].is_desired()) binder_.loader().gone(id, now);
  if (!exists && binder_.is_public_address(id)) rebind_waiting_services(now);
  // What is made in its place has ids of ours: a MAC follows from them.
  if (lost_found_ids && table_[id].is_desired()) rebind_owner_of(id, now);
  if (table_[id].is_shared()) bind_shared(now);
  wake(id);
}

// The request that an answer is to; nullopt where it is not under way.
std::optional<Engine::Flight> Engine::land(std::uint64_t job, Time now) {
  now_ = now;
  catch_up(now);
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return std::nullopt;
  auto flight = std::move(at->second);
  jobs_.erase(at);
  auto& entry = table_[flight.slot];
  auto& side = this->side(entry.home());
  --side.in_flight;
  side.restless_in_flight -= flight.restless;
  entry.answered();
  return flight;
}

// What is said to be done, as far as the answer shows it: a page of a proxy in between is no answer of the server.
ConfigAnswer Engine::confirmed(const Flight& flight, const ConfigAnswer& answer) const {
  const auto step = flight.action.step;
  bool is_answer = true;
  if (step == Step::create || step == Step::put)
    is_answer = contrail::is_object_answer(table_[flight.slot].type(), flight.uuid, answer.body);
  else if (step == Step::ref_add || step == Step::ref_remove)
    is_answer = contrail::is_uuid_answer(flight.uuid, answer.body);
  else if (step == Step::annotate || step == Step::remove)
    is_answer = contrail::is_empty_answer(answer.body);
  if (is_answer) return answer;
  constexpr std::size_t limit = 100;
  return {Sent::unknown,
          0,
          {},
          "HTTP " + std::to_string(answer.status) + ", but the answer does not have the form of the config API: \"" +
              std::string(base::cut(answer.body, limit)) + "\""};
}

void Engine::answer(std::uint64_t job, const ConfigAnswer& raw, Time now) {
  const auto landed = land(job, now);
  if (!landed) return;
  const auto& flight = *landed;
  const auto id = flight.slot;
  auto& entry = table_[id];
  entry.confirm(++epoch_);
  const auto answer = is_success(raw) ? confirmed(flight, raw) : raw;
  const bool existed = entry.exists();
  const bool is_down = is_server_down(answer);
  if (count_answer(side(Home::config), id, is_down, now)) {
    if (is_down)
      tell(Report::Kind::server_down, id, flight.action.step, answer.status, reason_of(answer));
    else
      tell(Report::Kind::server_up, id);
  }
  if (flight.action.step == Step::look_up)
    looked_up(id, flight, answer, now);
  else if (flight.action.step == Step::look_into)
    looked_into(id, answer, now);
  else if (is_success(answer) ||
           (flight.action.step == Step::remove && answer.sent == Sent::answered && answer.status == 404))
    written(id, flight, now);
  else
    refused(id, flight, answer, now);
  tell(Report::Kind::answered, id, flight.action.step, answer.status, is_success(answer) ? "" : reason_of(answer),
       now - flight.since);
  if (!existed && table_[id].exists()) {
    tell(Report::Kind::came, id, flight.action.step);
    if (const auto possession = binder_.bindings().possession_of(id))
      intent_.possess(possession->first, possession->second);
  }
  enqueue(id);
}

void Engine::written(SlotId id, const Flight& flight, Time now) {
  auto& entry = table_[id];
  entry.succeeded();
  end_refusal(id);
  auto have = entry.observed();
  switch (flight.action.step) {
    case Step::create:
      failed_creates_.erase(id);
      // The answer does not say which address the server has chosen.
      if (entry.type() == Type::instance_ip && flight.sent.of(contrail::Field::address).empty())
        entry.verify(Verify::by_uuid);
      entry.created(flight.ids);
      binder_.loader().made_anew(id);
      have = flight.sent;
      break;
    case Step::put:
      if (entry.ownership() == Ownership::unmarked && entry.type() == Type::network_policy)
        binder_.loader().adopt_rules(id, binder_.bodies().object(id).rules);
      have.replace(flight.action.fields, flight.sent, &entry.desired());
      break;
    case Step::annotate:
      if (flight.signs_alone)
        entry.signed_over();
      else
        entry.owned(flight.ids.identity, flight.ids.uuid);
      have.set(flight.sent);
      break;
    case Step::ref_add:
      have.set(flight.sent, &entry.desired());
      break;
    case Step::ref_remove: {
      have.erase(reference_atom(flight.action.field, table_[flight.action.slot].name()).key, &entry.desired());
      break;
    }
    case Step::remove:
      return set_observed(id, false, {}, now);
    default:
      return;
  }
  set_observed(id, true, std::move(have), now);
  if (entry.type() == Type::project) rebind_outsides_in(entry.name(), now);
}

// What was refused or got no answer. After anything that may have been carried out, and after any word that does not
// fit what we believe is there, we look before we write again.
void Engine::refused(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool may_be_done = answer.sent == Sent::unknown || (answer.sent == Sent::answered && answer.status >= 500);
  const bool misfit = answer.sent == Sent::answered && (answer.status == 404 || answer.status == 409);
  if (flight.action.step == Step::create) {
    const bool is_duplicate = answer.status == 409;
    if (entry.type() == Type::floating_ip && answer.sent == Sent::answered && answer.status == 500)
      ++failed_creates_[id];
    entry.look_for(flight.ids.uuid);  // what to look for, whatever is wanted by now
    if (may_be_done || is_duplicate) entry.verify(is_duplicate ? Verify::duplicate_by_uuid : Verify::by_uuid);
    if ((answer.status == 404 || answer.status == 400) && entry.cold().attempts == 0) doubt_dependencies(id);
    // A 409 is how a repeated create finds itself: nothing is wrong yet.
    if (is_duplicate) return;
  } else if (may_be_done || misfit) {
    // Who has an address of a subnet that is to go may be hidden from us: the server is not asked again and again.
    if (misfit && answer.status == 409 && entry.is_shared() && flight.action.step == Step::put) {
      binder_.subnet_refused(id);
      bind_shared(now);
    }
    entry.verify(Verify::by_uuid);
    // What holds it is looked for before it is tried again. A policy is taken off by ourselves, once an audit has found
    // where it is attached.
    if (flight.action.step == Step::remove && answer.status == 409 && entry.type() != Type::network_policy)
      entry.deletion_refused();
    if (flight.action.slot != no_slot && misfit && table_[flight.action.slot].exists()) {
      table_[flight.action.slot].verify(Verify::by_uuid);
      enqueue(flight.action.slot);
    }
  }
  fail(id, reason_of(answer), now);
  if (is_about_request(answer)) note_refusal(id, reason_of(answer));
}

// A body that was right is refused: perhaps something that it refers to was deleted under us.
void Engine::doubt_dependencies(SlotId id) {
  for (const auto& dependency : table_[id].dependencies()) {
    auto& other = table_[dependency.slot];
    if (!other.exists() || other.is_in_flight() || other.must_verify()) continue;
    other.verify(Verify::by_uuid);
    enqueue(dependency.slot);
  }
}

void Engine::fail(SlotId id, std::string error, Time now) {
  auto& entry = table_[id];
  const auto shift = std::min<std::uint32_t>(entry.cold().attempts, 20);
  const auto delay =
      std::min<Time>(Time(settings_.retry_delay) * (std::int64_t{1} << shift), Time(settings_.retry_delay_max));
  const auto not_before = now + Time(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter()));
  if (entry.failed(error, not_before) == 1) wake(id);
}

void Engine::looked_up(SlotId id, const Flight& flight, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool answered = answer.sent == Sent::answered;
  if (answered && answer.status == 404) {
    if (flight.verification == Verify::duplicate_by_uuid) return entry.verify(Verify::duplicate_by_name);
    return not_found(id, now);
  }
  if (!is_success(answer)) return fail(id, reason_of(answer), now);
  if (flight.verification == Verify::duplicate_by_name) {
    const auto uuid = contrail::parse_id(answer.body);
    if (!uuid) return fail(id, uuid.error().message, now);
    entry.look_for(*uuid);
    entry.verify(Verify::duplicate_by_found_uuid);
    return;
  }
  const auto object = contrail::parse_object(entry.type(), answer.body);
  if (!object) {
    fail(id, object.error().message, now);
    return note_refusal(id, "the answer of the config API cannot be read: " + object.error().message);
  }
  found(id, *object, now);
}

void Engine::found(SlotId id, const Object& object, Time now) {
  table_[id].verified();
  const auto held = table_[id].blocks();
  const bool stayed = table_[id].is_retained();
  const auto loaded = binder_.loader().load(object);
  binder_.loader().reclaim_rules(loaded);
  if (table_[id].is_retained() != stayed) rebind_outliving(now);
  if (loaded != id) {
    // Our uuid under another name: what the same Service had before, or somebody else's.
    set_observed(id, false, {}, now);
    table_[id].expect_uuid_of(loaded);
    enqueue(loaded);
    return;
  }
  if (table_[id].deletion_hold() == DeletionHold::unexplained) hold_unexplained(id, object);
  for (const auto other : held) enqueue(other);
  wake(id);
  if (table_[id].is_shared()) bind_shared(now);
  rebind_owner_of(id, now);
}

// Ids may differ from the derived ones: whoever shows them (MACs, annotations) is asked again.
void Engine::rebind_owner_of(SlotId id, Time now) {
  const auto unit = binder_.unit_of(id);
  if (!unit) return;
  bind(*unit, now);
  if (unit->kind != UnitKind::service_tier || table_[id].type() != Type::virtual_network) return;
  // Its gateway and DNS may be somebody's ClusterIP.
  for (const auto& key : intent_.keys_in(UnitKind::service, ns_of(unit->key)))
    if (const auto* service = intent_.service(key); tier_key(service->ns, service->tier) == unit->key)
      bind({UnitKind::service, key}, now);
}

void Engine::not_found(SlotId id, Time now) {
  auto& entry = table_[id];
  // A floating IP outside of the network's subnets, or of a network that has none left, is refused by a 500: once it
  // may be the server, again and again it is the address.
  constexpr std::uint32_t refused_often = 3;
  const auto failed = failed_creates_.find(id);
  const bool refused_for_its_address =
      (entry.is_duplicate() && (entry.type() == Type::instance_ip || entry.type() == Type::floating_ip)) ||
      (failed != failed_creates_.end() && failed->second >= refused_often);
  const bool taken = entry.is_duplicate();
  entry.verified();
  set_observed(id, false, {}, now);
  const auto unit = refused_for_its_address ? binder_.address_refused(id, taken, now) : std::nullopt;
  if (unit) {
    tell(Report::Kind::address_taken, id);
    const auto until = count_search(*unit, now);
    bind(*unit, now);
    if (until > now) pause_search(id, until);
  } else if (refused_for_its_address && taken) {
    const std::string said = "a foreign object has the address in the network";
    fail(id, said, now);
    note_refusal(id, said, true);
  } else if (taken) {
    const std::string said = "refused as a duplicate, but the config API has no object with the uuid or the name";
    fail(id, said, now);
    note_refusal(id, said);
  }
}

}  // namespace knm
