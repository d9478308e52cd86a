#include "controller/engine/schedule.hpp"

#include <algorithm>

namespace knm {
namespace {

// The longest interval of probes, so that waiting entries are not delayed further once the server is up.
constexpr std::chrono::milliseconds longest_probe{5'000};

// Removals that a project may make at once before it is noisy; one more is free in each interval.
constexpr std::uint32_t noisy_brim = 50;
constexpr std::chrono::milliseconds noisy_leak{200};

}  // namespace

Schedule::Side::Side(const Settings& settings)
    : breaker(settings.retry_delay, std::min(settings.retry_delay_max, longest_probe)) {}

Schedule::Schedule(const Settings& settings, std::uint64_t seed, Table& table, ProgressCounts& progress,
                   std::function<WorkQueue::Project(SlotId)> project_of)
    : table_(table),
      progress_(progress),
      project_of_(std::move(project_of)),
      back_off_{settings.retry_delay, settings.retry_delay_max},
      sides_{Side(settings), Side(settings), Side(settings)},
      noisy_(noisy_brim, noisy_leak),
      random_(seed) {}

void Schedule::push(SlotId id) {
  if (!running_) return;
  progress_.changed(id);
  push_unchanged(id);
}

void Schedule::push_unchanged(SlotId id) {
  auto& entry = table_[id];
  if (entry.is_queued() || !running_) return;
  entry.queued();
  const auto project = project_of_(id);
  side(entry.target_api()).queue.push(id, project, !noisy_.empty() && noisy_.is(project, now_));
}

void Schedule::push(const std::vector<SlotId>& ids) {
  for (const auto id : ids) push(id);
}

void Schedule::wake(SlotId id) {
  for (const auto waiter : table_.take_waiters(id)) push(waiter);
}

void Schedule::push_due() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    const auto id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    push(id);
  }
}

std::optional<SlotId> Schedule::next(TargetApi api, std::size_t room, Time now) {
  auto& side = this->side(api);
  if (side.in_flight >= room || !side.breaker.permits(now, side.in_flight)) return std::nullopt;
  // A quarter of the connections is reserved for projects that are not noisy.
  const bool noisy_too = side.noisy_in_flight < std::max<std::size_t>(1, room * 3 / 4);
  do {
    if (const auto id = side.queue.pop(noisy_too)) {
      table_[*id].dequeued();
      return id;
    }
  } while (side.breaker.open() && probe(side, now));
  return std::nullopt;
}

bool Schedule::sent(TargetApi api) {
  auto& side = this->side(api);
  const bool noisy = side.queue.is_noisy();
  ++side.in_flight;
  side.noisy_in_flight += noisy;
  return noisy;
}

void Schedule::answered(TargetApi api, bool noisy) {
  auto& side = this->side(api);
  --side.in_flight;
  side.noisy_in_flight -= noisy;
}

void Schedule::count_removal(SlotId id, Time now) { noisy_.note(project_of_(id), now); }

double Schedule::jitter() { return 0.5 + 0.5 * std::generate_canonical<double, 32>(random_); }

void Schedule::fail(SlotId id, std::string_view error, Time now) {
  auto& entry = table_[id];
  const auto shift = std::min<std::uint32_t>(entry.cold().attempts, 20);
  const auto delay = std::min<Time>(back_off_.first * (std::int64_t{1} << shift), back_off_.longest);
  const auto not_before = now + Time(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter()));
  if (entry.failed(error, not_before) == 1) wake(id);
}

bool Schedule::count_answer(TargetApi api, SlotId id, bool is_down, Time now) {
  auto& side = this->side(api);
  if (is_down) {
    side.failed.push_back(id);
    return side.breaker.failed(now, jitter());
  }
  const bool was_down = side.breaker.succeeded();
  if (was_down)
    recover(side, now);
  else
    side.failed.clear();
  return was_down;
}

// A probe is due and the queue is empty: the entry that failed first is sent before its own back-off ends, so that the
// end of an outage is found within one probe interval. Returns whether there is such an entry.
bool Schedule::probe(Side& side, Time now) {
  while (!side.failed.empty()) {
    const auto id = side.failed.front();
    side.failed.pop_front();
    auto& entry = table_[id];
    if (entry.cold().not_before <= now) continue;
    entry.retry_at(now);
    push(id);
    return true;
  }
  return false;
}

// The server is back: entries in back-off because of the outage are sent now, one after the other, since sending all of
// them at once may be what stopped the server.
void Schedule::recover(Side& side, Time now) {
  constexpr auto apart = std::chrono::milliseconds(5);
  auto time = now;
  for (const auto id : std::exchange(side.failed, {})) {
    auto& entry = table_[id];
    if (entry.cold().not_before <= time + apart) continue;
    time += apart;
    entry.retry_at(time);
    at(time, id);
  }
}

std::optional<Time> Schedule::next_wakeup() const {
  std::optional<Time> out;
  const auto consider = [&](std::optional<Time> time) {
    if (time && (!out || *time < *out)) out = time;
  };
  if (!timers_.empty()) consider(timers_.begin()->first);
  // The answer to a request in flight is the next event: a probe is due only after it.
  for (const auto& side : sides_)
    if (side.in_flight == 0 && !(side.queue.empty() && side.failed.empty())) consider(side.breaker.probe_at());
  return out;
}

bool Schedule::idle() const {
  return timers_.empty() &&
         std::all_of(sides_.begin(), sides_.end(), [](const auto& side) { return side.queue.empty(); });
}

void Schedule::mark_needed(std::vector<bool>& slots) const {
  for (const auto& [time, id] : timers_) slots[id] = true;
  for (const auto& side : sides_)
    for (const auto id : side.failed) slots[id] = true;
}

}  // namespace knm
