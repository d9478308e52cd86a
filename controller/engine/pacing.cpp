#include <algorithm>

#include "controller/engine/engine.hpp"
#include "controller/engine/things.hpp"
#include "controller/engine/waiting.hpp"

// When a request may go that could go at once: nothing that comes and goes again and again takes the servers from the
// others.
namespace knm {
namespace {

using contrail::Field;

// What a step changes: visits the parts of the entry, each with whether something that is there is taken away. A part
// is 0 for the entry itself.
void for_each_change(const Table& table, const Entry& entry, const Action& action, const auto& visit) {
  switch (action.step) {
    case Step::create:
      return visit(0, false);
    case Step::remove:
      return visit(0, true);
    case Step::patch:
    case Step::withdraw:
      return visit(0, !entry.observed().empty());
    case Step::ref_add:
    case Step::ref_remove:
      return visit(reference_atom(action.field, table[action.slot].name()).key, action.step == Step::ref_remove);
    case Step::put:
      for (const auto& atom : differing(entry.observed(), entry.desired()))
        if (std::find(action.fields.begin(), action.fields.end(), atom.field()) != action.fields.end())
          visit(atom.key, entry.observed().contains(atom));
      return;
    default:
      return;
  }
}

}  // namespace

// How long further changes are gathered: the longer what is to be written, the longer. A write of 900 kB of rules is
// worth waiting for company; some references of very many are some references.
Time Engine::batch_window_for(const Entry& entry, const Action& action) const {
  constexpr std::size_t small = 100;  // entries of a list
  std::size_t written = 0;
  for (const auto field : action.fields) {
    // Of the Pods behind an address, what changes: these wait for a failover.
    written += field == Field::interfaces ? differing(entry.observed().of(field), entry.desired().of(field)).size()
                                          : entry.desired().of(field).size();
    if (field == Field::rules) written = std::max<std::size_t>(written, entry.cold().addresses);
  }
  return Time(settings_.batch_window) * static_cast<std::int64_t>(1 + written / small);
}

// A write of several things goes when the first of them may: the others cost nothing more.
Time Engine::paced_until(SlotId id, const Action& action, Time now) const {
  const auto& entry = table_[id];
  Time out{0};
  if (action.step == Step::look_up || action.step == Step::look_into) return out;
  if (!fights_.empty()) out = fights_.not_before(thing_of(entry), now);
  if (churn_.empty()) return out;
  auto first = Time::max();
  for_each_change(table_, entry, action, [&](std::uint64_t part, bool) {
    first = std::min(first, churn_.not_before(thing_of(entry, part), now));
  });
  return first == Time::max() ? out : std::max(out, first);
}

// What only comes is never counted: it is what is taken away that may come again.
void Engine::note_pace(SlotId id, const Action& action, Time now) {
  const auto& entry = table_[id];
  bool takes = false;
  for_each_change(table_, entry, action, [&](std::uint64_t part, bool taken) {
    if (taken)
      churn_.note(thing_of(entry, part), now);
    else if (!churn_.empty())
      churn_.touch(thing_of(entry, part), now);
    takes |= taken;
  });
  if (takes) restless_.note(text_digest(binder_.bindings().project_of(id)), now);
}

// What is asked for now may work where the former did not. But what changes while it is refused, again and again, is
// not tried at each change.
void Engine::be_patient(SlotId id, Time now) {
  auto& entry = table_[id];
  if (entry.cold().attempts > 0) {
    const auto thing = thing_of(entry);
    impatience_.note(thing, now);
    if (const auto until = impatience_.not_before(thing, now); until > now) {
      entry.retry_at(std::min(entry.cold().not_before, until));
      return;
    }
  }
  entry.forget_failures();
  failed_creates_.erase(id);
  end_refusal(id);
}

// What an answer says of the server itself. Whether that is news: it is down, or there again.
bool Engine::count_answer(Side& side, SlotId id, bool is_down, Time now) {
  if (is_down) {
    side.felled.push_back(id);
    return side.breaker.failed(now, jitter());
  }
  const bool was_down = side.breaker.succeeded();
  if (was_down)
    recover(side, now);
  else
    side.felled.clear();
  return was_down;
}

double Engine::jitter() { return 0.5 + 0.5 * std::generate_canonical<double, 32>(random_); }

// A probe is due, and nothing else is to be asked: what failed first is asked again before its own time, so that the
// server is not found to be back later than the distance of the probes. Whether there is such an entry.
bool Engine::probe_with_felled(Side& side, Time now) {
  while (!side.felled.empty()) {
    const auto id = side.felled.front();
    side.felled.pop_front();
    auto& entry = table_[id];
    if (entry.cold().not_before <= now) continue;
    entry.retry_at(now);
    enqueue(id);
    return true;
  }
  return false;
}

// The server is there again: what waits only for that need not wait any longer. One after the other, for all at once
// is how it went down.
void Engine::recover(Side& side, Time now) {
  constexpr auto apart = std::chrono::milliseconds(5);
  auto at = now;
  for (const auto id : std::exchange(side.felled, {})) {
    auto& entry = table_[id];
    if (entry.cold().not_before <= at + apart) continue;
    at += apart;
    entry.retry_at(at);
    timers_.emplace(at, id);
  }
}

// Choice after choice is refused though no object shows who has them. The server knows which are free: it chooses,
// where it can. Until that is done the tries go at growing distances, and who waits is told.
Time Engine::count_search(const Unit& unit, Time now) {
  const auto thing = text_digest(unit.key);
  searches_.note(thing, now);
  const auto until = searches_.not_before(thing, now);
  if (until > now && unit.kind == UnitKind::pod) binder_.let_server_choose(unit.key);
  return until;
}

void Engine::pause_search(SlotId id, Time until) {
  const std::string error =
      "the config API refuses one address after another, although no object has these addresses";
  table_[id].failed_often(often_refused, error, until);
  note_refusal(id, error, true);
}

}  // namespace knm
