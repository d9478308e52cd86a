#include <sys/resource.h>

#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/growth/changes.hpp"
#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/restart.hpp"
#include "tests/bench/growth/state.hpp"
#include "tests/bench/growth/wide.hpp"

// The cost of the controller as a cluster grows, in memory. Prints one JSON object.
namespace {

using nlohmann::json;
using namespace knm::bench;

json to_json(const ChangeCosts::Cost& cost, std::size_t samples) {
  const auto count = static_cast<double>(samples);
  return {{"wall_us", static_cast<double>(cost.wall.count()) / 1000 / count},
          {"requests", static_cast<double>(cost.requests) / count}};
}

json run_changes(const Shape& shape) {
  const auto costs = measure_changes(Cluster(shape));
  return {{"samples", costs.samples},
          {"created", to_json(costs.created, costs.samples)},
          {"ready", to_json(costs.ready, costs.samples)},
          {"deleted", to_json(costs.deleted, costs.samples)}};
}

json to_json(const WideCosts& costs) {
  json out;
  for (const auto& [label, cost] : costs) {
    const auto count = static_cast<double>(cost.changes);
    out[label] = {{"changes", cost.changes},
                  {"wall_us", static_cast<double>(cost.wall.count()) / 1000 / count},
                  {"requests", static_cast<double>(cost.requests) / count}};
  }
  return out;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// The memory of the controller for a cluster after all writes.
json run_memory(const Shape& shape) {
  const auto before = peak_megabytes();
  const Cluster cluster(shape);
  Machine machine(cluster, Machine::yes, cluster.pods_by_name());
  machine.fill();
  const auto listed = peak_megabytes();
  machine.start();
  const auto requests = machine.run();
  return {{"before_mb", before},
          {"listed_mb", listed},
          {"peak_mb", peak_megabytes()},
          {"pods", machine.pods()},
          {"entries", machine.engine().table().size()},
          {"requests", requests},
          {"annotations", machine.annotations_written()}};
}

json run_restart(const Shape& shape) {
  const auto costs = measure_restart(Cluster(shape));
  return {{"cpu_s", costs.cpu_seconds},
          {"inventory_cpu_s", costs.inventory_cpu_seconds},
          {"list_requests", costs.list_requests},
          {"list_mb", static_cast<double>(costs.list_bytes) / 1e6},
          {"writes", costs.writes}};
}

json to_json(const StretchCosts& costs) {
  const auto milliseconds = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
  return {{"longest_ms", milliseconds(costs.longest)},
          {"total_ms", milliseconds(costs.total)},
          {"stretches", costs.stretches}};
}

json run_state(const Shape& shape) {
  const auto costs = measure_state(Cluster(shape));
  const auto relist = measure_relist(Cluster(shape));
  return {{"metrics", to_json(costs.metrics)},
          {"folded", to_json(costs.folded)},
          {"full", to_json(costs.full)},
          {"full_mb", static_cast<double>(costs.full_bytes) / 1e6},
          {"before_mb", costs.before_mb},
          {"holding_mb", costs.holding_mb},
          {"after_mb", costs.after_mb},
          {"relist", to_json(relist.unchanged)},
          {"relist without one", to_json(relist.without_one)}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What the controller costs as a cluster grows.", "bench-growth");
  Shape shape;
  app.add_option("--pods", shape.pods)->capture_default_str();
  app.add_option("--pods-per-namespace", shape.pods_per_namespace)->capture_default_str();
  app.add_option("--services-per-namespace", shape.services_per_namespace)->capture_default_str();
  app.require_subcommand(1);
  const auto* changes = app.add_subcommand("changes", "One Pod's creation, readiness and deletion");
  const auto* memory = app.add_subcommand("memory", "Peak memory with all of the cluster in it");
  const auto* restart = app.add_subcommand("restart", "A start where everything is in place already");
  const auto* state = app.add_subcommand("state", "What /metrics and /state take of the thread, and of memory");
  auto* readiness = app.add_subcommand("readiness", "One endpoint's readiness, of very many behind a Service");
  auto* users = app.add_subcommand("users", "One more user of a service tier that very many use, and one less");
  std::size_t wide_backends = 100, wide_users = 100;
  readiness->add_option("--backends", wide_backends)->capture_default_str();
  users->add_option("--users", wide_users)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  json out{{"pods", shape.pods},
           {"namespaces", Cluster(shape).namespaces()},
           {"services_per_namespace", shape.services_per_namespace}};
  if (*changes) out["changes"] = run_changes(shape);
  if (*memory) out["memory"] = run_memory(shape);
  if (*state) out["state"] = run_state(shape);
  if (*restart) out["restart"] = run_restart(shape);
  if (*readiness) out["readiness"] = to_json(measure_readiness({wide_backends, 0}));
  if (*users) out["users"] = to_json(measure_users({0, wide_users}));
  std::cout << out.dump() << '\n';
  return EXIT_SUCCESS;
}
