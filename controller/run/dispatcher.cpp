#include "controller/run/dispatcher.hpp"

#include <algorithm>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/cut.hpp"
#include "controller/log/loggers.hpp"
#include "net/as_result.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
// The maximum pause between two attempts to read the inventory during an outage of the servers or of the login: its end
// must show soon. Equal to the longest probe interval of the circuit breaker, which sends nothing before the first
// inventory.
constexpr std::chrono::milliseconds longest_outage_pause{5'000};

bool is_outage(int status) { return status == 502 || status == 503 || status == 504; }

ConfigAnswer to_answer(const contrail::Answer& answer) {
  if (answer) return {Sent::answered, answer->status, answer->body, {}};
  const bool never = answer.error().reached == contrail::Reached::not_sent;
  return {never ? Sent::no : Sent::unknown, 0, {}, answer.error().error.message};
}

PatchAnswer to_answer(const k8s::WriteResult& result) {
  switch (result.outcome) {
    case k8s::WriteOutcome::done:
      return {PatchResult::done, result.resource_version, {}};
    case k8s::WriteOutcome::gone:
      return {PatchResult::gone, 0, result.error.message};
    case k8s::WriteOutcome::dropped:
      return {PatchResult::dropped, 0, result.error.message};
    case k8s::WriteOutcome::unauthorized:
    case k8s::WriteOutcome::forbidden:
      return {PatchResult::no_rights, 0, result.error.message};
    case k8s::WriteOutcome::busy:
    case k8s::WriteOutcome::not_sent:
    case k8s::WriteOutcome::unknown:
      return {PatchResult::no_answer, 0, result.error.message};
    case k8s::WriteOutcome::conflict:
    case k8s::WriteOutcome::ending:
    case k8s::WriteOutcome::invalid:
      break;
  }
  return {PatchResult::failed, 0, result.error.message};
}

constexpr const char* state_annotation = "opencontrail.org/pod-state";

}  // namespace

Dispatcher::Dispatcher(asio::any_io_executor executor, Engine& engine, contrail::Api& config, k8s::Client& kubernetes,
                       base::TaskGroup& tasks)
    : executor_(executor),
      engine_(engine),
      config_(config),
      kubernetes_(kubernetes),
      tasks_(tasks),
      alarm_(executor, tasks, [this] { dispatch(); }),
      rest_(executor) {
  if (engine.settings().api_notifications)
    watch_.emplace(
        executor, engine, config, unreadable_, [this] { return now(); },
        [this] {
          schedule();
          rest_.cancel();
        });
}

void Dispatcher::schedule() {
  if (std::exchange(scheduled_, true)) return;
  tasks_.spawn("settle", settle_and_dispatch());
}

asio::awaitable<void> Dispatcher::settle_and_dispatch() {
  // Other events of this turn are handled together with it.
  co_await asio::post(executor_, asio::use_awaitable);
  scheduled_ = false;
  engine_.settle(now());
  dispatch();
}

void Dispatcher::dispatch() {
  if (stopped_) return;
  while (auto job = engine_.poll(now())) {
    if (auto* request = std::get_if<contrail::Request>(&job->request))
      tasks_.spawn("config API request", send_config(job->id, std::move(*request)));
    else if (auto* status = std::get_if<StatusPatch>(&job->request))
      tasks_.spawn("patch", send_patch(job->id, std::move(*status)));
    else
      tasks_.spawn("patch", send_patch(job->id, std::move(std::get<PodPatch>(job->request))));
  }
  alarm_.set(engine_.next_wakeup());
  const bool wanted = std::exchange(wants_audit_, engine_.wants_audit());
  const auto factor = std::exchange(audit_factor_, engine_.audit_factor());
  if (wanted != wants_audit_ || factor != audit_factor_) rest_.cancel();
  if (after_each_) after_each_();
}

asio::awaitable<void> Dispatcher::send_config(std::uint64_t id, contrail::Request request) {
  const auto answer = co_await config_.exchange(std::move(request), engine_.settings().request_timeout);
  engine_.answer(id, to_answer(answer), now());
  dispatch();
}

asio::awaitable<void> Dispatcher::send_patch(std::uint64_t id, PodPatch patch) {
  const k8s::ObjectRef pod{patch.ns, patch.name, patch.uid};
  std::string writer;
  if (patch.ask_who) writer = co_await kubernetes_.writer_of_annotation(pod, state_annotation);
  auto answer = to_answer(co_await kubernetes_.patch_annotation(pod, state_annotation, patch.state));
  answer.writer = std::move(writer);
  engine_.answer(id, answer, now());
  dispatch();
}

asio::awaitable<void> Dispatcher::send_patch(std::uint64_t id, StatusPatch patch) {
  const k8s::ObjectRef service{patch.ns, patch.name, patch.uid};
  std::string writer;
  if (patch.ask_who) writer = co_await kubernetes_.writer_of_load_balancer(service);
  auto lost = patch.shown;
  std::erase_if(lost, [&](const auto& text) {
    return std::find(patch.addresses.begin(), patch.addresses.end(), text) != patch.addresses.end();
  });
  const auto result = lost.empty()
                          ? co_await kubernetes_.patch_load_balancer(service, std::move(patch.addresses))
                          : co_await kubernetes_.remove_from_load_balancer(service, std::move(patch.shown), lost);
  auto answer = to_answer(result);
  answer.writer = std::move(writer);
  engine_.answer(id, answer, now());
  dispatch();
}

