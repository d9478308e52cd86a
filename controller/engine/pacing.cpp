#include "controller/engine/pacing.hpp"

#include <algorithm>

#include "controller/base/keys.hpp"
#include "controller/engine/things.hpp"

namespace knm {
namespace {

using contrail::Field;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::minutes;

constexpr Pace::Limits churn_limits{4, milliseconds(250), seconds(8), minutes(1)};
constexpr Pace::Limits fight_limits{3, seconds(1), minutes(1), minutes(10)};
constexpr Pace::Limits impatience_limits{3, milliseconds(500), seconds(30), minutes(5)};
constexpr Pace::Limits search_limits{8, seconds(1), seconds(30), minutes(5)};

// Visits the parts of the entry that a step changes, each with whether something observed is removed. Part 0 is the
// entry itself.
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
      return visit(reference_digest(action.field, table[action.slot].name()).key, action.step == Step::ref_remove);
    case Step::put:
      for (const auto& item : differing(entry.observed(), entry.desired()))
        if (std::find(action.fields.begin(), action.fields.end(), item.field()) != action.fields.end())
          visit(item.key, entry.observed().contains(item));
      return;
    default:
      return;
  }
}

}  // namespace

Pacing::Pacing(const Settings& settings, const Table& table)
    : settings_(settings),
      table_(table),
      churn_(churn_limits),
      fights_(fight_limits),
      impatience_(impatience_limits),
      searches_(search_limits) {}

// How long further changes are collected: the longer the write, the longer. A write of 900 kB of rules is worth a
// delay; a few changed references of a large list are a short write.
Time Pacing::batch_window_for(const Entry& entry, const Action& action) const {
  if (entry.target_api() == TargetApi::pod_state) return wait_for_connections;
  constexpr std::size_t small = 100;  // items of a list
  std::size_t written = 0;
  for (const auto field : action.fields) {
    // For the backends of an address only the changes count: clients wait for the failover.
    written += field == Field::interfaces ? differing(entry.observed().of(field), entry.desired().of(field)).size()
                                          : entry.desired().of(field).size();
    if (field == Field::rules) written = std::max<std::size_t>(written, entry.cold().addresses);
  }
  return Time(settings_.batch_window) * static_cast<std::int64_t>(1 + written / small);
}

Time Pacing::not_before(SlotId id, const Action& action, Time now) const {
  const auto& entry = table_[id];
  Time out{0};
  if (action.step == Step::verify || action.step == Step::list_dependents) return out;
  if (!fights_.empty()) out = fights_.not_before(thing_of(entry), now);
  if (churn_.empty()) return out;
  auto first = Time::max();
  for_each_change(table_, entry, action, [&](std::uint64_t part, bool) {
    first = std::min(first, churn_.not_before(thing_of(entry, part), now));
  });
  return first == Time::max() ? out : std::max(out, first);
}

// Only removals are counted: what is removed may be made again.
bool Pacing::sent(SlotId id, const Action& action, Time now) {
  const auto& entry = table_[id];
  bool takes = false;
  for_each_change(table_, entry, action, [&](std::uint64_t part, bool taken) {
    if (taken)
      churn_.note(thing_of(entry, part), now);
    else if (!churn_.empty())
      churn_.touch(thing_of(entry, part), now);
    takes |= taken;
  });
  return takes;
}

bool Pacing::changed(SlotId id, Time& until, Time now) {
  const auto& entry = table_[id];
  if (entry.cold().attempts > 0) {
    const auto thing = thing_of(entry);
    impatience_.note(thing, now);
    until = impatience_.not_before(thing, now);
    if (until > now) return false;
  }
  failed_creates_.erase(id);
  return true;
}

std::uint32_t Pacing::failed_creates(SlotId id) const {
  const auto found = failed_creates_.find(id);
  return found == failed_creates_.end() ? 0 : found->second;
}

Time Pacing::address_refused(std::string_view unit, Time now) {
  const auto thing = text_digest(unit);
  searches_.note(thing, now);
  return searches_.not_before(thing, now);
}

}  // namespace knm
