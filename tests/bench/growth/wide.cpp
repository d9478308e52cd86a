#include "tests/bench/growth/wide.hpp"

#include <utility>
#include <vector>

#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/measure.hpp"

namespace knm::bench {
namespace {

constexpr std::size_t samples = 10;

bool always(std::size_t /*number*/) { return true; }

// The changed object is created before the measurement.
template <class Object>
void measure(Machine& machine, Object object, WideCost& cost) {
  const Stopwatch watch(cost.wall);
  machine.upsert(std::move(object));
  cost.requests += machine.run();
  ++cost.changes;
}

}  // namespace

WideCosts measure_readiness(const WideCluster& cluster) {
  Machine machine((Cluster({})));
  machine.upsert(WideCluster::ns());
  for (const auto target : all_targets) {
    machine.upsert(WideCluster::service(target));
    for (std::size_t chunk = 0; chunk < cluster.slices(); ++chunk) machine.upsert(cluster.slice(target, chunk, always));
  }
  machine.upsert(WideCluster::client());
  for (std::size_t i = 0; i < cluster.backends(); ++i) machine.upsert(WideCluster::backend(i));
  machine.start();
  machine.run();
  begin_counting();
  WideCosts out;
  for (const auto target : all_targets) {
    auto& cost = out[name(target)];
    for (std::size_t i = 0; i < samples; ++i) {
      const auto chunk = i * cluster.slices() / samples;
      const auto other = chunk * (cluster.backends() / cluster.slices()) + 9 * i;
      measure(machine, cluster.slice(target, chunk, [&](std::size_t each) { return each != other; }), cost);
      measure(machine, cluster.slice(target, chunk, always), cost);
    }
    dump_count(name(target));
  }
  return out;
}

WideCosts measure_users(const WideCluster& cluster) {
  Machine machine((Cluster({})));
  machine.upsert(WideCluster::ns());
  machine.upsert(WideCluster::shared());
  for (std::size_t i = 0; i < cluster.users() + samples; ++i) machine.upsert(WideCluster::user(i, i < cluster.users()));
  machine.start();
  machine.run();
  begin_counting();
  WideCosts out;
  for (const bool joins : {true, false}) {
    const auto* label = joins ? "joins" : "leaves";
    for (std::size_t i = 0; i < samples; ++i)
      measure(machine, WideCluster::user(cluster.users() + i, joins), out[label]);
    dump_count(label);
  }
  return out;
}

}  // namespace knm::bench
