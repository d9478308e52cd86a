#include "tests/support/world.hpp"

#include <algorithm>

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

bool Exchange::is_write() const { return !contrail::is_read(request); }

World::World(Settings settings) : settings_(std::move(settings)) { apply(make_namespace("kube-system")); }

// --- The cluster

void World::watch(Watched kind, std::function<void()> event) {
  if (!engine_) return;
  if (random_) {
    events_[static_cast<std::size_t>(kind)].push_back(std::move(event));
    return;
  }
  event();
  if (settles_at_once_) engine_->settle(now_);
}

// A watch shows an object. The engine gets it twice, since a repetition must not matter.
template <class Object>
void World::put(const Object& object) {
  watch(watched_of<Object>, [this, object] {
    auto& kept = watcher<Object>();
    kept.store.upsert(Object(object), kept.feed);
    engine_->put(object);
  });
}

template <class Object>
void World::drop(const std::string& key) {
  watch(watched_of<Object>, [this, key] {
    auto& kept = watcher<Object>();
    const auto slash = key.find('/');
    kept.store.remove(slash == std::string::npos ? "" : key.substr(0, slash), key.substr(slash + 1), kept.feed);
  });
}

void World::apply(const k8s::Namespace& object) {
  cluster_.namespaces[object.meta.name] = object;
  put(object);
}

