#include "tests/support/world.hpp"

#include <nlohmann/json.hpp>

namespace knm::test {
namespace {

std::string key_of(const k8s::ObjectMeta& meta) { return meta.ns + "/" + meta.name; }

void set_annotation(k8s::Pod& pod, const std::optional<std::string>& value) {
  const std::string key = "opencontrail.org/pod-state";
  std::erase_if(pod.meta.annotations, [&](const auto& pair) { return pair.first == key; });
  if (value) pod.meta.annotations.emplace_back(key, *value);
}

}  // namespace

Settings demo_settings() {
  Settings settings;
  settings.public_ip_range = {*contrail::Cidr::parse("192.0.2.0/24")};
  settings.cluster_service = {{"kube-system", "default"}};
  return settings;
}

bool Exchange::is_write() const {
  const bool is_read =
      request.method == "GET" || request.target == "/list-bulk-collection" || request.target == "/fqname-to-id";
  return !is_read;
}

World::World(Settings settings) : settings_(std::move(settings)) { apply(make_namespace("kube-system")); }

void World::apply(const k8s::Namespace& object) {
  namespaces_[object.meta.name] = object;
  if (engine_) engine_->put(object), engine_->settle(now_);
}

void World::apply(const k8s::Pod& object) {
  auto& pod = pods_[key_of(object.meta)];
  // An author writes labels and the like; the pod-state annotation is not his, unless he forges it.
  const auto* state = k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state");
  const auto kept = state && pod.meta.uid == object.meta.uid ? std::optional(*state) : std::nullopt;
  pod = object;
  pod.meta.resource_version = ++version_;
  if (kept && !k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state")) set_annotation(pod, kept);
  if (engine_) engine_->put(pod), engine_->settle(now_);
}

void World::apply(const k8s::Service& object) {
  services_[key_of(object.meta)] = object;
  if (engine_) engine_->put(object), engine_->settle(now_);
}

void World::apply(const k8s::EndpointSlice& object) {
  slices_[key_of(object.meta)] = object;
  if (engine_) engine_->put(object), engine_->settle(now_);
}

void World::remove_pod(const std::string& key) {
  pods_.erase(key);
  if (engine_) engine_->drop_pod(key), engine_->settle(now_);
}

void World::remove_service(const std::string& key) {
  services_.erase(key);
  if (engine_) engine_->drop_service(key), engine_->settle(now_);
}

void World::remove_slice(const std::string& key) {
  slices_.erase(key);
  if (engine_) engine_->drop_slice(key), engine_->settle(now_);
}

void World::remove_namespace(const std::string& name) {
  const auto inside = [&](const auto& map) {
    std::vector<std::string> keys;
    for (const auto& [key, object] : map)
      if (object.meta.ns == name) keys.push_back(key);
    return keys;
  };
  for (const auto& key : inside(slices_)) remove_slice(key);
  for (const auto& key : inside(services_)) remove_service(key);
  for (const auto& key : inside(pods_)) remove_pod(key);
  namespaces_.erase(name);
  if (engine_) engine_->drop_namespace(name), engine_->settle(now_);
}

void World::start(std::uint64_t seed) {
  engine_ = std::make_unique<Engine>(settings_, seed);
  for (const auto& [key, object] : namespaces_) engine_->put(object);
  for (const auto& [key, object] : pods_) engine_->put(object);
  for (const auto& [key, object] : services_) engine_->put(object);
  for (const auto& [key, object] : slices_) engine_->put(object);
  engine_->set_owner(owner_of(settings_.cluster_name, namespaces_.at("kube-system").meta.uid));
  read_inventory();
}

void World::audit() { read_inventory(); }

void World::read_inventory() {
  Inventory inventory(*engine_);
  for (auto stage = inventory.next_stage(); !stage.empty(); stage = inventory.next_stage())
    for (const auto& listing : stage) {
      const auto answer = call(listing.request);
      const auto json = nlohmann::json::parse(answer.body);
      for (const auto& item : json.at(std::string(contrail::plural(listing.type)))) {
        const nlohmann::json wrapped{{std::string(contrail::name(listing.type)), item}};
        inventory.add(contrail::parse_object(listing.type, wrapped.dump()).value());
      }
    }
  inventory.finish(now_);
}

ConfigAnswer World::call(const contrail::Request& request) {
  const auto carry_out = [&]() -> ConfigAnswer {
    const auto response = api_.handle({request.method, request.target, "localhost:8082", request.body, {}});
    return {Sent::answered, response.status, response.body, {}};
  };
  std::optional<ConfigAnswer> answer;
  if (fault_) answer = fault_(request, carry_out);
  if (!answer) answer = carry_out();
  log_.push_back({request, answer->status});
  return *answer;
}

void World::perform(const Job& job) {
  if (const auto* request = std::get_if<contrail::Request>(&job.request)) {
    const auto answer = call(*request);
    if (engine_) engine_->answer(job.id, answer, now_);
    return;
  }
  const auto& patch = std::get<PodPatch>(job.request);
  ++patches_;
  const auto pod = pods_.find(patch.ns + "/" + patch.name);
  if (pod == pods_.end() || pod->second.meta.uid != patch.uid) {
    engine_->answer(job.id, PatchAnswer{PatchResult::gone, 0, "no such Pod"}, now_);
    return;
  }
  set_annotation(pod->second, patch.state);
  pod->second.meta.resource_version = ++version_;
  engine_->answer(job.id, PatchAnswer{PatchResult::done, version_, {}}, now_);
  engine_->put(pod->second);
  engine_->settle(now_);
}

bool World::step() {
  if (!engine_) return false;
  const auto job = engine_->poll(now_);
  if (!job) return false;
  perform(*job);
  return true;
}

bool World::converge(std::size_t limit) {
  for (std::size_t i = 0; i < limit && engine_; ++i) {
    if (step()) continue;
    const auto wakeup = engine_ ? engine_->next_wakeup() : std::nullopt;
    if (!wakeup) return true;
    now_ = std::max(now_ + Time(1), *wakeup);
  }
  return false;
}

std::size_t World::writes() const {
  std::size_t count = 0;
  for (const auto& exchange : log_) count += exchange.is_write();
  return count;
}

std::vector<std::string> World::write_list() const {
  std::vector<std::string> out;
  for (const auto& exchange : log_)
    if (exchange.is_write())
      out.push_back(std::to_string(exchange.status) + " " + exchange.request.method + " " + exchange.request.target +
                    " " + exchange.request.body.substr(0, 400));
  return out;
}

}  // namespace knm::test
