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

ConfigAnswer Machine::yes(const contrail::Request& request) {
  // "/<type>s", "/<type>/<uuid>", "/ref-update"
  const auto& target = request.target;
  const auto slash = target.find('/', 1);
  const auto in_body = [&] {
    const auto at = request.body.find("\"uuid\":\"");
    return at == std::string::npos ? std::string() : request.body.substr(at + 8, 36);
  };
  if (target == "/ref-update") return {Sent::answered, 200, "{\"uuid\":\"" + in_body() + "\"}", {}};
  if (request.method == "PUT")
    return {Sent::answered,
            200,
            "{\"" + target.substr(1, slash - 1) + "\":{\"uuid\":\"" + target.substr(slash + 1) + "\"}}",
            {}};
  if (request.method == "POST" && slash == std::string::npos)
    return {
        Sent::answered, 200, "{\"" + target.substr(1, target.size() - 2) + "\":{\"uuid\":\"" + in_body() + "\"}}", {}};
  return {Sent::answered, 200, "{}", {}};
}

Machine::Machine(const Cluster& cluster, Api api, MakePod make_pod)
    : cluster_(cluster), api_(std::move(api)), make_pod_(std::move(make_pod)), engine_(cluster.settings(), 1) {
  upsert(Cluster::kube_system());
  engine_.set_owner(owner_of(cluster.settings().cluster_name, Cluster::kube_system().meta.uid));
}

void Machine::serve(const k8s::Pod& pod) {
  if (!make_pod_) served_[tier_key(pod.meta.ns, pod.meta.name)] = pod;
}

void Machine::upsert(k8s::Pod object) {
  const auto known = served_.find(tier_key(object.meta.ns, object.meta.name));
  if (known != served_.end() && !k8s::find_value(object.meta.annotations, state_annotation))
    if (const auto* state = k8s::find_value(known->second.meta.annotations, state_annotation))
      object.meta.annotations.emplace_back(state_annotation, *state);
  object.meta.resource_version = ++version_;
  serve(object);
  pods_.upsert(std::move(object), pod_feed_);
}

void Machine::remove(const k8s::Pod& object) {
  served_.erase(tier_key(object.meta.ns, object.meta.name));
  pods_.remove(object.meta.ns, object.meta.name, pod_feed_);
}

void Machine::list_pods(std::size_t missed) {
  for (const auto& [key, pod] : served_)
    if (missed > 0)
      --missed;
    else
      pods_.add(pod, listed_);
}

void Machine::end_list() {
  pods_.replace(std::exchange(listed_, {}), pod_feed_);
  engine_.relisted<k8s::Pod>(version_);
  engine_.settle(now_);
}

void Machine::fill() {
  fill_services();
  const auto& shape = cluster_.shape();
  for (std::size_t n = 0; n < cluster_.namespaces(); ++n) {
    const auto rest = shape.pods - n * shape.pods_per_namespace;
    for (std::size_t i = 0; i < std::min(rest, shape.pods_per_namespace); ++i) upsert(cluster_.pod(n, i));
  }
}

void Machine::fill_services() {
  for (std::size_t n = 0; n < cluster_.namespaces(); ++n) {
    upsert(cluster_.ns(n));
    for (std::size_t tier = 0; tier < cluster_.shape().services_per_namespace; ++tier) {
      upsert(cluster_.service(n, tier));
      for (auto& slice : cluster_.slices(n, tier)) upsert(std::move(slice));
    }
  }
}

std::vector<k8s::Pod> Machine::all_pods() const {
  std::vector<k8s::Pod> out;
  for (const auto& [key, pod] : served_) out.push_back(pod);
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
  // The patch succeeds, but no list shows it.
  if (std::holds_alternative<StatusPatch>(job.request))
    return engine_.answer(job.id, PatchAnswer{PatchResult::done, ++version_, {}}, now_);
  ++requests_;
  engine_.answer(job.id, api_(std::get<contrail::Request>(job.request)), now_);
}

void Machine::annotate(const PodPatch& patch, std::uint64_t job) {
  ++patches_;
  auto pod = make_pod_ ? make_pod_(patch.ns, patch.name) : served_.at(tier_key(patch.ns, patch.name));
  std::erase_if(pod.meta.annotations, [](const auto& pair) { return pair.first == state_annotation; });
  if (patch.state) pod.meta.annotations.emplace_back(state_annotation, *patch.state);
  pod.meta.resource_version = ++version_;
  serve(pod);
  engine_.answer(job, PatchAnswer{PatchResult::done, pod.meta.resource_version, {}}, now_);
  pods_.upsert(std::move(pod), pod_feed_);
  engine_.settle(now_);
}

}  // namespace knm::bench
