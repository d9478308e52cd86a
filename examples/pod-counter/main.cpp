// Keeps the number of its Pods as an annotation on each Namespace, until Ctrl-C: pod-counter [KUBECONFIG]
#include <cstdlib>
#include <iostream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/task_group.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/config/kubeconfig.hpp"
#include "k8sclient/queue/work_queue.hpp"

using Queue = k8s::WorkQueue<std::string>;  // of names of Namespaces

// An event only says which Namespace to look at: its Pods are counted later, when its turn comes.
class PodChanges : public k8s::Handler<k8s::Pod> {
 public:
  explicit PodChanges(Queue& queue) : queue_(queue) {}
  void on_upsert(const k8s::Pod& pod) override { queue_.add(pod.meta.ns); }
  void on_delete(const k8s::Pod& pod) override { queue_.add(pod.meta.ns); }
  void on_synced() override {}

 private:
  Queue& queue_;
};

boost::asio::awaitable<void> count_pods(Queue& queue, k8s::Client& client, const k8s::Store<k8s::Pod>& pods) {
  while (const auto ns = co_await queue.get()) {
    int count = 0;
    for (const auto& [key, pod] : pods) count += pod.meta.ns == ns->key() ? 1 : 0;
    const auto path = k8s::object_path(k8s::resource_name<k8s::Namespace>, "", ns->key());
    const auto body = R"({"metadata":{"annotations":{"example.org/pods":")" + std::to_string(count) + R"("}}})";
    const auto result = co_await client.merge_patch(path, body);
    if (result.outcome == k8s::WriteOutcome::done || result.outcome == k8s::WriteOutcome::gone) {
      queue.forget(ns->key());
    } else {
      std::cerr << result.error.message << '\n';
      queue.add_rate_limited(ns->key());
    }
  }
}

int main(int argc, char** argv) {
  const auto variable = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  const auto config =
      k8s::load_kubeconfig(k8s::kubeconfig_paths(argc > 1 ? argv[1] : variable("KUBECONFIG"), variable("HOME")));
  if (!config) return std::cerr << config.error().message << '\n', 1;
  boost::asio::io_context context(1);
  const auto client = k8s::Client::create(context.get_executor(), *config, {.user_agent = "pod-counter"});
  if (!client) return std::cerr << client.error().message << '\n', 1;

  Queue queue(context.get_executor());
  PodChanges changes(queue);
  k8s::Reflector<k8s::Pod> pods(**client, {}, changes);
  base::TaskGroup tasks(context.get_executor(), nullptr);
  tasks.spawn("pods", pods.run());
  tasks.spawn("counter", count_pods(queue, **client, pods.store()));
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { tasks.cancel(); });
  context.run();  // returns when both have ended
}
