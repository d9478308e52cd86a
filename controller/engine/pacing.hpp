#pragma once

#include <map>

#include "controller/config/settings.hpp"
#include "controller/engine/pace.hpp"
#include "controller/plan/next.hpp"

namespace knm {

// The first annotation of a Pod waits at most this long for the policies of its connections. Nodes wait longer for the
// annotation: 30 s by default.
inline constexpr Time wait_for_connections = std::chrono::seconds(5);

// When a request may be sent: changes that are made and undone again and again are sent at growing intervals, so that
// other entries are not delayed. Time is a parameter.
class Pacing {
 public:
  // Both must outlive the Pacing.
  Pacing(const Settings& settings, const Table& table);

  // How long further changes are collected before this one is written.
  Time batch_window_for(const Entry& entry, const Action& action) const;
  // The earliest time; 0: at once. A write with several parts is sent when the first of them may be.
  Time not_before(SlotId id, const Action& action, Time now) const;
  // The request is sent. Returns whether it removes anything.
  bool sent(SlotId id, const Action& action, Time now);

  // The desired object of an entry changed. Returns whether its failures may be reset: not if it changes again and
  // again while it is refused; then `until` is the time of the next attempt.
  bool changed(SlotId id, Time& until, Time now);

  // A create of a floating IP was answered with a 500, or with success. Returns the number of 500s in a row.
  std::uint32_t create_failed(SlotId id) { return ++failed_creates_[id]; }
  void create_succeeded(SlotId id) { failed_creates_.erase(id); }
  std::uint32_t failed_creates(SlotId id) const;

  // A chosen address of this unit was refused. Returns when the next choice may be sent.
  Time address_refused(std::string_view unit, Time now);

  // Another client changed or deleted an entry.
  Pace& fights() { return fights_; }
  const Pace& fights() const { return fights_; }

 private:
  const Settings& settings_;
  const Table& table_;
  Pace churn_;       // removals that are followed by a create
  Pace fights_;      // changes by other clients
  Pace impatience_;  // changes during a refusal
  Pace searches_;    // refused address choices of units
  std::map<SlotId, std::uint32_t> failed_creates_;
};

}  // namespace knm
