#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/cache/reflect_loop.hpp"

namespace knm {

// Whether something is heard of each kind of Kubernetes object. A watch brings a bookmark each minute even where
// nothing happens, so that silence for longer is blindness, for any reason. Pure: time is a parameter.
class WatchHealth {
 public:
  using Time = base::Clock::time_point;
  struct Limits {
    std::chrono::milliseconds silence{120'000};    // longer is reported
    std::chrono::milliseconds say_again{300'000};  // in the log, while it lasts
  };

  explicit WatchHealth(Limits limits) : limits_(limits) {}

  // "silent watch: no event of pods for 130 s: <the last error>"; nullopt: there is none.
  std::optional<std::string> fault(const std::vector<k8s::WatchLife>& lives, Time now) const;

  // One line for the log for each kind that is silent and was not told lately, and one for each that is heard again.
  // Asked for now and then.
  struct Line {
    bool silent = false;
    std::string_view resource;
    std::chrono::seconds silence{0};
    std::string error;
  };
  std::vector<Line> to_say(const std::vector<k8s::WatchLife>& lives, Time now);

 private:
  bool is_silent(const k8s::WatchLife& life, Time now) const { return now - life.last_heard > limits_.silence; }

  Limits limits_;
  std::map<std::string_view, Time> told_;  // of silent ones: when
};

}  // namespace knm
