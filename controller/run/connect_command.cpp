#include "controller/run/connect_command.hpp"

#include <algorithm>
#include <ostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "controller/base/version.hpp"
#include "controller/run/connect_checks.hpp"
#include "controller/run/kubernetes_config.hpp"
#include "controller/run/process.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;

int refuse(std::ostream& err, const base::Error& error) {
  err << "kube-network-manager: " << error.message << '\n';
  return exit_usage;
}

struct Tried {
  k8s::Client& kubernetes;
  const Settings& settings;
  const ConfigClientParts& parts;
  std::string lease_namespace;
};

void append(std::vector<Check>& all, std::vector<Check> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

asio::awaitable<void> try_all(asio::any_io_executor executor, Tried what, std::vector<Check>& checks) {
  append(checks, co_await check_kubernetes(what.kubernetes, what.settings, what.lease_namespace));
  append(checks, co_await check_keystone(what.settings, *what.parts.options.access));
  contrail::DatabaseIdentity identity;
  for (std::size_t server = 0; server < what.parts.servers.size(); ++server)
    append(checks, co_await check_config_api(executor, what.settings, what.parts, server, identity));
}

}  // namespace

int connect_command(const RunOptions& options, std::ostream& out, std::ostream& err) {
  forbid_core_files();
  ignore_harmless_signals();
  const auto settings = effective_settings(options);
  if (!settings) return refuse(err, settings.error());
  const auto config = kubernetes_config(options);
  if (!config) return refuse(err, config.error());
  asio::io_context context(1);
  k8s::ClientOptions how;
  how.user_agent = "kube-network-manager/" + std::string(version());
  auto kubernetes = k8s::Client::create(context.get_executor(), *config, how);
  if (!kubernetes) return refuse(err, kubernetes.error());
  const auto parts =
      config_client_parts(context.get_executor(), *settings, net::ProxyVariables::from_environment(), {});
  if (!parts) return refuse(err, parts.error());
  for (const auto& warning : config->warnings) err << "warning: " << warning << '\n';
  for (const auto& warning : access_warnings(*settings)) err << "warning: " << warning << '\n';

  std::vector<Check> checks;
  std::exception_ptr failure;
  asio::co_spawn(context,
                 try_all(context.get_executor(),
                         {**kubernetes, *settings, *parts, lease_namespace(options, *settings, *config)}, checks),
                 [&](std::exception_ptr thrown) { failure = std::move(thrown); });
  context.run();
  if (failure) std::rethrow_exception(failure);
  const auto failed = std::count_if(checks.begin(), checks.end(), [](const Check& check) { return !check.good; });
  for (const auto& check : checks)
    out << (check.good ? "ok    " : "FAIL  ") << check.subject << ": " << check.found << '\n';
  if (failed > 0) out << failed << " of " << checks.size() << " checks failed\n";
  return failed > 0 ? exit_failure : exit_ok;
}

}  // namespace knm
