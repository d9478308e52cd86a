#include "controller/plan/progress.hpp"

namespace knm {

std::string_view name(Progress progress) {
  switch (progress) {
    case Progress::settled:
      return "in sync";
    case Progress::in_flight:
      return "in flight";
    case Progress::due:
      return "due";
    case Progress::waiting:
      return "waiting";
    case Progress::backing_off:
      return "backing off";
    case Progress::conflict:
      return "conflict";
    case Progress::held:
      return "held";
  }
  return {};
}

bool is_ours(const Entry& entry) {
  return entry.is_desired() || entry.is_in_flight() || entry.must_verify() ||
         (entry.exists() && entry.ownership() == Ownership::owned);
}

Progress progress_of(const Entry& entry, const Action& action) {
  if (entry.is_in_flight()) return Progress::in_flight;
  switch (action.step) {
    case Step::nothing:
      return action.also_wait_for.empty() ? Progress::settled : Progress::waiting;
    case Step::wait_for:
    case Step::wait_gone:
      return Progress::waiting;
    case Step::conflict:
      return Progress::conflict;
    case Step::hold:
      return Progress::held;
    default:
      return entry.cold().attempts > 0 ? Progress::backing_off : Progress::due;
  }
}

// At the end of time no delay is left.
Progress progress_of(const Table& table, SlotId id) { return progress_of(table[id], next(table, id, Time::max())); }

}  // namespace knm
