#include <memory>
#include <string>
#include <utility>

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
  void on_synced() override { phases_.on_kind_synced(); }

  void start(base::TaskGroup& tasks) { tasks.spawn(std::string(k8s::resource_name<T>.plural), reflector_.run()); }
  const k8s::Reflector<T>& reflector() const { return reflector_; }

 private:
  Phases& phases_;
  k8s::Reflector<T> reflector_;
};

}  // namespace

boost::asio::awaitable<void> reflect_all(const k8s::Client& client, Watching what) {
  std::function<nlohmann::json()> what_there_is;
  Phases phases(client.executor(), what, [&what_there_is] { return what_there_is(); });
  Kind<k8s::Pod> pods(client, what, phases);
  Kind<k8s::Service> services(client, what, phases);
  Kind<k8s::Namespace> namespaces(client, what, phases);
  Kind<k8s::EndpointSlice> slices(client, what, phases);
  const auto for_each = [&](const auto& act) { act(pods), act(services), act(namespaces), act(slices); };
  what_there_is = [&] {
    nlohmann::json objects;
    std::uint64_t bytes = 0;
    for_each([&]<class T>(const Kind<T>& kind) {
      objects[k8s::resource_name<T>.plural] = kind.reflector().store().size();
      bytes += kind.reflector().stats().bytes;
    });
    return nlohmann::json{{"objects", objects}, {"bytes", bytes}};
  };
  base::TaskGroup tasks(client.executor(), nullptr);
  for_each([&](auto& kind) { kind.start(tasks); });
  co_await phases.wait();
  tasks.cancel();
  co_await tasks.join();
}

}  // namespace knm::bench
