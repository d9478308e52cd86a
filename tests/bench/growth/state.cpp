#include "tests/bench/growth/state.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "controller/run/observer.hpp"
#include "controller/run/process.hpp"
#include "controller/status/state.hpp"
#include "tests/bench/growth/machine.hpp"

namespace knm::bench {
namespace {

// The processor time of the thread: other processes do not count.
std::chrono::nanoseconds now_on_thread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The time that the program gives a rendering between two turns of other work.
constexpr std::chrono::microseconds stretch{2'000};
constexpr int rounds = 5;

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

// Runs all steps in the way of the renderer.
template <class Go>
StretchCosts stretches(Go go) {
  StretchCosts out;
  for (bool more = true; more; ++out.stretches) {
    const auto began = now_on_thread();
    auto now = began;
    do {
      more = go();
      now = now_on_thread();
    } while (more && now - began < stretch);
    out.longest = std::max(out.longest, now - began);
    out.total += now - began;
  }
  return out;
}

}  // namespace

StateCosts measure_state(const Cluster& cluster) {
  give_memory_back();
  Machine machine(cluster, Machine::yes, cluster.pods_by_name());
  machine.fill();
  machine.start();
  machine.run();
  StateCosts out;
  out.before_mb = resident_megabytes();
  Metrics metrics({"version", "compiler"});
  Observer observer(metrics);
  observer.watch(machine.engine());
  metrics.before_scrape([&] { observer.set_counts(); });
  for (int round = 0; round < rounds; ++round) {
    out.metrics.add(stretches([&] { return metrics.scrape().body.empty(); }));
    Surroundings around;
    {
      StateText folded(machine.engine(), around);
      out.folded.add(stretches([&] { return folded.go(); }));
    }
    around.limits = StateLimits::none();
    StateText full(machine.engine(), around);
    out.full.add(stretches([&] { return full.go(); }));
    const auto text = full.take();
    out.full_bytes = 0;
    for (const auto& piece : text) out.full_bytes += piece.size();
    out.holding_mb = std::max(out.holding_mb, resident_megabytes());
  }
  out.after_mb = resident_megabytes();
  return out;
}

RelistCosts measure_relist(const Cluster& cluster) {
  Machine machine(cluster);
  machine.fill();
  machine.start();
  machine.run();
  RelistCosts out;
  const auto end_list = [&] {
    machine.end_list();
    return false;
  };
  for (int round = 0; round < rounds; ++round) {
    machine.list_pods(0);
    out.unchanged.add(stretches(end_list));
  }
  machine.list_pods(1);
  out.without_one.add(stretches(end_list));
  return out;
}

}  // namespace knm::bench
