#include "controller/run/watch_health.hpp"

namespace knm {
namespace {

std::chrono::seconds age(const k8s::WatchLife& life, WatchHealth::Time now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - life.last_heard);
}

}  // namespace

std::optional<std::string> WatchHealth::fault(const std::vector<k8s::WatchLife>& lives, Time now) const {
  return say(lives, now, true);
}

std::optional<std::string> WatchHealth::silence(const std::vector<k8s::WatchLife>& lives, Time now) const {
  return say(lives, now, false);
}

std::optional<std::string> WatchHealth::say(const std::vector<k8s::WatchLife>& lives, Time now,
                                            bool with_errors) const {
  std::string out;
  for (const auto& life : lives) {
    if (!is_silent(life, now)) continue;
    out += (out.empty() ? "" : "; ") + ("silent watch: no event of " + std::string(life.resource)) + " for " +
           std::to_string(age(life, now).count()) + " s";
    if (with_errors && !life.error.empty()) out += ": " + life.error;
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

std::vector<WatchHealth::Line> WatchHealth::to_say(const std::vector<k8s::WatchLife>& lives, Time now) {
  std::vector<Line> out;
  for (const auto& life : lives) {
    const auto reported = reported_.find(life.resource);
    const bool silent = is_silent(life, now);
    if (!silent && reported == reported_.end()) continue;
    if (silent && reported != reported_.end() && now - reported->second < limits_.say_again) continue;
    out.push_back({silent, life.resource, age(life, now), life.error});
    if (silent)
      reported_[life.resource] = now;
    else
      reported_.erase(reported);
  }
  return out;
}

}  // namespace knm
