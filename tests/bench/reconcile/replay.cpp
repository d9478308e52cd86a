#include "tests/bench/reconcile/replay.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/bench/support/kube_bytes.hpp"

namespace knm::bench {
namespace {

constexpr const char* state_annotation = "opencontrail.org/pod-state";

std::string path_of(const k8s::ResourceName& resource) {
  return std::string(resource.group_path) + "/" + std::string(resource.plural);
}

std::string key_of(const k8s::ObjectMeta& meta) { return meta.ns + "/" + meta.name; }

Replay::Answer failure(int code, const char* reason, const std::string& message) {
  return {code, nlohmann::json{{"kind", "Status"},
                               {"apiVersion", "v1"},
                               {"status", "Failure"},
                               {"message", message},
                               {"reason", reason},
                               {"code", code}}
                    .dump()};
}

// "ns/name" of /api/v1/namespaces/NS/pods/NAME or its subresource `status`; empty for any other path.
std::string pod_key(std::string_view path) {
  constexpr std::string_view before = "/api/v1/namespaces/", between = "/pods/", after = "/status";
  if (!path.starts_with(before)) return {};
  path.remove_prefix(before.size());
  if (path.ends_with(after)) path.remove_suffix(after.size());
  const auto at = path.find(between);
  if (at == std::string_view::npos) return {};
  return std::string(path.substr(0, at)) + "/" + std::string(path.substr(at + between.size()));
}

}  // namespace

Replay::Replay(const Cluster& cluster, std::size_t pods_at_start)
    : cluster_(cluster),
      namespaces_(k8s::resource_name<k8s::Namespace>),
      services_(k8s::resource_name<k8s::Service>),
      slices_(k8s::resource_name<k8s::EndpointSlice>),
      pods_(k8s::resource_name<k8s::Pod>),
      at_start_(pods_at_start) {
  const auto put = [this](History& history, auto object) {
    object.meta.resource_version = ++version_;
    history.put(key_of(object.meta), version_, encode(object));
  };
  put(namespaces_, Cluster::kube_system());
  for (std::size_t n = 0; n < cluster.namespaces(); ++n) {
    put(namespaces_, cluster.ns(n));
    for (std::size_t tier = 0; tier < cluster.shape().services_per_namespace; ++tier)
      put(services_, cluster.service(n, tier));
    for (std::size_t number = 0; number < pods_at_start; ++number) put_pod(add(n, number, true, 0));
  }
  flush_endpoints(0);
}

const History* Replay::history(std::string_view path) const {
  for (const auto* history : {&namespaces_, &services_, &slices_, &pods_})
    if (path == path_of(history->resource())) return history;
  return nullptr;
}

Replay::PodState& Replay::add(std::size_t ns, std::size_t number, bool ready, double now) {
  auto& pod = states_[key_of(cluster_.pod(ns, number).meta)];
  pod = {ns, number, 0, ready, now, std::nullopt};
  mark_slice(pod);
  return pod;
}

Replay::PodState* Replay::find(std::size_t ns, std::size_t number) {
  const auto found = states_.find(key_of(cluster_.pod(ns, number).meta));
  return found == states_.end() ? nullptr : &found->second;
}

void Replay::put_pod(const PodState& pod) {
  auto object = cluster_.pod(pod.ns, pod.number);
  object.meta.resource_version = ++version_;
  const auto tiers = cluster_.shape().services_per_namespace;
  const auto used = "tier-" + std::to_string((cluster_.tier_of(pod.number) + 1 + pod.relabelled) % tiers);
  for (auto& [key, value] : object.meta.labels)
    if (key == "uses") value = used;
  object.ready = pod.ready;
  object.phase = pod.ready ? k8s::PodPhase::running : k8s::PodPhase::pending;
  if (pod.annotation) object.meta.annotations.emplace_back(state_annotation, *pod.annotation);
  pods_.put(key_of(object.meta), version_, encode(object));
}

void Replay::create(std::size_t count, double now) {
  for (; count > 0; --count, ++next_) {
    const auto& pod = add(next_ % cluster_.namespaces(), at_start_ + next_ / cluster_.namespaces(), false, now);
    put_pod(pod);  // created
    put_pod(pod);  // scheduled
  }
}

void Replay::relabel(std::size_t count) {
  for (; count > 0 && !states_.empty(); --count) {
    auto at = states_.upper_bound(relabelled_);
    if (at == states_.end()) at = states_.begin();
    relabelled_ = at->first;
    ++at->second.relabelled;
    put_pod(at->second);
  }
}

Replay::Answer Replay::patch(std::string_view path, std::string_view body, double now) {
  const auto found = states_.find(pod_key(path));
  if (found == states_.end()) return failure(404, "NotFound", "no such pod");
  auto& pod = found->second;
  const auto patch = nlohmann::json::parse(body);
  auto meta = cluster_.pod(pod.ns, pod.number).meta;
  if (patch.at("metadata").at("uid") != meta.uid) return failure(409, "Conflict", "another UID");
  const auto& value = patch.at("metadata").at("annotations").at(state_annotation);
  ++patches_;
  const bool first = !pod.annotation;
  pod.annotation = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
  put_pod(pod);
  meta.resource_version = version_;
  if (pod.annotation) meta.annotations.emplace_back(state_annotation, *pod.annotation);
  if (first && !pod.ready) {
    reactions_.push_back(now - pod.born);
    pod.ready = true;
    put_pod(pod);
    mark_slice(pod);
  }
  return {200, encode_metadata(meta)};
}

Replay::Answer Replay::create_event(std::string_view body) {
  const auto event = nlohmann::json::parse(body);
  const auto& given = event.at("metadata");
  k8s::ObjectMeta meta;
  meta.ns = given.at("namespace");
  meta.name = given.at("name");
  meta.resource_version = ++version_;
  ++events_;
  return {201, encode_metadata(meta)};
}

void Replay::set_ready(std::size_t ns, std::size_t number, bool ready) {
  auto* pod = find(ns, number);
  if (!pod) return;
  pod->ready = ready;
  put_pod(*pod);
  mark_slice(*pod);
}

void Replay::mark_slice(const PodState& pod) {
  // Any Pod of a slice identifies it. The first one of its tier is used for all, since there are fewer than a slice
  // allows.
  dirty_slices_.insert({pod.ns, cluster_.tier_of(pod.number)});
}

void Replay::flush_endpoints(double now) {
  for (const auto& [ns, number] : std::exchange(dirty_slices_, {})) {
    auto slice = cluster_.slice_with(
        ns, number, [&, n = ns](std::size_t member) { return find(n, member) != nullptr; },
        [&, n = ns](std::size_t member) { return find(n, member)->ready; });
    slice.meta.resource_version = ++version_;
    slices_.put(key_of(slice.meta), version_, encode(slice));
  }
  last_slice_ = now;
}

nlohmann::json Replay::state() const {
  const auto annotated = std::count_if(states_.begin(), states_.end(),
                                       [](const auto& entry) { return entry.second.annotation.has_value(); });
  return {{"pods", states_.size()},
          {"annotated", annotated},
          {"patches", patches_},
          {"events", events_},
          {"endpoints_pending", endpoints_pending()},
          {"last_slice", last_slice_},
          {"reactions", reactions_}};
}

}  // namespace knm::bench
