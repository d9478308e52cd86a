#include "tests/bench/growth/changes.hpp"

#include <vector>

#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/measure.hpp"

namespace knm::bench {
namespace {

// One for each tier of a namespace: so the share of those that back a Service with two addresses is that of the
// cluster.
std::size_t samples_of(const Shape& shape) { return std::min<std::size_t>(shape.services_per_namespace, 20); }

// A Pod that comes later, in a namespace of its own as far as there are enough.
struct Newcomer {
  std::size_t ns;
  std::size_t number;
};

class Sampler {
 public:
  explicit Sampler(const Cluster& cluster) : cluster_(cluster), machine_(cluster.settings()) {
    machine_.fill(cluster);
    machine_.start();
    machine_.run();
    const auto& shape = cluster.shape();
    // The first number beyond those that are there, of each tier.
    const auto round = (shape.pods_per_namespace + shape.services_per_namespace - 1) / shape.services_per_namespace;
    const auto count = samples_of(shape);
    for (std::size_t i = 0; i < count; ++i) {
      const auto ns = i * cluster.namespaces() / count;
      newcomers_.push_back({ns, round * shape.services_per_namespace + i});
    }
  }

  std::size_t samples() const { return newcomers_.size(); }

  ChangeCosts::Cost create() {
    return measure("created", [this](const Newcomer& newcomer) {
      auto pod = cluster_.pod(newcomer.ns, newcomer.number);
      pod.phase = k8s::PodPhase::pending;
      machine_.upsert(std::move(pod));
      const auto requests = machine_.run();
      // It runs, and its Service's slice shows it, not ready yet.
      machine_.upsert(cluster_.pod(newcomer.ns, newcomer.number));
      put_slice(newcomer, true, false);
      return requests + machine_.run();
    });
  }

  ChangeCosts::Cost make_ready() {
    return measure("ready", [this](const Newcomer& newcomer) {
      put_slice(newcomer, true, true);
      return machine_.run();
    });
  }

  ChangeCosts::Cost remove() {
    return measure("deleted", [this](const Newcomer& newcomer) {
      auto pod = cluster_.pod(newcomer.ns, newcomer.number);
      pod.meta.terminating = true;
      machine_.upsert(pod);
      const auto requests = machine_.run();
      put_slice(newcomer, false, false);
      machine_.remove(pod);
      return requests + machine_.run();
    });
  }

 private:
  template <class Change>
  ChangeCosts::Cost measure(const char* label, Change change) {
    ChangeCosts::Cost out;
    for (const auto& newcomer : newcomers_) {
      const Stopwatch watch(out.wall);
      out.requests += change(newcomer);
    }
    dump_count(label);
    return out;
  }

  void put_slice(const Newcomer& newcomer, bool exists, bool ready) {
    const auto known = cluster_.shape().pods_per_namespace;
    machine_.upsert(cluster_.slice_with(
        newcomer.ns, newcomer.number,
        [&](std::size_t number) { return number < known || (exists && number == newcomer.number); },
        [&](std::size_t number) { return number != newcomer.number || ready; }));
  }

  const Cluster& cluster_;
  Machine machine_;
  std::vector<Newcomer> newcomers_;
};

}  // namespace

ChangeCosts measure_changes(const Cluster& cluster) {
  Sampler sampler(cluster);
  begin_counting();
  ChangeCosts out;
  out.samples = sampler.samples();
  out.created = sampler.create();
  out.ready = sampler.make_ready();
  out.deleted = sampler.remove();
  return out;
}

}  // namespace knm::bench
