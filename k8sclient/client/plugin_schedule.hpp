#pragma once

#include <optional>

#include "base/clock.hpp"

namespace k8s {

// When a credential plugin has to run, and whether its last credentials may be used. Pure: time is a parameter.
//
// It runs before the first request, again before the credentials expire, and after a 401. Between two runs are at least
// five seconds, so that a plugin that fails, or whose credentials are refused, is not run for each request. A 401
// within that time changes nothing: it may belong to a request with the former credentials.
class PluginSchedule {
 public:
  using Time = base::Clock::time_point;
  using Duration = base::Clock::duration;

  bool running() const { return running_; }
  bool due(Time now) const;     // a run should begin
  bool usable(Time now) const;  // there are credentials, not expired and not refused

  void begun() { running_ = true; }
  // The run provided credentials that expire after `lifetime`; nullopt: never. If they are expired on arrival, the
  // clocks differ, and the server decides.
  void succeeded(Time now, std::optional<Duration> lifetime);
  // The former credentials stay usable.
  void failed(Time now);
  // The server answered 401.
  void refused(Time now);

 private:
  bool running_ = false;
  bool has_ = false;            // a run has succeeded
  bool refused_ = false;        // the last credentials are
  Time expires_ = Time::max();  // of the last credentials
  Time renew_at_ = Time::max();
  Time not_before_ = Time::min();  // of the next run
};

}  // namespace k8s
