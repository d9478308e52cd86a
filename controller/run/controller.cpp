#include "controller/run/controller.hpp"

#include <random>

#include <boost/asio/use_awaitable.hpp>

#include "controller/base/version.hpp"
#include "controller/config/listen.hpp"
#include "controller/events/moments.hpp"
#include "controller/intent/projections.hpp"
#include "controller/log/loggers.hpp"
#include "controller/log/writer.hpp"
#include "controller/run/config_access.hpp"
#include "controller/status/state.hpp"
#include "net/as_result.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
void report_failure(const std::string& task, std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    // An exception in a task is a bug; the work of the task has stopped, so the program must not continue without it.
    log::controller.error("task failed; the program ends so that it is restarted",
                          {{"task", task}, {"error", e.what()}});
  }
  log::flush();
  std::abort();
}

k8s::ReflectorOptions watch_options(const Settings& settings, k8s::Projection projection) {
  k8s::ReflectorOptions options;
  options.deletion_guard = guard_of(settings);
  options.relist_interval = settings.relist_interval;
  options.projection = std::move(projection);
  options.keep = k8s::Keep::digests;  // the intent has all other data
  options.silence_limit = settings.watch_silence_limit;
  return options;
}

// In one step: its cost does not depend on the cluster. The renderer limits how often it is done.
class Scrape final : public Rendering {
 public:
  explicit Scrape(const Metrics& metrics) : metrics_(metrics) {}
  bool go() override { return false; }
  HttpReply reply() override { return metrics_.scrape(); }

 private:
  const Metrics& metrics_;
};

}  // namespace

Controller::Controller(asio::any_io_executor executor, const Settings& settings, k8s::Client& kubernetes,
                       contrail::Api& config, std::string config_name, k8s::Elector* elector)
    : executor_(executor),
      config_(config),
      config_name_(std::move(config_name)),
      metrics_({std::string(version()), std::string(compiler())}),
      observer_(metrics_),
      engine_(settings, std::random_device{}(), [this](const Report& report) { this->report(report); }),
      tasks_(executor, report_failure),
      dispatcher_(executor, engine_, config, kubernetes, tasks_),
      events_(executor, kubernetes, tasks_, !settings.read_only),
      policy_(executor, kubernetes),
      leadership_(executor, elector, [this] { stop(); }),
      changed_(executor, asio::steady_timer::time_point::max()),
      watch_health_({.silence = settings.watch_silence_limit}),
      pod_feed_(make_feed<k8s::Pod>()),
      service_feed_(make_feed<k8s::Service>()),
      namespace_feed_(make_feed<k8s::Namespace>()),
      slice_feed_(make_feed<k8s::EndpointSlice>()),
      pods_(std::make_unique<k8s::Reflector<k8s::Pod>>(kubernetes, watch_options(settings, pod_projection(settings)),
                                                       *pod_feed_)),
      services_(std::make_unique<k8s::Reflector<k8s::Service>>(
          kubernetes, watch_options(settings, service_projection(settings)), *service_feed_)),
      namespaces_(
          std::make_unique<k8s::Reflector<k8s::Namespace>>(kubernetes, watch_options(settings, {}), *namespace_feed_)),
      slices_(
          std::make_unique<k8s::Reflector<k8s::EndpointSlice>>(kubernetes, watch_options(settings, {}), *slice_feed_)) {
  observer_.watch(engine_);
  dispatcher_.after_each([this] {
    ++changes_;
    list_what_is_awaited();
    if (!leadership_.is_standby()) events_.update(engine_.problems(), engine_.take_changed_problems());
  });
  dispatcher_.after_audit([this](bool complete, auto took, auto pause) {
    metrics_.audited(complete, took);
    metrics_.set_audit_pause(pause);
  });
  for (const auto& server : unverified_servers(settings)) metrics_.set_unverified(server);
  metrics_.before_scrape([this] {
    set_counters();
    observer_.set_counts();
  });
}

Controller::~Controller() = default;

