#include "k8sclient/cache/reflect_loop.hpp"

#include <algorithm>
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

namespace {

constexpr std::size_t max_status_bytes = 1024 * 1024;

Trouble trouble_of(const boost::system::error_code& code) {
  if (code == errc::expired) return Trouble::expired;
  if (code == errc::malformed || code == errc::too_large || code == errc::stale) return Trouble::malformed;
  if (code.category() == error_category() && code != errc::busy && code != errc::server_error && code != errc::stalled)
    return Trouble::refused;
  return Trouble::busy;
}

// A version that the server has not reached: it may have been restored from a backup, and a list shows its state.
bool is_too_new(const Status& status) {
  return std::any_of(status.causes.begin(), status.causes.end(),
                     [](const auto& cause) { return cause.reason == "ResourceVersionTooLarge"; });
}

std::string content_type(const net::ResponseHead& head) {
  const std::string* type = net::find_header(head.headers, "Content-Type");
  return type ? *type : std::string();
}

}  // namespace

ReflectLoop::ReflectLoop(const Client& client, ResourceName resource, ReflectorOptions options, Target& target)
    : client_(client),
      resource_(resource),
      options_(std::move(options)),
      target_(target),
      machine_(options_.watch),
      connection_(client.connection()),
      relist_signal_(client.executor(), steady_clock::time_point::max()),
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
  const bool taken = reaction.store == StoreAction::commit;
  if (reaction.why && !taken) {
    ++stats_.failures;
    ++failures_in_row_;
    report({errc::stale, "listing " + std::string(resource_.plural) + ": " + *reaction.why});
  }
  if (reaction.why && taken)
    write_log(client_.options().log, base::LogLevel::warning,
              "listing " + std::string(resource_.plural) + ": " + *reaction.why,
              {{"resource", std::string(resource_.plural)}});
  if (taken) heard();
  act(reaction);
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::fetch_page(ListCommand command, ListMeta& meta) {
  const std::string what = "listing " + std::string(resource_.plural);
  const net::Deadline deadline = steady_clock::now() + options_.list_timeout;
  std::string target = target_path() + "?limit=" + std::to_string(command.limit) + selectors();
  if (!command.continue_token.empty()) target += "&continue=" + net::percent_encode(command.continue_token);
  Encoding encoding{};
  if (auto problem = co_await ask(std::move(target), deadline, what, encoding)) co_return problem;
  const auto decoder = target_.list_decoder(encoding);
  if (auto problem = co_await read_all(*decoder, deadline, what)) co_return problem;
  if (const auto finished = decoder->finish(); !finished) co_return problem_of(finished.error());
  meta = decoder->meta();
  co_return std::nullopt;
}

asio::awaitable<void> ReflectLoop::watch(WatchCommand command) {
  ++stats_.watches;
  machine_knows_ = false;
  stream_problem_.reset();
  if (relist_asked_) co_return list_again(true);
  const auto begun = steady_clock::now();
  using namespace asio::experimental::awaitable_operators;
  const auto outcome = co_await (follow(command) || relist_signal_.async_wait(net::as_result));
  if (outcome.index() == 1) {
    if (relist_asked_) list_again(true);  // otherwise the loop is being cancelled
    co_return;
  }
  if (const auto& problem = std::get<0>(outcome)) {
    failed(*problem);
  } else {
    act(machine_.step(WatchEnded{steady_clock::now() - begun < std::chrono::seconds(1)}, random()));
    if (options_.relist_interval.count() > 0 && steady_clock::now() >= next_relist_) list_again(true);
  }
}

void ReflectLoop::relist() {
  relist_asked_ = true;
  relist_signal_.cancel();
}

