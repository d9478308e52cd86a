#include "contrail-client/rest/client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/database_identity.hpp"
#include "contrail-client/rest/foreign_answer.hpp"
#include "contrail-client/rest/streamed.hpp"
#include "net/as_result.hpp"
#include "net/errc.hpp"
#include "net/pool.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using net::Deadline;

constexpr int unauthorized = 401;

// The server behind a gateway, or the gateway itself, does not work.
bool is_unavailable(int status) { return status == 502 || status == 503 || status == 504; }

net::HttpRequest http_request(Request request, const std::string& user_agent, std::string_view accept) {
  net::HttpRequest http{.method = std::move(request.method),
                        .target = std::move(request.target),
                        .headers = {{"User-Agent", user_agent}, {"Accept", std::string(accept)}},
                        .body = std::move(request.body)};
  if (!http.body.empty()) http.headers.push_back(json_content);
  return http;
}

// Whether a server is to be left for this failure. A connection that ends before anything was sent was closed upon the
// first question: a load balancer without servers does that.
bool is_of_no_use(const net::Failure& failure) {
  const auto& code = failure.error.code;
  return code == errc::foreign_answer || code == errc::other_database ||
         (code == net::errc::closed && failure.delivery == net::Delivery::not_sent);
}

Failure failure_of(net::Failure failure, const std::string& what) {
  return {.error = annotate(std::move(failure.error), what),
          .reached = failure.delivery == net::Delivery::not_sent ? Reached::not_sent : Reached::unknown};
}

}  // namespace

struct Client::Impl {
  asio::awaitable<Answer> exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout,
                                   Silence silence = {});
  asio::awaitable<std::optional<net::Failure>> use(Streamed& streamed, bool repeatable, Deadline deadline,
                                                   std::chrono::milliseconds patience);
  asio::awaitable<std::optional<net::Failure>> send(Streamed& streamed, bool repeatable, Deadline deadline,
                                                    std::chrono::milliseconds patience);
  Clock::time_point& pause_of(const net::Endpoint& server);
  asio::awaitable<std::optional<net::Failure>> wait_for_pause(Deadline latest);
  std::optional<Error> judge(const Streamed& streamed);
  asio::awaitable<void> until_left(const Streamed& streamed);
  void stream_opened();
  void note_server();
  void note_database();
  void note_unproven(const Streamed& streamed);

  asio::any_io_executor executor;
  ClientOptions options;
  net::Pool pool;
  std::vector<std::pair<net::Endpoint, Clock::time_point>> pauses;  // the last one of each server that asked for one
  net::Endpoint noted = pool.endpoint();                            // the server in use, as the log has it
  asio::steady_timer moved{executor, Clock::time_point::max()};     // never fires; cancelled when `noted` changes
  DatabaseIdentity identity{};
  std::string noted_fault{};    // of `identity`, as the log has it
  bool noted_unproven = false;  // the log has it
};

asio::awaitable<Answer> Client::Impl::exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout,
                                               Silence silence) {
  const std::string what = request.method + ' ' + request.target.substr(0, request.target.find('?'));
  const Deadline deadline = Clock::now() + timeout;
  const bool repeatable = is_read(request);
  Streamed streamed(http_request(std::move(request), options.user_agent, silence ? event_stream : json_type), receiver,
                    deadline, options.check_database ? &identity : nullptr, std::move(silence));
  // The request itself needs some of the time.
  if (auto paused = co_await wait_for_pause(deadline - timeout / 4)) co_return failure_of(std::move(*paused), what);
  // A server that had less than half of the time, since Keystone or a pause took the rest, is not to blame.
  auto failure = co_await send(streamed, repeatable, deadline, timeout / 2);
  if (failure) streamed.hide_secrets(failure->error.message);
  if (streamed.response.status >= 300) streamed.hide_secrets(streamed.response.body);
  // A gateway may refuse streams, and serve all the rest.
  const bool spared = streamed.is_endless() && failure && failure->error.code == errc::foreign_answer;
  if (failure && is_of_no_use(*failure) && !spared) pool.leave(streamed.server, failure->error.message);
  note_database();
  note_unproven(streamed);
  auto foreign = failure ? std::nullopt : judge(streamed);
  note_server();
  if (failure) co_return failure_of(std::move(*failure), what);
  if (foreign) co_return Failure{annotate(std::move(*foreign), what), Reached::unknown};
  // For messages: the config API, too, makes pages of some errors.
  if (streamed.response.status >= 400) streamed.response.body = page_text(std::move(streamed.response.body));
  co_return std::move(streamed.response);
}

