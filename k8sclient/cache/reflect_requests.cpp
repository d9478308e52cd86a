// The requests of ReflectLoop: what it sends, and what their answers and failures mean.
#include <algorithm>
#include <utility>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/cache/reflect_loop.hpp"
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

// The request has parameters that the server does not know or not permit.
bool is_invalid(const Status& status) { return status.code == 400 || status.code == 422; }

std::string content_type(const net::ResponseHead& head) {
  const std::string* type = net::find_header(head.headers, "Content-Type");
  return type ? *type : std::string();
}

}  // namespace

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::fetch_page(ListCommand command, ListMeta& meta) {
  const std::string what = "listing " + std::string(resource_.plural);
  const net::Deadline deadline = steady_clock::now() + options_.list_timeout;
  std::string target = target_path() + "?limit=" + std::to_string(command.limit) + selectors();
  if (!command.continue_token.empty()) target += "&continue=" + net::percent_encode(command.continue_token);
  Encoding encoding{};
  if (auto problem = co_await ask(std::move(target), deadline, what, encoding)) co_return problem;
  const auto decoder = target_.list_decoder(encoding);
  const Patience patience{.whole = deadline, .silence = options_.list_timeout};
  if (auto problem = co_await read_all(*decoder, patience, what)) co_return problem;
  if (const auto finished = decoder->finish(); !finished) co_return problem_of(finished.error());
  meta = decoder->meta();
  co_return std::nullopt;
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::follow(WatchCommand command) {
  const std::string what = "watching " + std::string(resource_.plural);
  const auto now = steady_clock::now();
  Encoding encoding{};
  if (auto problem = co_await ask(watch_target(command), now + options_.answer_timeout, what, encoding))
    co_return problem;
  if (!command.initial_events) recovered();
  const auto decoder = target_.watch_decoder(encoding);
  const Patience patience{now + command.timeout + options_.silence_grace, now + options_.list_timeout,
                          options_.silence_limit};
  auto problem = co_await read_all(*decoder, patience, what);
  if (stream_problem_) co_return std::exchange(stream_problem_, std::nullopt);
  if (problem && problem->error.code == net::errc::timed_out) co_return stalled(what, command, patience);
  if (problem) co_return problem;
  // The stream ended inside an event: earlier events are valid, so this is only a broken connection.
  if (const auto finished = decoder->finish(); !finished)
    co_return Problem{finished.error(), Trouble::busy, std::nullopt};
  co_return std::nullopt;
}

std::string ReflectLoop::watch_target(const WatchCommand& command) const {
  // Without a resourceVersion the initial events show the most recent state, as of a consistent list.
  const std::string from = command.initial_events ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                                                  : "&resourceVersion=" + std::to_string(command.resource_version);
  return target_path() + "?watch=1&allowWatchBookmarks=true" + from +
         "&timeoutSeconds=" + std::to_string(command.timeout.count()) + selectors();
}

asio::awaitable<std::optional<ReflectLoop::Problem>> ReflectLoop::read_all(StreamDecoder& decoder, Patience patience,
                                                                           std::string what) {
  const net::BodySink sink = [this, &decoder](std::string_view bytes) {
    stats_.bytes += bytes.size();
    return decoder.feed(bytes);
  };
  for (;;) {
    auto deadline = std::min(patience.whole, steady_clock::now() + patience.silence);
    if (machine_.is_streaming()) deadline = std::min(deadline, patience.initial_events);
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
  if (is_invalid(status)) problem.trouble = Trouble::invalid;
  problem.retry_after = retry_after(head.headers);
  if (!problem.retry_after) problem.retry_after = status.retry_after;
  co_return problem;
}

base::Result<void> ReflectLoop::refuse(const Status& status) {
  Problem problem =
      problem_of(error_of(status, "watching " + std::string(resource_.plural) + ": the server ended the watch"));
  if (status.reason == "Expired" || status.reason == "Gone" || is_too_new(status)) problem.trouble = Trouble::expired;
  if (is_invalid(status)) problem.trouble = Trouble::invalid;
  problem.retry_after = status.retry_after;
  stream_problem_ = problem;
  return problem.error;
}

ReflectLoop::Problem ReflectLoop::problem_of(base::Error error) {
  const Trouble trouble = trouble_of(error.code);
  return {std::move(error), trouble, std::nullopt};
}

// A watch whose time-out expired.
ReflectLoop::Problem ReflectLoop::stalled(const std::string& what, WatchCommand command, Patience patience) const {
  const auto seconds = [](auto time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
  };
  const auto now = steady_clock::now();
  std::string why;
  if (now >= patience.whole)
    why = "the server kept the watch open for longer than requested (" + seconds(command.timeout) + ")";
  else if (machine_.is_streaming() && now >= patience.initial_events)
    why = "the server did not complete a streaming list in " + seconds(options_.list_timeout);
  else
    why = "the server sent neither an event nor a bookmark for " + seconds(options_.silence_limit);
  return {{errc::stalled, what + ": " + why + "; the connection is considered dead"}, Trouble::silent, std::nullopt};
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

}  // namespace k8s
