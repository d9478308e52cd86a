#include "controller/run/run.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/base/version.hpp"
#include "controller/config/listen.hpp"
#include "controller/log/loggers.hpp"
#include "controller/log/writer.hpp"
#include "controller/run/config_access.hpp"
#include "controller/run/controller.hpp"
#include "controller/run/kubernetes_config.hpp"
#include "controller/run/library_log.hpp"
#include "controller/run/process.hpp"
#include "k8sclient/api/digest.hpp"
#include "k8sclient/leader/elector.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kubernetes_connections = 16;

int refuse(int code, const base::Error& error) {
  std::fprintf(stderr, "kube-network-manager: %s\n", error.message.c_str());
  return code;
}

k8s::ClientOptions kubernetes_options(std::function<bool()> may_write) {
  k8s::ClientOptions options;
  options.user_agent = "kube-network-manager/" + std::string(version());
  options.max_connections = kubernetes_connections;
  options.log = log_kubernetes;
  options.may_write = std::move(may_write);
  return options;
}

// The host, for people, and a random part: several instances may share a host, and a restarted one is another instance.
std::string identity() {
  boost::system::error_code error;
  auto host = asio::ip::host_name(error);
  if (error || host.empty()) host = "kube-network-manager";
  std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::uniform_int_distribution<std::size_t> any(0, digits.size() - 1);
  host += '_';
  for (int i = 0; i < 16; ++i) host += digits[any(device)];
  return host;
}

k8s::ElectorOptions elector_options(const Settings& settings, const std::string& ns) {
  k8s::ElectorOptions options;
  options.lease_name = {ns, settings.lease_name};
  options.lease.identity = identity();
  options.lease.duration = settings.lease_duration;
  options.lease.renew_deadline = settings.lease_renew_deadline;
  options.lease.retry_period = settings.lease_retry_period;
  // Shorter than the time between the end of a term and the expiry of the lease.
  options.lease.request_timeout = (settings.lease_duration - settings.lease_renew_deadline) * 4 / 5;
  options.log = log_kubernetes;
  return options;
}

// The election and its client, apart from the other requests: a renewal must not wait for a connection.
class Election {
 public:
  static base::Result<std::unique_ptr<Election>> create(asio::io_context& context, const k8s::ClientConfig& config,
                                                        const k8s::ElectorOptions& options) {
    if (auto fit = k8s::check(options.lease); !fit) return fit.error();
    auto client_options = kubernetes_options({});
    client_options.max_connections = 1;
    auto client = k8s::Client::create(context.get_executor(), config, client_options);
    if (!client) return client.error();
    return std::unique_ptr<Election>(new Election(std::move(*client), options));
  }
  k8s::Elector& elector() { return elector_; }

 private:
  Election(std::unique_ptr<k8s::Client> client, const k8s::ElectorOptions& options)
      : client_(std::move(client)), elector_(*client_, options) {}

  std::unique_ptr<k8s::Client> client_;
  k8s::Elector elector_;
};

// The client of the config API. Errors as config_client_parts().
base::Result<std::unique_ptr<contrail::Client>> config_client(asio::io_context& context, const Settings& settings,
                                                              std::function<bool()> may_send) {
  auto parts =
      config_client_parts(context.get_executor(), settings, net::ProxyVariables::from_environment(), log_config_api);
  if (!parts) return parts.error();
  parts->options.may_send = std::move(may_send);
  return std::make_unique<contrail::Client>(context.get_executor(), std::move(parts->servers),
                                            std::move(parts->options));
}

// SIGUSR1 turns debug lines on and off; the others, which end most programs, are ignored: the configuration is read
// only at the start.
asio::awaitable<void> note_signals(asio::signal_set& signals, log::Level configured) {
  for (bool debug = false;;) {
    const int signal = co_await signals.async_wait(asio::use_awaitable);
    if (signal == SIGUSR1) {
      debug = !debug;
      if (debug) log::set_level(std::min(configured, log::Level::debug));
      log::info(debug ? "debug lines enabled" : "debug lines disabled", {{"signal", "SIGUSR1"}});
      if (!debug) log::set_level(configured);
    } else {
      log::info("signal ignored; the configuration is read only at the start",
                {{"signal", signal == SIGHUP ? "SIGHUP" : "SIGUSR2"}});
    }
  }
}