// Over another connection, which may lead to another server.
void ReflectLoop::list_again(bool at_once) {
  connection_->close();
  machine_.step(ListAsked{at_once}, random());
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::follow(WatchCommand command) {
  const std::string what = "watching " + std::string(resource_.plural);
  const auto now = steady_clock::now();
  std::string target = target_path() +
                       "?watch=1&allowWatchBookmarks=true&resourceVersion=" + std::to_string(command.resource_version) +
                       "&timeoutSeconds=" + std::to_string(command.timeout.count()) + selectors();
  Encoding encoding{};
  if (auto problem = co_await ask(std::move(target), now + options_.answer_timeout, what, encoding)) co_return problem;
  recovered();
  const auto decoder = target_.watch_decoder(encoding);
  const net::Deadline deadline = now + command.timeout + options_.silence_grace;
  auto problem = co_await read_all(*decoder, deadline, what);
  if (stream_problem_) co_return std::exchange(stream_problem_, std::nullopt);
  if (problem && problem->error.code == net::errc::timed_out) {
    problem->error = {errc::stalled, what + ": the server kept the watch open for longer than requested (" +
                                         std::to_string(command.timeout.count()) +
                                         " s); the connection is considered dead"};
    co_return problem;
  }
  if (problem) co_return problem;
  // The stream ended inside an event: earlier events are valid, so this is only a broken connection.
  if (const auto finished = decoder->finish(); !finished)
    co_return Problem{finished.error(), Trouble::busy, std::nullopt};
  co_return std::nullopt;
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::read_all(StreamDecoder& decoder,
                                                                           net::Deadline deadline, std::string what) {
  const net::BodySink sink = [this, &decoder](std::string_view bytes) {
    stats_.bytes += bytes.size();
    return decoder.feed(bytes);
  };
  for (;;) {
    const auto more = co_await connection_->read_body(sink, deadline);
    if (!more) co_return problem_of(annotate(more.error().error, what));
    if (!*more) co_return std::nullopt;
  }
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::ask(std::string target, net::Deadline deadline,
                                                                      std::string what, Encoding& encoding) {
  auto headers = co_await client_.headers();
  if (!headers) co_return problem_of(annotate(headers.error(), what));
  client_.renew(*connection_);
  headers->emplace_back(
      "Accept", options_.json_only ? "application/json" : "application/vnd.kubernetes.protobuf, application/json");
  // A variable, since g++ 12 destroys an aggregate inside a co_await twice.
  net::HttpRequest request{"GET", std::move(target), std::move(*headers), ""};
  auto head = co_await connection_->start(std::move(request), deadline);
  if (!head) client_.failed(head.error().error);
  if (!head) co_return problem_of(annotate(head.error().error, what));
  if (head->status != 200) co_return co_await refused(std::move(*head), deadline, std::move(what));
  const auto named = encoding_of(content_type(*head));
  if (!named) co_return problem_of(annotate(named.error(), what));
  encoding = *named;
  co_return std::nullopt;
}

// The problem of an answer other than 200.
asio::awaitable<ReflectLoop::Problem> ReflectLoop::refused(net::ResponseHead head, net::Deadline deadline,
                                                           std::string what) {
  std::string body;
  const net::BodySink sink = [&body](std::string_view bytes) -> base::Result<void> {
    if (body.size() + bytes.size() > max_status_bytes)
      return base::Error{errc::too_large, "the body of the answer is too large"};
    body += bytes;
    return {};
  };
  for (bool more = true; more;) {
    const auto read = co_await connection_->read_body(sink, deadline);
    more = read && *read;  // if the body cannot be read, the status is enough
  }
  if (head.status == 401) client_.refused();
  if (head.status == 406) options_.json_only = true;
  const Status status = decode_status(head.status, content_type(head), body);
  Problem problem = problem_of(error_of(status, what));
  if (is_too_new(status)) problem.trouble = Trouble::expired;
  problem.retry_after = retry_after(head.headers);
  if (!problem.retry_after) problem.retry_after = status.retry_after;
  co_return problem;
}

base::Result<StoreAction> ReflectLoop::judge(const WatchMachineInput& event) {
  ++stats_.events;
  const Reaction reaction = machine_.step(event, random());
  if (!reaction.abandon) {
    heard();
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

base::Result<void> ReflectLoop::refuse(const Status& status) {
  Problem problem =
      problem_of(error_of(status, "watching " + std::string(resource_.plural) + ": the server ended the watch"));
  if (status.reason == "Expired" || status.reason == "Gone" || is_too_new(status)) problem.trouble = Trouble::expired;
  problem.retry_after = status.retry_after;
  stream_problem_ = problem;
  return problem.error;
}

ReflectLoop::Problem ReflectLoop::problem_of(base::Error error) {
  const Trouble trouble = trouble_of(error.code);
  return {std::move(error), trouble, std::nullopt};
}

std::string ReflectLoop::target_path() const {
  std::string path(resource_.group_path);
  if (!options_.ns.empty()) path += "/namespaces/" + net::percent_encode(options_.ns);
  return path + "/" + std::string(resource_.plural);
}

std::string ReflectLoop::selectors() const {
  std::string query;
  if (!options_.label_selector.empty()) query += "&labelSelector=" + net::percent_encode(options_.label_selector);
  if (!options_.field_selector.empty()) query += "&fieldSelector=" + net::percent_encode(options_.field_selector);
  return query;
}

void ReflectLoop::failed(const Problem& problem) {
  if (problem.error.code == net::errc::cancelled) return;  // run() ends at its next wait
  ++stats_.failures;
  ++failures_in_row_;
  if (!std::exchange(machine_knows_, false))
    act(machine_.step(RequestFailed{problem.trouble, problem.retry_after}, random()));
  report(problem.error);
}

void ReflectLoop::act(const Reaction& reaction) {
  if (reaction.store == StoreAction::commit) {
    ++stats_.lists;
    committed(target_.commit());
  } else if (reaction.store == StoreAction::discard) {
    target_.discard();
  }
}

void ReflectLoop::committed(bool doubted) {
  relist_asked_ = false;
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
  list_again(!again);
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
  return {resource_.plural, stats_.lists > 0, last_heard_,
          stats_.failures,  failures_in_row_, failures_in_row_ > 0 ? stats_.last_error : std::string()};
}

void ReflectLoop::recovered() {
  if (!std::exchange(troubled_, false)) return;
  write_log(client_.options().log, base::LogLevel::info, "watching " + std::string(resource_.plural) + " again");
}

double ReflectLoop::random() { return std::uniform_real_distribution<double>(0, 1)(engine_); }

}  // namespace k8s
