#pragma once

#include <map>

#include "controller/config/settings.hpp"
#include "controller/engine/pace.hpp"
#include "controller/plan/next.hpp"

namespace knm {

// When a request may go that could go at once: changes that come and go again and again are sent at growing distances,
// so that they take no server from the others. Time is a parameter.
class Pacing {
 public:
  // Both retain the Pacing.
  Pacing(const Settings& settings, const Table& table);

  // How long further changes are collected before this one is written.
  Time batch_window_for(const Entry& entry, const Action& action) const;
  // Not before then; 0: at once. A write of several things goes when the first of them may.
  Time not_before(SlotId id, const Action& action, Time now) const;
  // The request is sent. Returns whether it takes anything away.
  bool sent(SlotId id, const Action& action, Time now);

  // The desired object of an entry changed. Returns whether its failures so far may be forgotten: not where it changes
  // again and again while it is refused; then `until` is the time of the next attempt.
  bool changed(SlotId id, Time& until, Time now);

  // A create of a floating IP was answered by a 500, or with success. Returns how often in a row by a 500.
  std::uint32_t create_failed(SlotId id) { return ++failed_creates_[id]; }
  void create_succeeded(SlotId id) { failed_creates_.erase(id); }
  std::uint32_t failed_creates(SlotId id) const;

  // An address that was chosen for this unit was refused. Returns when the next choice may be sent.
  Time address_refused(std::string_view unit, Time now);

  // Another client changed or deleted an entry.
  Pace& fights() { return fights_; }
  const Pace& fights() const { return fights_; }

 private:
  const Settings& settings_;
  const Table& table_;
  Pace churn_;       // what is removed and made again
  Pace fights_;      // what other clients change
  Pace impatience_;  // what changes while it is refused
  Pace searches_;    // units whose choices of an address are refused
  std::map<SlotId, std::uint32_t> failed_creates_;
};

}  // namespace knm
