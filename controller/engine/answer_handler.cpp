#include "controller/engine/answer_handler.hpp"

#include <algorithm>

#include "base/cut.hpp"
#include "contrail-client/dependents.hpp"
#include "controller/engine/waiting.hpp"

namespace knm {
namespace {

using contrail::Type;

bool is_success(const ConfigAnswer& answer) { return answer.sent == Sent::answered && answer.status / 100 == 2; }

// Whether the failure says nothing about the request itself.
bool is_server_down(const ConfigAnswer& answer) {
  return answer.sent != Sent::answered || answer.status == 502 || answer.status == 503 || answer.status == 504;
}

// Whether the content of the request was refused; not its sender, and not for overload.
bool is_about_request(const ConfigAnswer& answer) {
  return answer.sent == Sent::answered && answer.status / 100 == 4 && answer.status != 401 && answer.status != 403 &&
         answer.status != 408 && answer.status != 429;
}

// Whether a create was refused because the object itself is there ("… already exists with uuid: …"). The wording is not
// promised: without it, the reads that follow decide alone.
bool names_object(const ConfigAnswer& answer, const contrail::Uuid& uuid) {
  return answer.status == 409 && answer.body.find("uuid: " + uuid.text()) != std::string::npos;
}

std::string reason_of(const ConfigAnswer& answer) {
  if (answer.sent != Sent::answered) return answer.error;
  constexpr std::size_t limit = 300;
  return "HTTP " + std::to_string(answer.status) +
         (answer.body.empty() ? "" : ": " + std::string(base::cut(answer.body, limit)));
}

// Whether the server makes such an object itself, and deletes it with its parent.
bool is_made_by_server(const contrail::Dependent& dependent) {
  if (dependent.type == "routing-instance" || dependent.type == "access-control-list") return true;
  return dependent.type == "application-policy-set" &&
         contrail::last_of(dependent.name) == "default-application-policy-set";
}

// The answer, if it shows what the request was to do; a success page of a proxy does not.
ConfigAnswer confirmed(const InFlight& request, contrail::Type type, const ConfigAnswer& answer) {
  const auto step = request.action.step;
  bool is_answer = true;
  if (step == Step::create || step == Step::put)
    is_answer = contrail::is_object_answer(type, request.uuid, answer.body);
  else if (step == Step::ref_add || step == Step::ref_remove)
    is_answer = contrail::is_uuid_answer(request.uuid, answer.body);
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

}  // namespace

AnswerHandler::AnswerHandler(Intent& intent, Table& table, Binder& binder, Schedule& schedule, Pacing& pacing,
                             ProblemNotes& notes, DeletionHolds& holds, Rebinder& rebinder, ObservedState& observed,
                             const Reports& reports)
    : intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      pacing_(pacing),
      notes_(notes),
      holds_(holds),
      rebinder_(rebinder),
      observed_(observed),
      reports_(reports) {}

void AnswerHandler::handle(const InFlight& request, const ConfigAnswer& raw, Time now) {
  const auto id = request.slot;
  auto& entry = table_[id];
  entry.confirm(observed_.next_mark());
  const auto answer = is_success(raw) ? confirmed(request, entry.type(), raw) : raw;
  const bool existed = entry.exists();
  const bool is_down = is_server_down(answer);
  if (schedule_.count_answer(TargetApi::config, id, is_down, now)) {
    if (is_down)
      reports_.tell(Report::Kind::server_down, id, request.action.step, answer.status, reason_of(answer));
    else
      reports_.tell(Report::Kind::server_up, id);
  }
  if (request.action.step == Step::verify)
    verified(id, request, answer, now);
  else if (request.action.step == Step::list_dependents)
    dependents_listed(id, answer, now);
  else if (is_success(answer) ||
           (request.action.step == Step::remove && answer.sent == Sent::answered && answer.status == 404))
    written(id, request, now);
  else
    refused(id, request, answer, now);
  reports_.tell(Report::Kind::answered, id, request.action.step, answer.status,
                is_success(answer) ? "" : reason_of(answer), now - request.since);
  if (!existed && table_[id].exists()) {
    reports_.tell(Report::Kind::came, id, request.action.step);
    if (const auto possession = binder_.bindings().possession_of(id))
      intent_.possess(possession->first, possession->second);
  }
  schedule_.push(id);
}

void AnswerHandler::written(SlotId id, const InFlight& request, Time now) {
  auto& entry = table_[id];
  entry.succeeded();
  notes_.end_refusal(id);
  auto have = entry.observed();
  switch (request.action.step) {
    case Step::create:
      pacing_.create_succeeded(id);
      // The answer does not contain the address that the server has chosen.
      if (entry.type() == Type::instance_ip && request.sent.of(contrail::Field::address).empty())
        entry.verify(Verify::by_uuid);
      entry.created(request.ids);
      binder_.loader().made_anew(id);
      have = request.sent;
      break;
    case Step::put:
      if (entry.ownership() == Ownership::unowned && entry.type() == Type::network_policy)
        binder_.loader().adopt_rules(id, binder_.bodies().object(id).rules);
      have.replace(request.action.fields, request.sent, &entry.desired());
      break;
    case Step::annotate:
      if (request.signs_alone)
        entry.signed_over();
      else
        entry.owned(request.ids.identity, request.ids.uuid);
      have.set(request.sent);
      break;
    case Step::ref_add:
      have.set(request.sent, &entry.desired());
      break;
    case Step::ref_remove: {
      have.erase(reference_digest(request.action.field, table_[request.action.slot].name()).key, &entry.desired());
      break;
    }
    case Step::remove:
      return observed_.set(id, false, {}, now);
    default:
      return;
  }
  observed_.set(id, true, std::move(have), now);
  if (entry.type() == Type::project) rebinder_.rebind_external_networks_in(entry.name(), now);
}

// A request was refused or got no answer. If it may have been carried out, or the answer contradicts the observed
// state, the object is read before the next write.
void AnswerHandler::refused(SlotId id, const InFlight& request, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool may_be_done = answer.sent == Sent::unknown || (answer.sent == Sent::answered && answer.status >= 500);
  const bool misfit = answer.sent == Sent::answered && (answer.status == 404 || answer.status == 409);
  if (request.action.step == Step::create) {
    const bool is_duplicate = answer.status == 409;
    if (entry.type() == Type::floating_ip && answer.sent == Sent::answered && answer.status == 500)
      pacing_.create_failed(id);
    entry.look_for(request.ids.uuid);  // the uuid of the request: another one may be desired by now
    if (may_be_done || is_duplicate) entry.verify(is_duplicate ? Verify::duplicate_by_uuid : Verify::by_uuid);
    if ((answer.status == 404 || answer.status == 400) && entry.cold().attempts == 0) doubt_dependencies(id);
    // A read that does not show the object is older than its create, and says nothing: above all not that its address
    // is taken. It is read later, and again until it shows.
    if (is_duplicate && names_object(answer, request.ids.uuid)) {
      entry.verify(Verify::by_uuid);
      fail(id, reason_of(answer), now);
      return notes_.note_refusal(id, reason_of(answer));
    }
    // A repeated create finds its own object by a 409: no failure yet.
    if (is_duplicate) return;
  } else if (may_be_done || misfit) {
    // The user of an address in a removed subnet may be invisible here: the request is not repeated at once.
    if (misfit && answer.status == 409 && entry.is_shared() && request.action.step == Step::put) {
      binder_.subnet_refused(id);
      rebinder_.bind_shared(now);
    }
    entry.verify(Verify::by_uuid);
    // What blocks the deletion is looked up before it is tried again. References to a policy are removed by the
    // controller itself, once an audit has found them.
    if (request.action.step == Step::remove && answer.status == 409 && entry.type() != Type::network_policy)
      entry.deletion_refused();
    if (request.action.slot != no_slot && misfit && table_[request.action.slot].exists()) {
      table_[request.action.slot].verify(Verify::by_uuid);
      schedule_.push(request.action.slot);
    }
  }
  fail(id, reason_of(answer), now);
  if (is_about_request(answer)) notes_.note_refusal(id, reason_of(answer));
}

// A correct body was refused: perhaps another client deleted an object that it refers to.
void AnswerHandler::doubt_dependencies(SlotId id) {
  for (const auto& dependency : table_[id].dependencies()) {
    auto& other = table_[dependency.slot];
    if (!other.exists() || other.is_in_flight() || other.must_verify()) continue;
    other.verify(Verify::by_uuid);
    schedule_.push(dependency.slot);
  }
}

void AnswerHandler::verified(SlotId id, const InFlight& request, const ConfigAnswer& answer, Time now) {
  auto& entry = table_[id];
  const bool answered = answer.sent == Sent::answered;
  if (answered && answer.status == 404) {
    if (request.verification == Verify::duplicate_by_uuid) return entry.verify(Verify::duplicate_by_name);
    return not_found(id, now);
  }
  if (!is_success(answer)) return fail(id, reason_of(answer), now);
  if (request.verification == Verify::duplicate_by_name) {
    const auto uuid = contrail::parse_id(answer.body);
    if (!uuid) return fail(id, uuid.error().message, now);
    entry.look_for(*uuid);
    entry.verify(Verify::duplicate_by_found_uuid);
    return;
  }
  const auto object = contrail::parse_object(entry.type(), answer.body);
  if (!object) {
    fail(id, object.error().message, now);
    return notes_.note_refusal(id, "the answer of the config API cannot be read: " + object.error().message);
  }
  observed_.found(id, *object, now);
}

// The dependents of an object that is about to be deleted. Owned ones are objects that the table lost.
void AnswerHandler::dependents_listed(SlotId id, const ConfigAnswer& answer, Time now) {
  if (answer.sent == Sent::answered && answer.status == 404) return not_found(id, now);
  if (answer.sent != Sent::answered || answer.status != 200)
    return fail(id, answer.sent == Sent::answered ? "HTTP " + std::to_string(answer.status) : answer.error, now);
  const auto dependents = contrail::parse_dependents(table_[id].type(), answer.body);
  if (!dependents) return fail(id, dependents.error().message, now);
  std::string foreign;
  bool lost = false;
  for (const auto& dependent : *dependents) {
    if (is_made_by_server(dependent)) continue;
    const auto type = contrail::type_named(dependent.type);
    const auto other = type ? table_.find(*type, dependent.name) : no_slot;
    if (other != no_slot &&
        (table_[other].uuid() == dependent.uuid || table_[other].desired_ids().uuid == dependent.uuid) &&
        (!table_[other].exists() || table_[other].ownership() == Ownership::owned)) {
      lost = true;
      if (!table_[other].is_in_flight()) {
        table_[other].look_for(dependent.uuid);
        table_[other].verify(table_[other].is_duplicate() ? Verify::duplicate_by_uuid : Verify::by_uuid);
      }
      schedule_.push(other);
    } else {
      add_foreign(foreign, dependent.type, dependent.name);
    }
  }
  // The read alone is no progress: the back-off of the refused deletion stays.
  table_[id].forget_error();
  if (!foreign.empty()) return holds_.hold_occupied(id, foreign);
  if (lost) return fail(id, "owned objects still depend on it", now);
  table_[id].dependents_listed();
}

void AnswerHandler::not_found(SlotId id, Time now) {
  auto& entry = table_[id];
  // A floating IP outside the network's subnets, or in a network without any, is refused with a 500: one 500 may be a
  // failure of the server, several in a row are caused by the address.
  constexpr std::uint32_t refused_often = 3;
  const bool refused_for_its_address =
      (entry.is_duplicate() && (entry.type() == Type::instance_ip || entry.type() == Type::floating_ip)) ||
      pacing_.failed_creates(id) >= refused_often;
  const bool taken = entry.is_duplicate();
  entry.verified();
  observed_.set(id, false, {}, now);
  const auto unit = refused_for_its_address ? binder_.address_refused(id, taken, now) : std::nullopt;
  if (unit) {
    reports_.tell(Report::Kind::address_taken, id);
    // One choice after the other is refused, though no known object has the address. The server knows the free ones: it
    // chooses, where it can. Until then the attempts are sent at growing intervals, and the Pod has a problem.
    const auto until = pacing_.address_refused(unit->key, now);
    if (until > now && unit->kind == UnitKind::pod) binder_.let_server_choose(unit->key);
    rebinder_.bind(*unit, now);
    if (until > now) {
      const std::string error = "address after address is refused as taken, though no object has it";
      table_[id].failed_often(often_refused, error, until);
      notes_.note_refusal(id, error, true);
    }
  } else if (refused_for_its_address && taken) {
    const std::string said = "a foreign object has the address in the network";
    fail(id, said, now);
    notes_.note_refusal(id, said, true);
  } else if (taken) {
    const std::string said = "refused as a duplicate, but the config API has no object with the uuid or the name";
    fail(id, said, now);
    notes_.note_refusal(id, said);
  }
}

}  // namespace knm
