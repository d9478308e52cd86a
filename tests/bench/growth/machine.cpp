#include "tests/bench/growth/machine.hpp"

#include <algorithm>

namespace knm::bench {
namespace {

constexpr const char* state_annotation = "opencontrail.org/pod-state";

}  // namespace

template <>
void Machine::Feed<k8s::Namespace>::on_delete(const k8s::Namespace& last_known) {
  engine_.drop_namespace(last_known.meta.name);
}
template <>
void Machine::Feed<k8s::Service>::on_delete(const k8s::Service& last_known) {
  engine_.drop_service(tier_key(last_known.meta.ns, last_known.meta.name));
}
template <>
void Machine::Feed<k8s::EndpointSlice>::on_delete(const k8s::EndpointSlice& last_known) {
  engine_.drop_slice(tier_key(last_known.meta.ns, last_known.meta.name));
}
template <>
void Machine::Feed<k8s::Pod>::on_delete(const k8s::Pod& last_known) {
  engine_.drop_pod(tier_key(last_known.meta.ns, last_known.meta.name));
}

ConfigAnswer Machine::yes(const contrail::Request& /*request*/) { return {Sent::answered, 200, "{}", {}}; }

Machine::Machine(const Settings& settings, Api api) : api_(std::move(api)), engine_(settings, 1) {
  upsert(Cluster::kube_system());
  engine_.set_owner(owner_of(settings.cluster_name, Cluster::kube_system().meta.uid));
}

void Machine::upsert(k8s::Pod object) {
  const auto known = pods_.find(object.meta.ns, object.meta.name);
  if (known && !k8s::find_value(object.meta.annotations, state_annotation))
    if (const auto* state = k8s::find_value(known->meta.annotations, state_annotation))
      object.meta.annotations.emplace_back(state_annotation, *state);
  object.meta.resource_version = ++version_;
  pods_.upsert(std::move(object), pod_feed_);
}

void Machine::fill(const Cluster& cluster) {
  fill_services(cluster);
  const auto& shape = cluster.shape();
  for (std::size_t n = 0; n < cluster.namespaces(); ++n) {
    const auto rest = shape.pods - n * shape.pods_per_namespace;
    for (std::size_t i = 0; i < std::min(rest, shape.pods_per_namespace); ++i) upsert(cluster.pod(n, i));
  }
}

void Machine::fill_services(const Cluster& cluster) {
  for (std::size_t n = 0; n < cluster.namespaces(); ++n) {
    upsert(cluster.ns(n));
    for (std::size_t tier = 0; tier < cluster.shape().services_per_namespace; ++tier) {
      upsert(cluster.service(n, tier));
      for (auto& slice : cluster.slices(n, tier)) upsert(std::move(slice));
    }
  }
}

std::vector<k8s::Pod> Machine::all_pods() const {
  std::vector<k8s::Pod> out;
  for (const auto& [key, pod] : pods_) out.push_back(pod);
  return out;
}

void Machine::start() {
  Inventory inventory(engine_);
  inventory.finish(now_);
}

std::size_t Machine::run() {
  requests_ = 0;
  engine_.settle(now_);
  for (;;) {
    while (auto job = engine_.poll(now_)) sent_.push_back(std::move(*job));
    if (!sent_.empty()) {
      const auto job = std::move(sent_.front());
      sent_.pop_front();
      perform(job);
    } else if (const auto wakeup = engine_.next_wakeup()) {
      now_ = std::max(now_ + Time(1), *wakeup);
    } else {
      return requests_;
    }
  }
}

void Machine::perform(const Job& job) {
  if (const auto* patch = std::get_if<PodPatch>(&job.request)) return annotate(*patch, job.id);
  if (std::holds_alternative<StatusPatch>(job.request)) return;  // its clusters have no LoadBalancer Services
  ++requests_;
  engine_.answer(job.id, api_(std::get<contrail::Request>(job.request)), now_);
}

void Machine::annotate(const PodPatch& patch, std::uint64_t job) {
  ++patches_;
  auto pod = *pods_.find(patch.ns, patch.name);
  std::erase_if(pod.meta.annotations, [](const auto& pair) { return pair.first == state_annotation; });
  if (patch.state) pod.meta.annotations.emplace_back(state_annotation, *patch.state);
  pod.meta.resource_version = ++version_;
  engine_.answer(job, PatchAnswer{PatchResult::done, pod.meta.resource_version, {}}, now_);
  pods_.upsert(std::move(pod), pod_feed_);
  engine_.settle(now_);
}

}  // namespace knm::bench
