#include "tests/bench/growth/changes.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "tests/bench/growth/machine.hpp"
#include "tests/bench/growth/measure.hpp"

namespace knm::bench {
namespace {

// One sample for each tier of a Namespace, so that the share of Pods behind a Service with two addresses is that of the
// cluster.
std::size_t samples_of(const Shape& shape) { return std::min<std::size_t>(shape.services_per_namespace, 20); }

// A Pod that is created later, each in its own Namespace if there are enough.
struct Newcomer {
  std::size_t ns;
  std::size_t number;
};

class Sampler {
 public:
  explicit Sampler(const Cluster& cluster) : cluster_(cluster), machine_(cluster) {
    machine_.fill();
    machine_.start();
    machine_.run();
    const auto& shape = cluster.shape();
    // The first unused number of each tier.
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
      auto pending = cluster_.pod(newcomer.ns, newcomer.number);
      pending.phase = k8s::PodPhase::pending;
      // The Pod gets its pod state; then it runs, and the slice of its Service shows it as unready.
      return std::vector<Event>{pending, Settle{}, cluster_.pod(newcomer.ns, newcomer.number),
                                slice(newcomer, true, false)};
    });
  }

  ChangeCosts::Cost make_ready() {
    return measure("ready",
                   [this](const Newcomer& newcomer) { return std::vector<Event>{slice(newcomer, true, true)}; });
  }

  ChangeCosts::Cost remove() {
    return measure("deleted", [this](const Newcomer& newcomer) {
      auto pod = cluster_.pod(newcomer.ns, newcomer.number);
      pod.meta.terminating = true;
      return std::vector<Event>{pod, Settle{}, slice(newcomer, false, false), Deletion{pod}};
    });
  }

 private:
  struct Settle {};
  struct Deletion {
    k8s::Pod pod;
  };
  using Event = std::variant<k8s::Pod, k8s::EndpointSlice, Deletion, Settle>;

  // The events of `change` are created before the measurement.
  template <class Change>
  ChangeCosts::Cost measure(const char* label, Change change) {
    ChangeCosts::Cost out;
    for (const auto& newcomer : newcomers_) {
      auto events = change(newcomer);
      const Stopwatch watch(out.wall);
      for (auto& event : events) out.requests += carry_out(event);
      out.requests += machine_.run();
    }
    dump_count(label);
    return out;
  }

  std::size_t carry_out(Event& event) {
    if (std::holds_alternative<Settle>(event)) return machine_.run();
    if (auto* pod = std::get_if<k8s::Pod>(&event)) machine_.upsert(std::move(*pod));
    if (auto* slice = std::get_if<k8s::EndpointSlice>(&event)) machine_.upsert(std::move(*slice));
    if (auto* deletion = std::get_if<Deletion>(&event)) machine_.remove(deletion->pod);
    return 0;
  }

  k8s::EndpointSlice slice(const Newcomer& newcomer, bool exists, bool ready) const {
    const auto known = cluster_.shape().pods_per_namespace;
    return cluster_.slice_with(
        newcomer.ns, newcomer.number,
        [&](std::size_t number) { return number < known || (exists && number == newcomer.number); },
        [&](std::size_t number) { return number != newcomer.number || ready; });
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
