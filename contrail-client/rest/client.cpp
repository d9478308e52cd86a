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
#include "contrail-client/rest/pause.hpp"
#include "net/as_result.hpp"
#include "net/errc.hpp"
#include "net/pool.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using net::Deadline;

constexpr std::string_view json_type = "application/json", event_stream = "text/event-stream";
constexpr int ok = 200, unauthorized = 401, not_found = 404;

const net::Headers::value_type json_content{"Content-Type", std::string(json_type)};

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

// Whether a server is to be left for this failure. A connection that ends before anything was sent is one that was
// closed upon the first question: a load balancer without servers does that.
bool is_of_no_use(const net::Failure& failure) {
  const auto& code = failure.error.code;
  return code == errc::foreign_answer || code == errc::other_database ||
         (code == net::errc::closed && failure.delivery == net::Delivery::not_sent);
}

Failure failure_of(net::Failure failure, const std::string& what) {
  return {.error = annotate(std::move(failure.error), what),
          .reached = failure.delivery == net::Delivery::not_sent ? Reached::not_sent : Reached::unknown};
}

// Receives the bytes of one answer. `begin` is called for each try, before any byte of it.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void begin(const net::ResponseHead& head, const net::Endpoint& server) = 0;
  virtual base::Result<void> take(std::string_view bytes) = 0;
  virtual base::Result<Response> finish() = 0;
  // Whether an answer that is whole says that something does not exist.
  virtual bool says_absent() const = 0;
};

// Keeps the whole body.
class WholeBody : public Receiver {
 public:
  explicit WholeBody(std::size_t limit) : limit_(limit) {}

  void begin(const net::ResponseHead& head, const net::Endpoint&) override {
    response_ = {.status = head.status, .body = {}};
  }

  base::Result<void> take(std::string_view bytes) override {
    if (bytes.size() > limit_ - response_.body.size())
      return Error{errc::too_large, "the answer is larger than " + std::to_string(limit_) + " bytes"};
    response_.body += bytes;
    return {};
  }

  base::Result<Response> finish() override { return std::move(response_); }
  bool says_absent() const override { return status() == not_found; }

 protected:
  int status() const { return response_.status; }

 private:
  std::size_t limit_;
  Response response_;
};

// Passes the body of a 200 to a list parser, and keeps that of any other status.
class ListBody final : public WholeBody {
 public:
  // `objects` counts those that the parser has passed on.
  ListBody(ListParser parser, const std::size_t& objects, std::size_t limit, std::size_t list_limit)
      : WholeBody(limit), parser_(std::move(parser)), objects_(objects), left_(list_limit) {}

  void begin(const net::ResponseHead& head, const net::Endpoint& server) override {
    WholeBody::begin(head, server);
    begun_ = false;
  }

  base::Result<void> take(std::string_view bytes) override {
    if (status() != ok) return WholeBody::take(bytes);
    if (const auto first = begun_ ? bytes.npos : bytes.find_first_not_of(" \t\r\n"); first != bytes.npos) {
      begun_ = true;
      // JSON begins with another byte: this is read as the page that it is.
      if (bytes[first] == '<') return foreign_page(status(), bytes);
    }
    if (bytes.size() > left_) return Error{errc::too_large, "the list is larger than max_list_bytes"};
    left_ -= bytes.size();
    return parser_.feed(bytes);
  }

  base::Result<Response> finish() override {
    if (status() == ok)
      if (const auto finished = parser_.finish(); !finished) return finished.error();
    return WholeBody::finish();
  }
  bool says_absent() const override { return status() == not_found || (status() == ok && objects_ == 0); }

 private:
  ListParser parser_;
  const std::size_t& objects_;
  std::size_t left_;
  bool begun_ = false;  // a byte of the list is there
};

// Passes the body of a 200 to a follower, and keeps that of any other status.
class FollowedBody final : public WholeBody {
 public:
  FollowedBody(Follower& follower, std::size_t limit) : WholeBody(limit), follower_(follower) {}

  void begin(const net::ResponseHead& head, const net::Endpoint& server) override {
    WholeBody::begin(head, server);
    const auto* type = net::find_header(head.headers, "Content-Type");
    is_stream_ = status() == ok && type != nullptr && type->starts_with(event_stream);
    if (is_stream_) follower_.opened(server.url());
  }

  base::Result<void> take(std::string_view bytes) override {
    if (is_stream_) return follower_.take(bytes);
    if (status() == ok) return foreign_page(status(), bytes);
    return WholeBody::take(bytes);
  }

 private:
  Follower& follower_;
  bool is_stream_ = false;
};

// How long the next byte of a body without an end may take. Empty: the body has an end, and all of it must be there at
// the deadline.
using Silence = std::function<std::chrono::milliseconds()>;

// One exchange that passes its body to a receiver as it arrives. With an identity, a server is asked for its database
// on each new connection before anything else, and again after an answer that says that something does not exist: a
// load balancer may have put another server behind the connection.
class Streamed final : public net::Pool::Exchange {
 public:
  Streamed(net::HttpRequest request, Receiver& receiver, Deadline deadline, DatabaseIdentity* identity,
           Silence silence = {})
      : request_(std::move(request)),
        own_fields_(request_.headers.size()),
        receiver_(receiver),
        deadline_(deadline),
        identity_(identity),
        silence_(std::move(silence)) {}

  bool is_endless() const { return silence_ != nullptr; }

  // These fields and no former ones.
  void authorize(const net::Headers& fields) {
    request_.headers.resize(own_fields_);
    request_.headers.insert(request_.headers.end(), fields.begin(), fields.end());
  }

