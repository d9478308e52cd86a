#include "tests/bench/growth/restart.hpp"

#include <ctime>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "contrail-client/answer/list_parser.hpp"
#include "tests/bench/growth/machine.hpp"
#include "tests/config-api/config_api.hpp"

namespace knm::bench {
namespace {

// The size of one read from a socket.
constexpr std::size_t piece = 64 * 1024;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void timed(double& total, const std::function<void()>& work) {
  const auto start = cpu_seconds();
  work();
  total += cpu_seconds() - start;
}

ConfigAnswer call(standin::ConfigApi& api, const contrail::Request& request) {
  auto response = api.handle({request.method, request.target, "localhost:8082", request.body, {}});
  return {Sent::answered, response.status, std::move(response.body), {}};
}

void read_list(Inventory& inventory, contrail::Type type, std::string_view body) {
  contrail::ListParser parser(type, [&](contrail::Object&& object) { inventory.add(object); }, inventory.wanted(type));
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size())))
    if (const auto fed = parser.feed(body.substr(0, piece)); !fed) throw std::runtime_error(fed.error().message);
  if (const auto done = parser.finish(); !done) throw std::runtime_error(done.error().message);
}

void read_inventory(Engine& engine, Time now, standin::ConfigApi& api, RestartCosts& costs) {
  Inventory inventory(engine);
  std::vector<Inventory::Listing> stage;
  const auto next_stage = [&] { timed(costs.inventory_cpu_seconds, [&] { stage = inventory.next_stage(); }); };
  for (next_stage(); !stage.empty(); next_stage())
    for (const auto& listing : stage) {
      const auto answer = call(api, listing.request);
      ++costs.list_requests;
      costs.list_bytes += answer.body.size();
      timed(costs.inventory_cpu_seconds, [&] { read_list(inventory, listing.type, answer.body); });
    }
  costs.cpu_seconds += costs.inventory_cpu_seconds;
  timed(costs.cpu_seconds, [&] { inventory.finish(now); });
}

// The cluster as the first controller left it.
std::vector<k8s::Pod> build(const Cluster& cluster, standin::ConfigApi& api) {
  Machine machine(cluster, [&](const contrail::Request& request) { return call(api, request); });
  machine.fill();
  machine.start();
  machine.run();
  return machine.all_pods();
}

}  // namespace

RestartCosts measure_restart(const Cluster& cluster) {
  standin::ConfigApi api;
  auto pods = build(cluster, api);
  RestartCosts costs;
  Machine machine(cluster, [&](const contrail::Request& request) {
    ++costs.writes;
    return call(api, request);
  });
  timed(costs.cpu_seconds, [&] {
    machine.fill_services();
    for (auto& pod : pods) machine.upsert(std::move(pod));
  });
  read_inventory(machine.engine(), machine.now(), api, costs);
  timed(costs.cpu_seconds, [&] { machine.run(); });
  costs.writes += machine.annotations_written();
  return costs;
}

}  // namespace knm::bench