asio::awaitable<std::optional<net::Failure>> Client::Impl::use(Streamed& streamed, bool repeatable, Deadline deadline,
                                                               std::chrono::milliseconds patience) {
  if (!streamed.is_endless()) co_return co_await pool.use(streamed, repeatable, deadline, patience);
  using namespace asio::experimental::awaitable_operators;
  auto outcome = co_await (pool.use_apart(streamed, deadline) || until_left(streamed));
  if (outcome.index() == 0) co_return std::get<0>(std::move(outcome));
  if (pool.endpoint() == streamed.server)
    co_return net::Failure{{net::errc::cancelled, "cancelled"}, net::Delivery::unknown};
  co_return net::Failure{{errc::server_left, "another server of the config API is used from now on"},
                         net::Delivery::unknown};
}

asio::awaitable<std::optional<net::Failure>> Client::Impl::send(Streamed& streamed, bool repeatable, Deadline deadline,
                                                                std::chrono::milliseconds patience) {
  if (!options.access) {
    auto failure = co_await use(streamed, repeatable, deadline, patience);
    co_return failure;
  }
  auto& access = *options.access;
  for (bool again = false;; again = true) {
    const auto fields = co_await access.fields(deadline);
    if (!fields) {
      const bool is_refused = again && fields.error().code == errc::token_refused;
      auto error = is_refused ? access.refusal(streamed.server) : fields.error();
      // That is no fault of the server that the request reached before.
      streamed.server = {};
      co_return net::Failure{std::move(error), net::Delivery::not_sent};
    }
    if (Clock::now() >= deadline)
      co_return net::Failure{{errc::no_token_yet, "waiting for a token of Keystone: timed out"},
                             net::Delivery::not_sent};
    pool.replace_tls(access.tls());
    streamed.authorize(*fields);
    if (auto failure = co_await use(streamed, repeatable, deadline, patience)) {
      access.failed(failure->error);
      co_return failure;
    }
    if (streamed.response.status != unauthorized) co_return std::nullopt;
    if (!access.refused(*fields) || again)
      co_return net::Failure{access.refusal(streamed.server), net::Delivery::not_sent};
  }
}

Clock::time_point& Client::Impl::pause_of(const net::Endpoint& server) {
  const auto at = std::find_if(pauses.begin(), pauses.end(), [&](const auto& one) { return one.first == server; });
  return at != pauses.end() ? at->second : pauses.emplace_back(server, Clock::time_point{}).second;
}

