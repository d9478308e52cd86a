// Prints the changes of pods, until Ctrl-C: watch_pods [KUBECONFIG]
#include <cstdlib>
#include <iostream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/task_group.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/config/kubeconfig.hpp"

class Printer : public k8s::Handler<k8s::Pod> {
 public:
  void on_upsert(const k8s::Pod& pod) override {
    std::cout << k8s::object_key(pod.meta) << (pod.ready ? " is ready on " : " is not ready on ") << pod.node << '\n';
  }
  void on_delete(const k8s::Pod& pod) override { std::cout << k8s::object_key(pod.meta) << " was deleted\n"; }
  void on_synced() override { std::cout << "-- all pods are known\n"; }
};

int main(int argc, char** argv) {
  const auto variable = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  const auto config =
      k8s::load_kubeconfig(k8s::kubeconfig_paths(argc > 1 ? argv[1] : variable("KUBECONFIG"), variable("HOME")));
  if (!config) return std::cerr << config.error().message << '\n', 1;

  boost::asio::io_context context(1);
  k8s::ClientOptions options;
  options.log = [](base::LogLevel, std::string_view message, const auto&) { std::cerr << message << '\n'; };
  const auto client = k8s::Client::create(context.get_executor(), *config, options);
  if (!client) return std::cerr << client.error().message << '\n', 1;

  Printer printer;
  k8s::Reflector<k8s::Pod> pods(**client, {}, printer);
  base::TaskGroup tasks(context.get_executor(), nullptr);
  tasks.spawn("pods", pods.run());

  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { tasks.cancel(); });
  context.run();  // returns when the reflector has ended
  return 0;
}