template <class T>
std::unique_ptr<Feed<T>> Controller::make_feed() {
  return std::make_unique<Feed<T>>(
      engine_,
      [this] {
        ++changes_;
        dispatcher_.schedule();
      },
      [this] { changed_.cancel(); },
      [this](const k8s::Unreadable& object, bool over) {
        constexpr auto plural = k8s::resource_name<T>.plural;
        over ? unread_.over(plural, object, dispatcher_.now()) : unread_.came(plural, object, dispatcher_.now());
      });
}

// A list that is requested while one is running is that one.
void Controller::list_what_is_awaited() {
  if (engine_.awaits_list(Watched::namespaces)) namespaces_->relist();
  if (engine_.awaits_list(Watched::pods)) pods_->relist();
  if (engine_.awaits_list(Watched::services)) services_->relist();
  if (engine_.awaits_list(Watched::slices)) slices_->relist();
}

// What the guard holds is logged again and again, since a person must confirm it; and unsafe settings, since each line
// may be the only one that is read.
asio::awaitable<void> Controller::remind() {
  asio::steady_timer timer(executor_);
  for (;;) {
    timer.expires_after(std::chrono::minutes(5));
    co_await timer.async_wait(asio::use_awaitable);
    for (const auto& warning : access_warnings(engine_.settings())) log::controller.warning(warning);
    if (const auto why = engine_.guard_in_words(); !why.empty())
      log::controller.error("mass-deletion guard still holds deletions", {{"why", why}});
  }
}

void Controller::report(const Report& report) {
  observer_(report);
  if (leadership_.is_standby()) return;
  if (auto notice = moment_of(report, engine_)) events_.notice(std::move(*notice));
}

void Controller::set_counters() {
  metrics_.set_log_lines_lost(log::lost_lines());
  metrics_.set_events(EventFate::sent, events_.counts().sent);
  metrics_.set_events(EventFate::suppressed, events_.counts().suppressed);
  metrics_.set_events(EventFate::failed, events_.counts().failed);
  metrics_.set_pod_state_policy(name(policy_.found().state));
  metrics_.set_access_refused(!config_.access_fault().empty());
  if (const auto* watch = dispatcher_.config_watch())
    metrics_.set_config_watch(engine_.watch_alive(), base::SteadyClock().now() - watch->life().last_heard);
  if (const auto election = leadership_.state()) metrics_.set_leader(election->lease, election->leads);
  metrics_.set_cached("pods", pods_->store().size());
  metrics_.set_cached("services", services_->store().size());
  metrics_.set_cached("namespaces", namespaces_->store().size());
  metrics_.set_cached("endpointslices", slices_->store().size());
  metrics_.set_unreadable("pods", pods_->store().unreadable().size());
  metrics_.set_unreadable("services", services_->store().unreadable().size());
  metrics_.set_unreadable("namespaces", namespaces_->store().unreadable().size());
  metrics_.set_unreadable("endpointslices", slices_->store().unreadable().size());
  for (const auto& life : lives()) {
    metrics_.set_watch(life.resource, base::SteadyClock().now() - life.last_heard, life.failures);
    metrics_.set_watch_version(life.resource, life.resource_version);
  }
  metrics_.set_withheld("pods", pods_->store().withheld().objects);
  metrics_.set_withheld("services", services_->store().withheld().objects);
  metrics_.set_withheld("namespaces", namespaces_->store().withheld().objects);
  metrics_.set_withheld("endpointslices", slices_->store().withheld().objects);
}

base::Result<void> Controller::listen(ListenAddress http, ListenAddress state, Connections connections) {
  renderer_ = std::make_shared<Renderer>(executor_, RenderLimits{});
  auto state_server = HttpServer::listen(executor_, std::move(state), state_routes(),
                                         {.connections = connections.state}, renderer_, "listen-state");
  if (!state_server) return state_server.error();
  state_server_ = std::move(*state_server);
  Routes routes;
  add_routes(routes);
  auto http_server = HttpServer::listen(executor_, std::move(http), std::move(routes),
                                        {.connections = connections.http}, renderer_, "listen-http");
  if (!http_server) return http_server.error();
  http_server_ = std::move(*http_server);
  return {};
}

