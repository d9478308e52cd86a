#include "k8sclient/client/plugin_schedule.hpp"

#include <algorithm>
#include <chrono>

namespace k8s {
namespace {

constexpr std::chrono::seconds pause{5};       // between two runs
constexpr std::chrono::minutes head_start{1};  // of a run before the expiry, or a tenth of the lifetime

}  // namespace

bool PluginSchedule::due(Time now) const {
  return !running_ && now >= not_before_ && (!has_ || refused_ || now >= renew_at_);
}

bool PluginSchedule::usable(Time now) const { return has_ && !refused_ && now < expires_; }

void PluginSchedule::succeeded(Time now, std::optional<Duration> lifetime) {
  running_ = false;
  has_ = true;
  refused_ = false;
  not_before_ = now + pause;
  expires_ = renew_at_ = Time::max();
  if (!lifetime || *lifetime >= Time::max() - now) return;
  const bool outlives_pause = *lifetime > pause;
  if (outlives_pause) expires_ = now + *lifetime;
  renew_at_ = outlives_pause ? expires_ - std::min<Duration>(head_start, *lifetime / 10) : not_before_;
}

void PluginSchedule::failed(Time now) {
  running_ = false;
  not_before_ = now + pause;
}

void PluginSchedule::refused(Time now) {
  if (has_ && now >= not_before_) refused_ = true;
}

}  // namespace k8s
