#pragma once

#include <chrono>
#include <optional>

#include "base/clock.hpp"

namespace base {

// When credentials that expire have to be asked for, and whether the last ones may be used. Pure: time is a parameter.
//
// They are asked for before the first request, again before they expire, and after a server refused them. Between two
// attempts is a pause, so that a source that fails, or whose credentials are refused, is not asked for each request.
// The pause doubles with each failure in a row.
class RenewalSchedule {
 public:
  using Time = Clock::time_point;
  using Duration = Clock::duration;
  struct Pauses {
    Duration first, longest;
  };

  explicit RenewalSchedule(Pauses pauses) : pauses_(pauses), pause_(pauses.first) {}

  bool running() const { return running_; }
  bool due(Time now) const;     // an attempt should begin
  bool usable(Time now) const;  // there are credentials, not expired and not refused

  void begun() { running_ = true; }
  // The attempt provided credentials that expire after `lifetime`; nullopt, or more than ten years: never. If they are
  // expired on arrival, the clocks differ, and the server decides.
  void succeeded(Time now, std::optional<std::chrono::seconds> lifetime);
  // The former credentials stay usable.
  void failed(Time now);

  // A server refused credentials. Within the pause after an attempt this changes nothing: it may be about the former.
  void refused(Time now);
  // A server refused these credentials and no others.
  void discard();
  // A server accepted the credentials: the next failure is the first of a row.
  void accepted() { pause_ = pauses_.first; }
  // What made the last attempt fail has changed: the next one may begin at once.
  void retry_now(Time now) { not_before_ = now; }

 private:
  void pause_from(Time now);

  Pauses pauses_;
  Duration pause_;  // after the next attempt
  bool running_ = false;
  bool has_ = false;            // an attempt has succeeded
  bool refused_ = false;        // the last credentials are
  Time expires_ = Time::max();  // of the last credentials
  Time renew_at_ = Time::max();
  Time not_before_ = Time::min();  // of the next attempt
};

}  // namespace base
