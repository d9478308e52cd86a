#include <string>
#include <type_traits>

#include "base/task_group.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "tests/bench/informer/phases.hpp"
#include "tests/bench/informer/watching.hpp"

namespace knm::bench {
namespace {

k8s::ReflectorOptions options_of(const Watching& what) {
  k8s::ReflectorOptions out;
  out.projection = {{"app"}, {"opencontrail.org/pod-state"}};
  out.json_only = what.encoding == "json";
  if (what.mode == "list") out.watch.page_size = 0;
  out.watch.streaming_list = what.mode == "stream";
  return out;
}

// One kind: its reflector, and a handler that tells the phases.
template <class T>
class Kind : public k8s::Handler<T> {
 public:
  Kind(const k8s::Client& client, const Watching& what, Phases& phases)
      : phases_(phases), reflector_(client, options_of(what), *this) {}

  void on_upsert(const T& /*object*/) override {
    if constexpr (std::is_same_v<T, k8s::Pod>) phases_.on_pod_changed();
  }
  void on_delete(const T& /*object*/) override {}
  void on_synced() override {
    phases_.on_kind_synced(k8s::resource_name<T>.plural, reflector_.store().size(), reflector_.stats().bytes);
  }

  void start(base::TaskGroup& tasks) { tasks.spawn(std::string(k8s::resource_name<T>.plural), reflector_.run()); }

 private:
  Phases& phases_;
  k8s::Reflector<T> reflector_;
};

}  // namespace

boost::asio::awaitable<void> reflect_all(const k8s::Client& client, Watching what) {
  Phases phases(client.executor(), what);
  Kind<k8s::Pod> pods(client, what, phases);
  Kind<k8s::Service> services(client, what, phases);
  Kind<k8s::Namespace> namespaces(client, what, phases);
  Kind<k8s::EndpointSlice> slices(client, what, phases);
  base::TaskGroup tasks(client.executor(), nullptr);
  pods.start(tasks);
  services.start(tasks);
  namespaces.start(tasks);
  slices.start(tasks);
  co_await phases.wait();
  tasks.cancel();
  co_await tasks.join();
}

}  // namespace knm::bench