void Controller::add_routes(Routes& routes) {
  // This port is open to all: what a server said, and names, are in /state and in the log.
  const auto add = [this](std::string name, Health::Check check) {
    health_.add(Health::Probe::ready, std::move(name), std::move(check));
  };
  const auto said_if = [](bool fails, const char* what) {
    return fails ? std::optional<std::string>(what) : std::nullopt;
  };
  add("kubernetes", [this]() -> std::optional<std::string> {
    const auto missing = unsynced();
    return missing.empty() ? std::nullopt : std::optional("not listed yet: " + missing);
  });
  add("kubernetes-watches", [this] { return watch_health_.silence(lives(), base::SteadyClock().now()); });
  add("config-api-inventory", [this, said_if] {
    const bool waits = !dispatcher_.inventory_read() && !leadership_.is_standby();
    return said_if(waits, dispatcher_.last_inventory_error().empty()
                              ? "not read yet"
                              : "not read yet; /state and the log have the error");
  });
  add("config-api-access", [this, said_if] {
    return said_if(
        !config_.access_fault().empty(),
        "the config API does not let this program in, or has another database; /state and the log have the reason");
  });
  if (leadership_.state())
    add("leader-election", [this, said_if] {
      return said_if(leadership_.fault().has_value(), "the Lease cannot be used; the log has the reason");
    });
  for (const auto api : {TargetApi::pod_state, TargetApi::service_status})
    add(api == TargetApi::pod_state ? "pod-states" : "service-statuses", [this, said_if, api] {
      return said_if(!engine_.writes_refused(api).empty(),
                     api == TargetApi::pod_state
                         ? "the API server refuses all patches of Pods; the log has the reason"
                         : "the API server refuses all patches of the status of Services; the log has the reason");
    });
  health_.serve(routes);
  routes.add_rendered("/metrics", "metrics for Prometheus", [this](const HttpRequest&) {
    return RenderJob{"/metrics", [this] { return std::make_unique<Scrape>(metrics_); }};
  });
  const auto elsewhere = text(state_address());
  routes.add("/state", "on " + elsewhere + ", see listen-state", [elsewhere] {
    return HttpReply{.status = 404,
                     .body = "404: /state is served on " + elsewhere +
                             ", because it lists every Pod and every address; see listen-state in the configuration or "
                             "--listen-state\n"};
  });
}

Routes Controller::state_routes() const {
  Routes routes;
  routes.add_rendered("/state", "the state of the controller as JSON; ?full for complete lists",
                      [this](const HttpRequest& request) { return state(request.has("full")); });
  return routes;
}

namespace {

class StateRendering final : public Rendering {
 public:
  StateRendering(const Engine& engine, Surroundings around) : text_(engine, std::move(around)) {}
  bool go() override { return text_.go(); }
  HttpReply reply() override {
    auto pieces = text_.take();
    pieces.emplace_back("\n");
    return {.content_type = "application/json", .shared = std::make_shared<const SharedBody>(std::move(pieces))};
  }

 private:
  StateText text_;
};

}  // namespace

RenderJob Controller::state(bool full) const {
  return {full ? "/state?full" : "/state", [this, full] { return begin_state(full); }};
}

std::unique_ptr<Rendering> Controller::begin_state(bool full) const {
  Surroundings around;
  around.version = version();
  around.config_api = config_.address();
  if (around.config_api.empty()) around.config_api = config_name_;
  around.config_api_error = config_.access_fault();
  if (around.config_api_error.empty()) around.config_api_error = dispatcher_.last_inventory_error();
  if (const auto* watch = dispatcher_.config_watch()) {
    const auto& life = watch->life();
    around.notifications.emplace(std::string(name(life.phase)), base::SteadyClock().now() - life.last_heard,
                                 life.changes, life.error);
  }
  around.kubernetes_synced = unsynced().empty();
  for (auto& life : lives())
    around.watches.push_back({std::string(life.resource), base::SteadyClock().now() - life.last_heard,
                              static_cast<std::size_t>(life.failures_in_row), std::move(life.error)});
  around.kubernetes_error = watch_health_.fault(lives(), base::SteadyClock().now()).value_or("");
  around.now = dispatcher_.now();
  around.election = leadership_.state();
  around.pod_state_policy = name(policy_.found().state);
  around.pod_state_policy_why = policy_.found().why;
  if (full) around.limits = StateLimits::none();
  around.changes = &changes_;
  return std::make_unique<StateRendering>(engine_, std::move(around));
}

