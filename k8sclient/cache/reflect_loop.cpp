#include "k8sclient/cache/reflect_loop.hpp"

#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "k8sclient/api/errc.hpp"
#include "net/as_result.hpp"
#include "net/errc.hpp"

namespace k8s {

namespace asio = boost::asio;
using std::chrono::steady_clock;

ReflectLoop::ReflectLoop(const Client& client, ResourceName resource, ReflectorOptions options, Target& target)
    : client_(client),
      resource_(resource),
      options_(std::move(options)),
      target_(target),
      machine_(options_.watch),
      connection_(client.connection()),
      relist_signal_(client.executor(), steady_clock::time_point::max()),
      synced_signal_(client.executor(), steady_clock::time_point::max()),
      last_heard_(options_.clock->now()),
      engine_(std::random_device{}()) {}

asio::awaitable<void> ReflectLoop::run() {
  for (;;) {
    const WatchMachineCommand command = machine_.command();
    if (const auto* to_list = std::get_if<ListCommand>(&command))
      co_await list(*to_list);
    else if (const auto* to_watch = std::get_if<WatchCommand>(&command))
      co_await watch(*to_watch);
    else
      co_await wait(std::get<WaitCommand>(command));
  }
}

asio::awaitable<void> ReflectLoop::await_synced() {
  while (stats_.lists == 0) co_await synced_signal_.async_wait(net::as_result);
}

asio::awaitable<void> ReflectLoop::wait(WaitCommand command) {
  asio::steady_timer timer(client_.executor(), command.time);
  co_await timer.async_wait(asio::use_awaitable);
  machine_.step(Waited{}, random());
}

asio::awaitable<void> ReflectLoop::list(ListCommand command) {
  const std::size_t before = target_.put_aside();
  ListMeta meta;
  ++stats_.pages;
  if (const auto problem = co_await fetch_page(std::move(command), meta)) {
    failed(*problem);
    co_return;
  }
  const Reaction reaction = machine_.step(PageListed{std::move(meta), target_.put_aside() - before}, random());
  if (reaction.store == StoreAction::commit) co_return listed(reaction);
  if (reaction.why) {
    ++stats_.failures;
    ++failures_in_row_;
    report({errc::stale, "listing " + std::string(resource_.plural) + ": " + *reaction.why});
  }
  if (reaction.abandon) connection_->close();  // another connection may lead to another server
  act(reaction);
}

// A list is complete.
void ReflectLoop::listed(const Reaction& reaction) {
  if (reaction.why)
    write_log(client_.options().log, base::LogLevel::warning,
              "listing " + std::string(resource_.plural) + ": " + *reaction.why,
              {{"resource", std::string(resource_.plural)}});
  heard();
  act(reaction);
}

asio::awaitable<void> ReflectLoop::watch(WatchCommand command) {
  machine_knows_ = false;
  stream_problem_.reset();
  if (relist_asked_ && !command.initial_events) co_return list_again(relist_at_once_);
  ++stats_.watches;
  const auto begun = steady_clock::now();
  using namespace asio::experimental::awaitable_operators;
  const auto outcome = co_await (follow(command) || relist_signal_.async_wait(net::as_result));
  if (outcome.index() == 1) {
    machine_knows_ = false;  // an event may have ended the stream at the same moment
    stream_problem_.reset();
    if (relist_asked_) list_again(relist_at_once_);  // otherwise the loop is being cancelled
    co_return;
  }
  if (const auto& problem = std::get<0>(outcome)) {
    failed(*problem);
  } else if (machine_.is_streaming()) {
    failed({{errc::stalled, "watching " + std::string(resource_.plural) +
                                ": the server ended a streaming list before it was complete"},
            Trouble::busy,
            std::nullopt});
  } else {
    act(machine_.step(WatchEnded{steady_clock::now() - begun < std::chrono::seconds(1)}, random()));
  }
  if (options_.relist_interval.count() > 0 && steady_clock::now() >= next_relist_) list_again(true);
}

void ReflectLoop::relist() {
  relist_asked_ = true;
  relist_at_once_ = true;
  if (!machine_.is_streaming()) relist_signal_.cancel();
}

// Over another connection, which may lead to another server.
void ReflectLoop::list_again(bool at_once) {
  connection_->close();
  machine_.step(ListAsked{at_once}, random());
}

base::Result<StoreAction> ReflectLoop::judge(const WatchMachineInput& event) {
  ++stats_.events;
  const Reaction reaction = machine_.step(event, random());
  if (!reaction.abandon) {
    if (reaction.store == StoreAction::commit) {
      listed(reaction);
      recovered();
    } else if (reaction.store != StoreAction::keep) {
      heard();
    }
    return reaction.store;
  }
  machine_knows_ = true;
  act(reaction);
  stream_problem_ =
      Problem{{errc::stale, "watching " + std::string(resource_.plural) + ": " + reaction.why.value_or("")},
              Trouble::malformed,
              std::nullopt};
  return stream_problem_->error;
}

StoreAction ReflectLoop::judge_unversioned() {
  if (machine_.is_streaming()) return StoreAction::keep;
  heard();
  return StoreAction::apply;
}

void ReflectLoop::failed(const Problem& problem) {
  if (problem.error.code == net::errc::cancelled) return;  // run() ends at its next wait
  ++stats_.failures;
  ++failures_in_row_;
  base::Error error = problem.error;
  if (!std::exchange(machine_knows_, false)) {
    const Reaction reaction = machine_.step(RequestFailed{problem.trouble, problem.retry_after}, random());
    if (reaction.why) error.message += "; " + *reaction.why;
    act(reaction);
  }
  report(error);
}

void ReflectLoop::act(const Reaction& reaction) {
  if (reaction.store == StoreAction::commit) {
    ++stats_.lists;
    committed(target_.commit(reaction.restored));
  } else if (reaction.store == StoreAction::discard) {
    target_.discard();
  }
}

void ReflectLoop::committed(bool doubted) {
  synced_signal_.cancel();
  relist_asked_ = doubted;
  const std::chrono::duration<double, std::milli> interval(options_.relist_interval);
  next_relist_ =
      steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(interval * (1 + random() / 2));
  const bool again = std::exchange(doubted_, doubted);
  if (!doubted) return;
  ++stats_.doubted;
  write_log(client_.options().log, base::LogLevel::warning,
            "the list of " + std::string(resource_.plural) +
                " does not have many of the cached objects; they stay until another list confirms the deletion",
            {{"resource", std::string(resource_.plural)}});
  relist_at_once_ = !again;
  relist_signal_.cancel();  // ends the stream, if the list was a streaming one
}

// A repeated failure is logged as a warning once, and again at intervals while it lasts.
void ReflectLoop::report(const base::Error& error) {
  const auto now = options_.clock->now();
  const bool again = std::exchange(troubled_, true) && stats_.last_error == error.message;
  const bool quiet = again && now - said_at_ < options_.say_again;
  if (!quiet) said_at_ = now;
  stats_.last_error = error.message;
  write_log(client_.options().log, quiet ? base::LogLevel::debug : base::LogLevel::warning, error.message,
            {{"resource", std::string(resource_.plural)}, {"failures", std::to_string(stats_.failures)}});
  if (options_.on_error) options_.on_error(error);
}

void ReflectLoop::heard() {
  last_heard_ = options_.clock->now();
  failures_in_row_ = 0;
}

WatchLife ReflectLoop::life() const {
  return {resource_.plural,    stats_.lists > 0, last_heard_,
          stats_.failures,     failures_in_row_, failures_in_row_ > 0 ? stats_.last_error : std::string(),
          machine_.last_seen()};
}

void ReflectLoop::recovered() {
  if (!std::exchange(troubled_, false)) return;
  write_log(client_.options().log, base::LogLevel::info, "watching " + std::string(resource_.plural) + " again");
}

double ReflectLoop::random() { return std::uniform_real_distribution<double>(0, 1)(engine_); }

}  // namespace k8s