// Audits may be rare, and streams may begin all the time.
asio::awaitable<void> Dispatcher::keep_ticking() {
  asio::steady_timer timer(executor_);
  for (auto left = Time(engine_.settings().audit_interval);; left = engine_.tick(now()) - now()) {
    schedule();
    timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(left));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// Until the pause is over, or a stream has read an inventory. A stream that was lost is the beginning of the pause,
// since the next one reads an inventory soon.
asio::awaitable<void> Dispatcher::rest(std::function<Time()> pause) {
  const auto began = now();
  while (!watch_ || !watch_->has_inventory()) {
    const auto left = (watch_ ? std::max(began, watch_->lost_at()) : began) + pause() - now();
    if (left <= Time{0}) co_return;
    rest_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(left));
    co_await rest_.async_wait(net::as_result);
  }
}

// Rarely while notifications show what changes, and nothing waits for an audit.
Time Dispatcher::audit_pause(Time took) const {
  return pause_after(took, engine_.settings().audit_interval) * (engine_.wants_audit() ? 1 : engine_.audit_factor());
}

Time Dispatcher::pause_after(Time audit, Time interval) {
  return std::max<Time>(interval, std::min<Time>(20 * audit, longest_audit_pause));
}

asio::awaitable<void> Dispatcher::keep_inventory() {
  const auto& settings = engine_.settings();
  auto retry = std::chrono::milliseconds(settings.retry_delay);
  tasks_.spawn("look around", keep_ticking());
  if (watch_) tasks_.spawn("notifications", watch_->run());
  for (;;) {
    auto [failure, took] = co_await take_reading();
    const auto longest = failure && failure->is_outage ? std::min(settings.retry_delay_max, longest_outage_pause)
                                                       : settings.retry_delay_max;
    retry = std::min(retry, longest);
    const auto pause = failure ? Time(retry) : audit_pause(took);
    if (after_audit_) after_audit_(!failure, took, pause);
    if (failure) {
      if (failure->error != inventory_error_ || !inventory_read_)
        log::inventory.warning(
            inventory_read_ ? "audit of the config API failed; it will be repeated" : "waiting for the config API",
            {{"error", failure->error}});
      inventory_error_ = std::move(failure->error);
      schedule();  // what the lists before the failed one have shown
      co_await rest([pause] { return pause; });
      retry = std::min(retry * 2, longest);
      continue;
    }
    retry = settings.retry_delay;
    inventory_error_.clear();
    if (!std::exchange(inventory_read_, true))
      log::inventory.info("config API inventory read",
                          {{"entries", engine_.table().size()},
                           {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
    if (engine_.refusal()) co_return;
    schedule();
    co_await rest([this, lasted = took] { return audit_pause(lasted); });
  }
}

// That of a stream since the last round, or else one of its own.
asio::awaitable<Dispatcher::Reading> Dispatcher::take_reading() {
  if (watch_) co_await watch_->take_turn();
  Reading reading;
  if (const auto took = watch_ ? watch_->take_inventory() : std::nullopt) {
    reading.took = *took;
  } else {
    const auto began = now();
    reading.failure = co_await read_inventory();
    reading.took = now() - began;
  }
  if (watch_) watch_->end_turn();
  co_return reading;
}

asio::awaitable<std::optional<Dispatcher::Unread>> Dispatcher::read_inventory() {
  Inventory inventory(engine_);
  unreadable_.begin();
  for (auto stage = inventory.next_stage(); !stage.empty(); stage = inventory.next_stage()) {
    using Operation = decltype(asio::co_spawn(executor_, read_list(inventory, stage.front()), asio::deferred));
    std::vector<Operation> lists;
    lists.reserve(stage.size());
    for (auto& listing : stage)
      lists.push_back(asio::co_spawn(executor_, read_list(inventory, std::move(listing)), asio::deferred));
    const auto [order, thrown, unread] = co_await asio::experimental::make_parallel_group(std::move(lists))
                                             .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const auto& exception : thrown)
      if (exception) std::rethrow_exception(exception);
    for (const auto& failure : unread)
      if (failure) co_return failure;
  }
  inventory.finish(now());
  unreadable_.end();
  co_return std::nullopt;
}

asio::awaitable<std::optional<Dispatcher::Unread>> Dispatcher::read_list(Inventory& inventory,
                                                                         Inventory::Listing listing) {
  const auto type = listing.type;
  const auto unreadable = [this, &inventory](contrail::Unreadable&& object) {
    inventory.add(object);
    unreadable_.note(object);
  };
  const auto answer = co_await config_.list(
      type, std::move(listing.request), [&inventory](contrail::Object&& object) { inventory.add(object); },
      engine_.settings().request_timeout * list_timeout_factor, inventory.wanted(type), unreadable);
  const auto what = "listing " + std::string(contrail::plural(type)) + ": ";
  if (!answer) co_return Unread{what + answer.error().error.message, true};
  if (answer->status != 200)
    co_return Unread{what + "HTTP " + std::to_string(answer->status) + ": " + std::string(base::cut(answer->body, 300)),
                     is_outage(answer->status)};
  co_return std::nullopt;
}

}  // namespace knm