void World::apply(const k8s::Pod& object) {
  auto& pod = cluster_.pods[key_of(object.meta)];
  // A user writes labels and other fields, but the controller writes the pod state; a given value is a forged one.
  const auto* state = k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state");
  const auto kept = state && pod.meta.uid == object.meta.uid ? std::optional(*state) : std::nullopt;
  pod = object;
  pod.meta.resource_version = ++version_;
  if (kept && !k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state")) set_annotation(pod, kept);
  put(pod);
}

void World::apply(const k8s::Service& object) {
  auto& service = cluster_.services[key_of(object.meta)];
  // The controller writes the status; a given value is a forged one. The API server removes the status of other types.
  const auto kept = service.meta.uid == object.meta.uid ? service.ingress : std::vector<std::string>{};
  service = object;
  service.meta.resource_version = ++version_;
  if (service.ingress.empty()) service.ingress = kept;
  if (service.type != k8s::ServiceType::load_balancer) service.ingress.clear();
  put(service);
}

void World::apply(const k8s::EndpointSlice& object) {
  cluster_.slices[key_of(object.meta)] = object;
  put(object);
}

void World::remove_pod(const std::string& key) {
  cluster_.pods.erase(key);
  drop<k8s::Pod>(key);
}

void World::remove_service(const std::string& key) {
  cluster_.services.erase(key);
  drop<k8s::Service>(key);
}

void World::remove_slice(const std::string& key) {
  cluster_.slices.erase(key);
  drop<k8s::EndpointSlice>(key);
}

void World::remove_namespace(const std::string& name) {
  const auto inside = [&](const auto& map) {
    std::vector<std::string> keys;
    for (const auto& [key, object] : map)
      if (object.meta.ns == name) keys.push_back(key);
    return keys;
  };
  for (const auto& key : inside(cluster_.slices)) remove_slice(key);
  for (const auto& key : inside(cluster_.services)) remove_service(key);
  for (const auto& key : inside(cluster_.pods)) remove_pod(key);
  cluster_.namespaces.erase(name);
  drop<k8s::Namespace>(name);
}

// A list of the current state: it includes changes that the watch has not shown yet.
template <class Object>
void World::list(const std::map<std::string, Object>& objects) {
  const auto kind = static_cast<std::size_t>(watched_of<Object>);
  auto& lie = lies_[kind];
  const bool lies = lie.times > 0 && lie.times-- > 0;
  events_[kind].clear();
  auto& kept = watcher<Object>();
  typename k8s::Store<Object>::Listed shown;
  for (const auto& [key, object] : objects) {
    if (lies && (!lie.hides || lie.hides(key))) continue;
    if (const auto unread = unread_.find({subject_kind_of<Object>, key}); unread != unread_.end())
      shown.unreadable.add({object.meta.ns, object.meta.name, unread->second, 0, "bad bytes", true});
    else
      kept.store.add(object, shown);
  }
  doubted_[kind] = kept.store.replace(std::move(shown), kept.feed);
  // The first list after a start is not a relist.
  if (engine_->running()) kept.feed.on_relisted(version_);
}

void World::relist(Watched kind) {
  if (!engine_) return;
  switch (kind) {
    case Watched::namespaces:
      list(cluster_.namespaces);
      break;
    case Watched::pods:
      list(cluster_.pods);
      break;
    case Watched::services:
      list(cluster_.services);
      break;
    case Watched::slices:
      list(cluster_.slices);
      break;
  }
  if (engine_->running() && settles_at_once_) engine_->settle(now_);
}

void World::lie(Watched kind, std::size_t times, Hidden hides) {
  lies_[static_cast<std::size_t>(kind)] = {times, std::move(hides)};
}

// Sends one of the lists that the controller requested.
bool World::list_again() {
  for (std::size_t i = 0; i < watched_count; ++i) {
    const auto kind = static_cast<Watched>(i);
    if (!doubted_[i] && !engine_->awaits_list(kind)) continue;
    relist(kind);
    return true;
  }
  return false;
}

void World::restore(Cluster backup) {
  cluster_ = std::move(backup);
  for (const auto kind : {Watched::namespaces, Watched::pods, Watched::services, Watched::slices}) relist(kind);
}

// --- The controller

void World::start(std::uint64_t seed) {
  engine_ = std::make_unique<Engine>(settings_, seed, [this](const Report& report) { reports_.push_back(report); });
  const auto guard = guard_of(settings_);
  watchers_.emplace(Watcher<k8s::Namespace>(*engine_, guard), Watcher<k8s::Pod>(*engine_, guard),
                    Watcher<k8s::Service>(*engine_, guard), Watcher<k8s::EndpointSlice>(*engine_, guard));
  for (const auto kind : {Watched::namespaces, Watched::pods, Watched::services, Watched::slices}) relist(kind);
  engine_->set_owner(owner_of(settings_.cluster_name, cluster_.namespaces.at("kube-system").meta.uid));
  if (bus_) return begin_stream();
  while (!read_inventory()) now_ += std::chrono::seconds(1);
}

void World::cannot_read(const Subject& subject, const std::string& uid) {
  unread_[subject] = uid;
  if (engine_) engine_->note_unreadable(subject, uid, "bad bytes");
}

void World::can_read(const Subject& subject) {
  unread_.erase(subject);
  if (!engine_) return;
  engine_->end_unreadable(subject);
  if (const auto pod = cluster_.pods.find(subject.key); subject.kind == SubjectKind::pod && pod != cluster_.pods.end())
    apply(k8s::Pod(pod->second));
  if (const auto service = cluster_.services.find(subject.key);
      subject.kind == SubjectKind::service && service != cluster_.services.end())
    apply(k8s::Service(service->second));
}

void World::crash() {
  stream_.reset();
  watchers_.reset();
  engine_.reset();
  doubted_ = {};
  for (auto& queue : events_) queue.clear();
  // Requests in flight may have reached the server or may still reach it.
  for (auto& flight : std::exchange(flights_, {})) {
    const auto* request = std::get_if<contrail::Request>(&flight.job.request);
    if (!request || flight.is_done()) continue;
    if (random_ && dice(2) == 0) call(*request);
  }
}

bool World::audit() { return read_inventory(); }

// --- Notifications

void World::notify(const BusFaults& faults, std::uint64_t seed) {
  bus_ = faults;
  bus_random_.seed(seed);
}

void World::begin_stream() {
  stream_inventory_.emplace(*engine_, Inventory::From::stream);
  stream_.emplace(
      api_, stream_inventory_->subscriptions(), [this](contrail::watch::Event&& said) { event(std::move(said)); },
      *bus_, bus_random_);
  stream_->begin();
}

void World::cut_stream() {
  engine_->watch_lost();
  begin_stream();
}

void World::event(contrail::watch::Event&& event) {
  if (auto* listed = std::get_if<contrail::watch::Listed>(&event)) {
    stream_inventory_->add(listed->object);
  } else if (std::holds_alternative<contrail::watch::Complete>(event)) {
    stream_inventory_->finish(now_);
    stream_inventory_.reset();
    engine_->watch_completed();
  } else if (auto* changed = std::get_if<contrail::watch::Changed>(&event)) {
    engine_->notify_changed(changed->object, now_);
  } else if (auto* deleted = std::get_if<contrail::watch::Deleted>(&event)) {
    engine_->notify_deleted(deleted->type, deleted->uuid, now_);
  }
}

void World::hear(const standin::Response& response) {
  if (stream_) stream_->note(response.changes);
}

void World::deliver_all() {
  while (stream_ && stream_->deliver()) {
  }
}

bool World::read_inventory() {
  Inventory inventory(*engine_);
  unreadable_.clear();
  for (auto stage = inventory.next_stage(); !stage.empty(); stage = inventory.next_stage())
    for (const auto& listing : stage) {
      if (random_ && engine_->running())
        for (auto steps = dice(4); steps > 0; --steps) step();
      const auto answer = call(listing.request);
      if (answer.sent != Sent::answered || answer.status != 200) return false;
      contrail::ListParser parser(
          listing.type, [&](contrail::Object&& object) { inventory.add(object); }, inventory.wanted(listing.type),
          [&](contrail::Unreadable&& object) {
            inventory.add(object);
            unreadable_.push_back(std::move(object.why));
          });
      if (!parser.feed(answer.body) || !parser.finish()) return false;
    }
  inventory.finish(now_);
  return true;
}

// --- Requests

standin::Response World::handle(const contrail::Request& request) {
  auto response = api_.handle({request.method, request.target, "localhost:8082", request.body, {}});
  hear(response);
  return response;
}

ConfigAnswer World::call(const contrail::Request& request) {
  const auto handle = [&]() -> ConfigAnswer {
    const auto response = this->handle(request);
    return {Sent::answered, response.status, response.body, {}};
  };
  std::optional<ConfigAnswer> answer;
  if (fault_) answer = fault_(request, handle);
  if (!answer) answer = handle();
  log_.push_back({request, answer->status});
  return *answer;
}

PatchAnswer World::patch(const PodPatch& patch) {
  ++patches_;
  if (patch_fault_)
    if (auto answer = patch_fault_()) return *answer;
  const auto pod = cluster_.pods.find(patch.ns + "/" + patch.name);
  if (pod == cluster_.pods.end() || pod->second.meta.uid != patch.uid) return {PatchResult::gone, 0, "no such Pod"};
  set_annotation(pod->second, patch.state);
  pod->second.meta.resource_version = ++version_;
  put(pod->second);
  return {PatchResult::done, version_, {}};
}

PatchAnswer World::patch(const StatusPatch& patch) {
  ++patches_;
  if (patch_fault_)
    if (auto answer = patch_fault_()) return *answer;
  const auto found = cluster_.services.find(patch.ns + "/" + patch.name);
  if (found == cluster_.services.end() || found->second.meta.uid != patch.uid)
    return {PatchResult::gone, 0, "no such Service"};
  auto& service = found->second;
  if (!patch.shown.empty() && service.ingress != patch.shown)
    return {PatchResult::failed, 0, "the entries are not those that were shown"};
  // The API server removes the load-balancer status of other types.
  service.ingress = service.type == k8s::ServiceType::load_balancer ? patch.addresses : std::vector<std::string>{};
  service.meta.resource_version = ++version_;
  put(service);
  return {PatchResult::done, version_, {}};
}

void World::carry_out(Flight& flight) {
  if (const auto* request = std::get_if<contrail::Request>(&flight.job.request))
    flight.answer = call(*request);
  else if (const auto* status = std::get_if<StatusPatch>(&flight.job.request))
    flight.patch_answer = patch(*status);
  else
    flight.patch_answer = patch(std::get<PodPatch>(flight.job.request));
}

void World::give_answer(const Flight& flight) {
  if (!engine_) return;
  if (flight.answer)
    engine_->answer(flight.job.id, *flight.answer, now_);
  else
    engine_->answer(flight.job.id, *flight.patch_answer, now_);
}

bool World::step() { return engine_ && (random_ ? disorderly_step() : orderly_step()); }

bool World::orderly_step() {
  if (stream_ && stream_->is_due() && stream_->deliver()) return true;
  const auto job = engine_->poll(now_);
  if (!job) return (stream_ && stream_->deliver()) || list_again();
  Flight flight{*job, {}, {}};
  carry_out(flight);
  give_answer(flight);
  return true;
}

bool World::disorderly_step() {
  if (dice(16) == 0) now_ += std::chrono::milliseconds(dice(30));
  if (dice(32) == 0) engine_->free_unused_slots();
  if (!late_.empty() && dice(8) == 0) {
    const auto request = late_.front();
    late_.pop_front();
    handle(request);
  }
  if (dice(8) == 0 && list_again()) return true;
  if (dice(2) == 0 && stream_ && stream_->deliver()) return true;
  for (int tries = 0; tries < 8; ++tries) {
    auto& queue = events_[dice(events_.size())];
    if (queue.empty()) continue;
    const auto event = std::move(queue.front());
    queue.pop_front();
    event();
    if (dice(2) == 0) engine_->settle(now_);  // otherwise an answer may come before the settle
    return true;
  }
  if (flights_.empty() || dice(2) == 0)
    if (auto job = engine_->poll(now_)) {
      flights_.push_back({std::move(*job), {}, {}});
      return true;
    }
  if (!flights_.empty()) {
    const auto at = dice(flights_.size());
    if (!flights_[at].is_done()) {
      carry_out(flights_[at]);
      return true;
    }
    const auto flight = std::move(flights_[at]);
    flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(at));
    give_answer(flight);
    return true;
  }
  return std::any_of(events_.begin(), events_.end(), [](const auto& queue) { return !queue.empty(); }) ||
         !late_.empty() || (stream_ && stream_->deliver()) || list_again();
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

std::size_t World::reported(Report::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(reports_.begin(), reports_.end(), [&](const auto& report) { return report.kind == kind; }));
}

}  // namespace knm::test