// Until the server in use wants requests again, or until `latest`. Another server may be in use then, or the pause
// longer.
asio::awaitable<std::optional<net::Failure>> Client::Impl::wait_for_pause(Deadline latest) {
  for (auto until = pause_of(pool.endpoint()); Clock::now() < until; until = pause_of(pool.endpoint())) {
    if (Clock::now() >= latest)
      co_return net::Failure{
          {errc::paused, "the config API " + pool.endpoint().url() + " wants no request now (Retry-After)"},
          net::Delivery::not_sent};
    asio::steady_timer timer(executor, std::min(until, latest));
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return std::nullopt;
}

// Until another server is in use than that of the stream, or until it is cancelled. Throws nothing: an exception of
// each operand of || would be an exception of another kind.
asio::awaitable<void> Client::Impl::until_left(const Streamed& streamed) {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    co_await moved.async_wait(net::as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    // The stream itself may be what went on to the server in use.
    if (pool.endpoint() != streamed.server) co_return;
  }
}

// A stream says nothing more before its end.
void Client::Impl::stream_opened() {
  if (options.access) options.access->accepted();
  note_database();
  note_server();
}

void Client::Impl::note_server() {
  const auto& now = pool.endpoint();
  if (now == noted) return;
  noted = now;
  moved.cancel();
  write_log(options.log, base::LogLevel::warning, "another server of the config API is used from now on",
            {{"server", now.url()}, {"why", pool.left_because()}});
}

void Client::Impl::note_unproven(const Streamed& streamed) {
  if (!streamed.unproven || std::exchange(noted_unproven, true)) return;
  write_log(
      options.log, base::LogLevel::warning,
      "the config API " + streamed.server.url() +
          " closes the connection after each answer, so that each request may reach another server: its database "
          "cannot be checked for each; let the server, and what is between, keep connections open (HTTP keep-alive)");
}

void Client::Impl::note_database() {
  if (identity.fault() == noted_fault) return;
  noted_fault = identity.fault();
  if (identity.fault().empty())
    write_log(options.log, base::LogLevel::info, "the config API has the database of before again");
  else
    write_log(options.log, base::LogLevel::error, identity.fault());
}

// What the answer means for the next requests; an error if it is none of the config API.
std::optional<Error> Client::Impl::judge(const Streamed& streamed) {
  const int status = streamed.response.status;
  auto foreign = foreign_answer(streamed.response, streamed.content_type);
  if (foreign) streamed.hide_secrets(foreign->message);
  // What is said to a stream does not hold for other requests.
  if (streamed.is_endless()) return foreign;
  if (streamed.pause) pause_of(streamed.server) = Clock::now() + *streamed.pause;
  if (foreign)
    pool.leave(streamed.server, foreign->message);
  else if (is_unavailable(status))
    pool.leave(streamed.server, "HTTP " + std::to_string(status));
  else if (options.access)
    options.access->accepted();
  return foreign;
}

namespace {

net::ConnectionOptions connection_options(const ClientOptions& options) {
  net::ConnectionOptions out{.max_body_bytes = options.max_body_bytes};
  if (options.may_send) out.may_send = [may_send = options.may_send](const net::HttpRequest&) { return may_send(); };
  return out;
}

}  // namespace

Client::Client(asio::any_io_executor executor, std::vector<net::Endpoint> servers, ClientOptions options)
    : impl_(new Impl{.executor = executor,
                     .options = options,
                     .pool = {executor,
                              std::move(servers),
                              options.access ? options.access->tls() : nullptr,
                              {.max_connections = options.max_connections,
                               .max_idle = options.max_idle,
                               .connection = connection_options(options),
                               .proxies = options.proxies}}}) {}

Client::~Client() = default;

asio::awaitable<Answer> Client::exchange(Request request, std::chrono::milliseconds timeout) {
  WholeBody body{impl_->options.max_body_bytes};
  co_return co_await impl_->exchange(std::move(request), body, timeout);
}

asio::awaitable<Answer> Client::list(Type type, Request request, ListParser::Sink sink,
                                     std::chrono::milliseconds timeout, ListParser::Filter wanted,
                                     ListParser::UnreadableSink unreadable) {
  std::size_t objects = 0;
  const ListParser::Sink counted = [&objects, &sink](Object&& object) {
    ++objects;
    sink(std::move(object));
  };
  ListBody body{ListParser{type, counted, std::move(wanted), std::move(unreadable)}, objects,
                impl_->options.max_body_bytes, impl_->options.max_list_bytes};
  co_return co_await impl_->exchange(std::move(request), body, timeout);
}

asio::awaitable<Answer> Client::follow(Request request, Follower& follower, std::chrono::milliseconds timeout) {
  FollowedBody body{follower, [this] { impl_->stream_opened(); }, impl_->options.max_body_bytes};
  co_return co_await impl_->exchange(std::move(request), body, timeout, [&follower] { return follower.patience(); });
}

std::string Client::access_fault() const {
  auto fault = impl_->options.access ? impl_->options.access->fault() : std::string();
  return fault.empty() ? impl_->identity.fault() : fault;
}
std::string Client::address() const { return impl_->pool.endpoint().url(); }
std::size_t Client::in_use() const { return impl_->pool.in_use(); }
std::size_t Client::idle() const { return impl_->pool.idle(); }
std::size_t Client::waiting() const { return impl_->pool.waiting(); }
const net::Endpoint& Client::server() const { return impl_->pool.endpoint(); }

}  // namespace contrail