// The first signal starts a clean stop; a second one ends the program at once.
asio::awaitable<void> stop_on_signal(asio::signal_set& signals, Controller& controller) {
  const int signal = co_await signals.async_wait(asio::use_awaitable);
  log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  signals.clear();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  controller.stop();
}

asio::awaitable<void> run_until_stopped(Controller& controller, asio::io_context& context, bool& clean) {
  co_await controller.run();
  clean = true;
  context.stop();  // only the wait for signals is left
}

void set_digest_key() {
  std::random_device device;
  std::uniform_int_distribution<std::uint64_t> any;
  const auto first = any(device), second = any(device);
  k8s::set_digest_key(first, second);
}

}  // namespace

int run_command(const RunOptions& options) {
  if (!options.core_files) forbid_core_files();
  ignore_harmless_signals();
  give_memory_back();
  set_digest_key();
  auto settings = effective_settings(options);
  if (!settings) return refuse(exit_usage, settings.error());
  log::set_format(settings->log_format);
  log::set_level(settings->log_level);
  log::Background background;

  const auto config = kubernetes_config(options);
  if (!config) return refuse(exit_usage, config.error());
  for (const auto& warning : config->warnings) log::warning(warning);
  for (const auto& warning : access_warnings(*settings)) log::warning(warning);
  if (options.core_files) log::warning("core files and debuggers are permitted; both show secrets");

  asio::io_context context(1);
  // Signals are handled from here on, before the first coroutine runs: they would end the program otherwise.
  asio::signal_set stopping(context, SIGINT, SIGTERM), noted(context, SIGHUP, SIGUSR1, SIGUSR2);
  std::unique_ptr<Election> election;
  std::function<bool()> may_write;
  if (settings->leader_election && !settings->read_only) {
    const auto ns = lease_namespace(options, *settings, *config);
    auto made = Election::create(context, *config, elector_options(*settings, ns));
    if (!made) return refuse(exit_usage, made.error());
    election = std::move(*made);
    may_write = [&elector = election->elector()] { return elector.is_leader(); };
  }
  auto kubernetes = k8s::Client::create(context.get_executor(), *config, kubernetes_options(may_write));
  if (!kubernetes) return refuse(exit_usage, kubernetes.error());
  auto config_api = config_client(context, *settings, may_write);
  if (!config_api) return refuse(exit_usage, config_api.error());
  Controller controller(context.get_executor(), *settings, **kubernetes, **config_api,
                        config_servers(*settings).front().url(), election ? &election->elector() : nullptr);
  const auto descriptors = raise_descriptor_limit();
  const auto shares =
      share_descriptors(descriptors, kubernetes_connections + static_cast<std::size_t>(settings->connections));
  if (!shares.enough)
    log::warning("limit of open files is low; raise `ulimit -n` or lower `connections`", {{"limit", descriptors}});
  if (const auto listening = controller.listen(settings->listen_http, settings->listen_state,
                                               {.http = shares.http, .state = shares.state});
      !listening)
    return refuse(exit_failure, listening.error());

  log::info("starting", {{"version", version()},
                         {"kubernetes", config->server.url()},
                         {"config_api", config_servers(*settings).front().url()},
                         {"http_port", controller.http_address().port},
                         {"state", text(controller.state_address())},
                         {"read_only", settings->read_only},
                         {"leader_election", election != nullptr}});
  bool clean = false;
  asio::co_spawn(context, stop_on_signal(stopping, controller), asio::detached);
  asio::co_spawn(context, note_signals(noted, settings->log_level), asio::detached);
  asio::co_spawn(context, run_until_stopped(controller, context, clean), asio::detached);
  context.run();
  log::info("stopped");
  if (const auto& why = controller.refusal()) {
    background.say("kube-network-manager: " + *why);
    return controller.has_duplicate_cluster() ? exit_duplicate_cluster : exit_failure;
  }
  if (controller.lost_leadership()) return exit_lost_leadership;
  return clean ? exit_ok : exit_failure;
}

}  // namespace knm
