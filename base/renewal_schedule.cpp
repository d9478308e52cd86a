#include "base/renewal_schedule.hpp"

#include <algorithm>

namespace base {
namespace {

constexpr std::chrono::minutes head_start{1};  // of an attempt before the expiry, or a tenth of the lifetime
constexpr std::chrono::years far{10};          // nanoseconds have no room for the year 9999

}  // namespace

bool RenewalSchedule::due(Time now) const {
  return !running_ && now >= not_before_ && (!has_ || refused_ || now >= renew_at_);
}

bool RenewalSchedule::usable(Time now) const { return has_ && !refused_ && now < expires_; }

void RenewalSchedule::pause_from(Time now) {
  not_before_ = now + pause_;
  pause_ = std::min(2 * pause_, pauses_.longest);
}

void RenewalSchedule::succeeded(Time now, std::optional<std::chrono::seconds> lifetime) {
  running_ = false;
  has_ = true;
  refused_ = false;
  const auto pause = pause_;
  pause_from(now);
  expires_ = renew_at_ = Time::max();
  if (!lifetime || *lifetime > far) return;
  const bool outlives_pause = *lifetime > pause;
  if (outlives_pause) expires_ = now + *lifetime;
  renew_at_ = outlives_pause ? expires_ - std::min<Duration>(head_start, Duration(*lifetime) / 10) : not_before_;
}

void RenewalSchedule::failed(Time now) {
  running_ = false;
  pause_from(now);
}

void RenewalSchedule::refused(Time now) {
  if (has_ && now >= not_before_) refused_ = true;
}

void RenewalSchedule::discard() {
  if (has_) refused_ = true;
}

}  // namespace base
