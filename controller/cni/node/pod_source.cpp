#include "controller/cni/node/pod_source.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/task_group.hpp"
#include "controller/base/version.hpp"
#include "controller/cni/core/awaited_pod.hpp"
#include "controller/cni/core/errc.hpp"
#include "k8sclient/cache/reflector.hpp"
#include "k8sclient/client/client.hpp"
#include "k8sclient/config/kubeconfig.hpp"
#include "net/as_result.hpp"

namespace knm::cni {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds request_limit{5'000};

base::Result<std::unique_ptr<k8s::Client>> make_client(asio::any_io_executor executor, const NetworkConfig& config) {
  auto settings = k8s::load_kubeconfig({config.kubeconfig});
  if (!settings) return base::Error{errc::bad_config, settings.error().message};
  k8s::ClientOptions options;
  options.request_timeout = request_limit;
  options.user_agent = "contrail-cni/" + std::string(version());
  auto client = k8s::Client::create(std::move(executor), std::move(*settings), std::move(options));
  if (!client) return base::Error{errc::bad_config, client.error().message};
  return client;
}

// Judges the Pod at each change, and calls `done` once the verdict is final.
class PodJudge final : public k8s::Handler<k8s::Pod> {
 public:
  PodJudge(PodRef asked, bool adopted_interfaces, std::function<void()> done)
      : asked_(std::move(asked)), adopted_interfaces_(adopted_interfaces), done_(std::move(done)) {}

  void on_upsert(const k8s::Pod& pod) override { consider(pod); }
  void on_delete(const k8s::Pod&) override { consider(std::nullopt); }
  void on_synced() override {
    if (!judged_) consider(std::nullopt);
  }
  void on_unreadable(const k8s::Unreadable& object) override {
    if (is_final()) return;
    judged_ = true;
    verdict_ = StillWaiting{"the Pod cannot be read: " + object.why};
  }

  const PodVerdict& verdict() const { return verdict_; }
  bool judged() const { return judged_; }  // the API server has shown whether there is such a Pod

 private:
  // Further events may follow in the same turn of the loop.
  bool is_final() const { return !std::holds_alternative<StillWaiting>(verdict_); }
  void consider(const std::optional<k8s::Pod>& pod) {
    if (is_final()) return;
    judged_ = true;
    verdict_ = judge(pod, asked_, adopted_interfaces_);
    if (is_final()) done_();
  }

  PodRef asked_;
  bool adopted_interfaces_;
  std::function<void()> done_;
  bool judged_ = false;
  PodVerdict verdict_ = StillWaiting{};
};

k8s::ReflectorOptions options_for(const PodRef& pod, std::string& trouble) {
  k8s::ReflectorOptions options;
  options.ns = pod.ns;
  options.field_selector = "metadata.name=" + pod.name;
  options.projection.annotations = {std::string(pod_state_annotation)};
  // A person waits for the container.
  options.watch.backoff = {std::chrono::milliseconds(200), std::chrono::milliseconds(2000)};
  options.on_error = [&trouble](const base::Error& error) { trouble = error.message; };
  return options;
}

base::Error too_late(const NetworkConfig& config, const PodRef& pod, const PodJudge& judge,
                     const std::string& trouble) {
  std::string why = trouble.empty() ? "the API server did not answer" : "it could not be read";
  if (judge.judged()) why = std::get<StillWaiting>(judge.verdict()).reason;
  if (!trouble.empty()) why += ". Last failure: " + trouble;
  return {errc::try_again,
          "after " + std::to_string(config.time_limit.count()) + " s: Pod " + pod.ns + "/" + pod.name + ": " + why};
}

}  // namespace

asio::awaitable<base::Result<PodState>> await_pod_state(NetworkConfig config, PodRef pod) {
  const auto executor = co_await asio::this_coro::executor;
  const auto client = make_client(executor, config);
  if (!client) co_return client.error();
  asio::steady_timer limit(executor, config.time_limit);
  PodJudge judge(pod, config.adopted_interfaces, [&limit] { limit.expires_at(asio::steady_timer::time_point::min()); });
  std::string trouble;
  k8s::Reflector<k8s::Pod> pods(**client, options_for(pod, trouble), judge);
  base::TaskGroup tasks(executor, nullptr);
  tasks.spawn("pod", pods.run());
  co_await limit.async_wait(net::as_result);
  tasks.cancel();
  co_await tasks.join();
  if (const auto* state = std::get_if<PodState>(&judge.verdict())) co_return *state;
  if (const auto* never = std::get_if<NeverComes>(&judge.verdict()))
    co_return base::Error{errc::not_served, "Pod " + pod.ns + "/" + pod.name + ": " + never->reason};
  co_return too_late(config, pod, judge, trouble);
}

asio::awaitable<base::Result<void>> check_api_server(NetworkConfig config) {
  const auto client = make_client(co_await asio::this_coro::executor, config);
  if (!client) co_return client.error();
  const auto answer = co_await (*client)->get("/version");
  if (!answer) co_return answer.error();
  co_return base::Result<void>();
}

}  // namespace knm::cni