  asio::awaitable<std::optional<net::Failure>> over(net::Connection& connection) override {
    server = connection.endpoint();
    if (identity_ && !connection.reusable())
      if (const auto end = co_await ask_identity(connection, net::Delivery::not_sent)) co_return *end;
    const auto head = co_await connection.start(request_, deadline_);
    if (!head) co_return head.error();
    pause = pause_after(head->status, head->headers);
    const auto* type = net::find_header(head->headers, "Content-Type");
    content_type = type ? *type : std::string();
    receiver_.begin(*head, server);
    const net::BodySink sink = [this](std::string_view bytes) { return receiver_.take(bytes); };
    for (;;) {
      const auto more = co_await connection.read_body(sink, silence_ ? Clock::now() + silence_() : deadline_);
      if (!more) co_return more.error();
      if (!*more) break;
    }
    auto whole = receiver_.finish();
    if (!whole) co_return net::Failure{whole.error(), net::Delivery::unknown};
    response = std::move(*whole);
    if (identity_ && receiver_.says_absent())
      if (const auto end = co_await ask_identity(connection, net::Delivery::unknown)) co_return *end;
    co_return std::nullopt;
  }

  Response response;
  std::string content_type;                   // of the response
  net::Endpoint server;                       // of the last try
  std::optional<std::chrono::seconds> pause;  // that it asks for

 private:
  using Outcome = std::optional<net::Failure>;

  // The end of the exchange, if the server does not show that it has the database. `reached`: by the request. What a
  // server answers that does not even look at a request is the answer.
  asio::awaitable<std::optional<Outcome>> ask_identity(net::Connection& connection, net::Delivery reached) {
    net::HttpRequest question = request_;
    auto asked = DatabaseIdentity::question();
    question.method = std::move(asked.method), question.target = std::move(asked.target);
    question.body = std::move(asked.body);
    if (!net::find_header(question.headers, "Content-Type")) question.headers.push_back(json_content);
    auto answer = co_await connection.exchange(std::move(question), deadline_);
    if (!answer) co_return Outcome(net::Failure{std::move(answer.error().error), reached});
    Response told{answer->status, std::move(answer->body)};
    if (DatabaseIdentity::is_about_server(told.status)) {
      pause = pause_after(answer->status, answer->headers);
      response = std::move(told);
      connection.close();
      co_return Outcome();
    }
    auto fault = identity_->compare(told, server.url());
    if (!fault) co_return std::nullopt;
    connection.close();  // the next request asks again
    co_return Outcome(net::Failure{std::move(*fault), reached});
  }

  net::HttpRequest request_;
  std::size_t own_fields_;  // those before the Access's
  Receiver& receiver_;
  Deadline deadline_;
  DatabaseIdentity* identity_;
  Silence silence_;
};

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
  void note_server();
  void note_database(const std::string& before);

  asio::any_io_executor executor;
  ClientOptions options;
  net::Pool pool;
  std::vector<std::pair<net::Endpoint, Clock::time_point>> pauses;  // the last one of each server that asked for one
  net::Endpoint noted = pool.endpoint();                            // the server in use, as the log has it
  asio::steady_timer moved{executor, Clock::time_point::max()};     // never fires; cancelled when `noted` changes
  DatabaseIdentity identity{};
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
  const auto database_fault = identity.fault();
  // A server that had less than half of the time, since Keystone or a pause took the rest, is not to blame.
  auto failure = co_await send(streamed, repeatable, deadline, timeout / 2);
  // A gateway may refuse streams, and serve all the rest.
  const bool spared = streamed.is_endless() && failure && failure->error.code == errc::foreign_answer;
  if (failure && is_of_no_use(*failure) && !spared) pool.leave(streamed.server, failure->error.message);
  note_database(database_fault);
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
  auto outcome = co_await (pool.use_apart(streamed, deadline) || moved.async_wait(net::as_result));
  if (outcome.index() == 0) co_return std::get<0>(std::move(outcome));
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
    const auto fields = co_await access.fields();
    if (!fields) {
      const bool is_refused = again && fields.error().code == errc::token_refused;
      co_return net::Failure{is_refused ? access.refusal(streamed.server) : fields.error(), net::Delivery::not_sent};
    }
    if (Clock::now() >= deadline)
      co_return net::Failure{{net::errc::timed_out, "waiting for a token of Keystone: timed out"},
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

void Client::Impl::note_server() {
  const auto& now = pool.endpoint();
  if (now == noted) return;
  noted = now;
  moved.cancel();
  write_log(options.log, base::LogLevel::warning, "another server of the config API is used from now on",
            {{"server", now.url()}, {"why", pool.left_because()}});
}

void Client::Impl::note_database(const std::string& before) {
  if (identity.fault() == before) return;
  if (identity.fault().empty())
    write_log(options.log, base::LogLevel::info, "the config API has the database of before again");
  else
    write_log(options.log, base::LogLevel::error, identity.fault());
}

// What the answer means for the next requests; an error if it is none of the config API.
std::optional<Error> Client::Impl::judge(const Streamed& streamed) {
  const int status = streamed.response.status;
  if (streamed.pause) pause_of(streamed.server) = Clock::now() + *streamed.pause;
  auto foreign = foreign_answer(streamed.response, streamed.content_type);
  // A gateway may refuse streams, and serve all the rest.
  if (streamed.is_endless()) return foreign;
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
  FollowedBody body{follower, impl_->options.max_body_bytes};
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
