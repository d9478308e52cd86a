#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/cache/reflect_loop.hpp"

namespace knm {

// Whether the watch of each kind of Kubernetes object is alive. A watch brings a bookmark each minute even without
// changes, so a longer silence means that it does not work, for any reason. Pure: time is a parameter.
class WatchHealth {
 public:
  using Time = base::Clock::time_point;
  struct Limits {
    std::chrono::milliseconds silence{120'000};    // a longer silence is reported
    std::chrono::milliseconds say_again{300'000};  // in the log, as long as the silence lasts
  };

  explicit WatchHealth(Limits limits) : limits_(limits) {}

  // "silent watch: no event of pods for 130 s: <the last error>"; nullopt: there is none.
  std::optional<std::string> fault(const std::vector<k8s::WatchLife>& lives, Time now) const;
  // The same without the errors, which may name users and servers.
  std::optional<std::string> silence(const std::vector<k8s::WatchLife>& lives, Time now) const;

  // A log line for each kind that is silent and was not reported lately, and one for each that is alive again. To be
  // called regularly.
  struct Line {
    bool silent = false;
    std::string_view resource;
    std::chrono::seconds silence{0};
    std::string error;
  };
  std::vector<Line> to_say(const std::vector<k8s::WatchLife>& lives, Time now);

 private:
  std::optional<std::string> say(const std::vector<k8s::WatchLife>& lives, Time now, bool with_errors) const;
  bool is_silent(const k8s::WatchLife& life, Time now) const { return now - life.last_heard > limits_.silence; }

  Limits limits_;
  std::map<std::string_view, Time> reported_;  // the times of the last report for silent ones
};

}  // namespace knm