std::string Controller::unsynced() const {
  std::string out;
  const auto add = [&](bool synced, const char* name) {
    if (!synced) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  add(namespaces_->synced(), "namespaces");
  add(services_->synced(), "services");
  add(slices_->synced(), "endpointslices");
  add(pods_->synced(), "pods");
  return out;
}

asio::awaitable<void> Controller::run() {
  tasks_.spawn("http", http_server_->run());
  tasks_.spawn("state", state_server_->run());
  tasks_.spawn("namespaces", namespaces_->run());
  tasks_.spawn("services", services_->run());
  tasks_.spawn("endpointslices", slices_->run());
  tasks_.spawn("pods", pods_->run());
  tasks_.spawn("reconcile", reconcile());
  tasks_.spawn("watch health", watch_the_watches());
  tasks_.spawn("reminders", remind());
  co_await tasks_.join();
  co_await leadership_.release();
}

void Controller::stop() {
  dispatcher_.stop();
  events_.stop();
  tasks_.cancel();
}

std::vector<k8s::WatchLife> Controller::lives() const {
  return {namespaces_->life(), services_->life(), slices_->life(), pods_->life()};
}

// A silent watch does not fail: only the time shows it.
asio::awaitable<void> Controller::watch_the_watches() {
  asio::steady_timer timer(executor_);
  for (;;) {
    timer.expires_after(std::chrono::seconds(10));
    co_await timer.async_wait(asio::use_awaitable);
    for (const auto& line : watch_health_.to_say(lives(), base::SteadyClock().now())) {
      if (line.silent)
        log::controller.warning(
            "watch is silent; changes of this resource are not seen",
            {{"resource", line.resource}, {"seconds", line.silence.count()}, {"error", line.error}});
      else
        log::controller.info("watch delivers again", {{"resource", line.resource}});
    }
  }
}

asio::awaitable<void> Controller::reconcile() {
  co_await wait_for_cluster();
  tasks_.spawn("policy", policy_.keep_watch());
  const auto& kube_system = *engine_.intent().ns("kube-system");
  engine_.set_owner(owner_of(engine_.settings().cluster_name, kube_system.uid));
  log::controller.info("cluster listed", {{"namespaces", namespaces_->store().size()},
                                          {"services", services_->store().size()},
                                          {"pods", pods_->store().size()},
                                          {"owner", engine_.binder().owners().ours()}});
  co_await leadership_.win(tasks_);
  co_await dispatcher_.keep_inventory();
  if (!engine_.refusal()) co_return;
  log::controller.error("the start is refused; the program ends", {{"why", *engine_.refusal()}});
  stop();
}

// Nothing is written, and above all nothing deleted, before the whole cluster is known.
asio::awaitable<void> Controller::wait_for_cluster() {
  bool logged = false;
  for (;;) {
    const auto missing = unsynced();
    if (missing.empty() && engine_.intent().ns("kube-system")) co_return;
    if (missing.empty() && !std::exchange(logged, true))
      log::controller.error("Namespace kube-system not found, its UID identifies this cluster; the lookup is repeated");
    // A list without this Namespace is wrong, and no watch will show it.
    if (missing.empty()) namespaces_->relist();
    asio::steady_timer poll(executor_, std::chrono::seconds(1));
    if (missing.empty())
      co_await poll.async_wait(asio::use_awaitable);
    else
      co_await changed_.async_wait(net::as_result);
  }
}

}  // namespace knm
