#pragma once

#include <algorithm>

#include "tests/support/world.hpp"

namespace knm::test {

// Runs everything that is due until then.
inline void run_until(World& world, Time until) {
  for (;;) {
    while (world.step()) {
    }
    const auto wakeup = world.engine().next_wakeup();
    if (!wakeup || *wakeup > until) break;
    world.pass(std::max(*wakeup - world.now(), Time(1)));
  }
  if (world.now() < until) world.pass(until - world.now());
}

inline std::vector<std::string> problems_of(World& world, const Subject& subject) {
  std::vector<std::string> out;
  const auto& pages = world.engine().problems().pages();
  const auto page = pages.find(subject);
  if (page == pages.end()) return out;
  for (const auto& problem : page->second.all()) out.push_back(problem.reason + ": " + problem.message);
  return out;
}

inline bool has_problem(World& world, const Subject& subject, const std::string& reason,
                        const std::string& words = {}) {
  const auto problems = problems_of(world, subject);
  return std::any_of(problems.begin(), problems.end(), [&](const auto& problem) {
    return problem.starts_with(reason + ": ") && problem.find(words) != std::string::npos;
  });
}

}  // namespace knm::test
