#include "contrail-client/rest/client.hpp"

#include <optional>
#include <utility>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/slots.hpp"
#include "net/connection.hpp"
#include "net/errc.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using net::Deadline;

constexpr int ok = 200;

net::HttpRequest http_request(Request request, const std::string& user_agent) {
  net::HttpRequest http{.method = std::move(request.method),
                        .target = std::move(request.target),
                        .headers = {{"User-Agent", user_agent}, {"Accept", "application/json"}},
                        .body = std::move(request.body)};
  if (!http.body.empty()) http.headers.emplace_back("Content-Type", "application/json");
  return http;
}

// Whether a connection could not be made, so that another server may be tried with the same request.
bool is_unreachable(const net::Failure& failure) {
  const auto& code = failure.error.code;
  return failure.delivery == net::Delivery::not_sent &&
         (code == make_error_code(net::errc::connect_failed) || code == make_error_code(net::errc::resolve_failed) ||
          code == make_error_code(net::errc::handshake_failed) || code == make_error_code(net::errc::timed_out));
}

Failure failure_of(net::Failure failure, const std::string& what) {
  return {.error = annotate(std::move(failure.error), what),
          .reached = failure.delivery == net::Delivery::not_sent ? Reached::not_sent : Reached::unknown};
}

// A connection, and the server of the list that it goes to.
struct Line {
  std::unique_ptr<net::Connection> connection;
  std::size_t server = 0;
  Clock::time_point idle_since;
};

// Takes the bytes of one answer. `begin` is called for each try, before any byte of it.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void begin(int status) = 0;
  virtual base::Result<void> take(std::string_view bytes) = 0;
  virtual base::Result<Response> finish() = 0;
};

// Keeps the whole body.
class WholeBody : public Receiver {
 public:
  explicit WholeBody(std::size_t limit) : limit_(limit) {}

  void begin(int status) override { response_ = {.status = status, .body = {}}; }

  base::Result<void> take(std::string_view bytes) override {
    if (bytes.size() > limit_ - response_.body.size())
      return Error{errc::too_large, "the answer is bigger than " + std::to_string(limit_) + " bytes"};
    response_.body += bytes;
    return {};
  }

  base::Result<Response> finish() override { return std::move(response_); }

 protected:
  int status() const { return response_.status; }

 private:
  std::size_t limit_;
  Response response_;
};

// Hands the body of a 200 to a list parser, and keeps that of any other status.
class ListBody final : public WholeBody {
 public:
  ListBody(ListParser parser, std::size_t limit, std::size_t list_limit)
      : WholeBody(limit), parser_(std::move(parser)), left_(list_limit) {}

  base::Result<void> take(std::string_view bytes) override {
    if (status() != ok) return WholeBody::take(bytes);
    if (bytes.size() > left_) return Error{errc::too_large, "the list is bigger than max_list_bytes allows"};
    left_ -= bytes.size();
    return parser_.feed(bytes);
  }

  base::Result<Response> finish() override {
    if (status() == ok)
      if (const auto finished = parser_.finish(); !finished) return finished.error();
    return WholeBody::finish();
  }

 private:
  ListParser parser_;
  std::size_t left_;
};

}  // namespace

struct Client::Impl {
  asio::awaitable<Answer> exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout);
  asio::awaitable<net::Outcome<Response>> any_server(net::HttpRequest request, bool is_read, Receiver& receiver,
                                                     Deadline deadline);
  asio::awaitable<net::Outcome<Response>> once(net::Connection& connection, net::HttpRequest request,
                                               Receiver& receiver, Deadline deadline);
  Line open(std::size_t server) const;
  Line take();
  void keep(Line line);
  void give_up(std::size_t server);

  asio::any_io_executor executor;
  std::vector<net::Endpoint> servers;
  std::shared_ptr<net::TlsContext> tls;
  ClientOptions options;
  Slots slots;
  std::size_t current = 0;  // the server that new connections go to
  std::size_t in_use = 0;
  std::vector<Line> idle;  // the last used is the last: the first to be used again
};

Line Client::Impl::open(std::size_t server) const {
  net::ConnectionOptions connection;
  connection.max_body_bytes = options.max_body_bytes;
  return {.connection = std::make_unique<net::Connection>(executor, servers[server], tls, connection),
          .server = server,
          .idle_since = {}};
}

Line Client::Impl::take() {
  while (!idle.empty()) {
    Line last = std::move(idle.back());
    idle.pop_back();
    if (Clock::now() - last.idle_since <= options.max_idle && last.connection->reusable()) return last;
  }
  return open(current);
}

void Client::Impl::keep(Line line) {
  if (!line.connection->reusable()) return;
  line.idle_since = Clock::now();
  idle.push_back(std::move(line));
}

// Many exchanges may find out at once that a server is gone: only the first of them moves on.
void Client::Impl::give_up(std::size_t server) {
  if (current == server) current = (server + 1) % servers.size();
}

asio::awaitable<net::Outcome<Response>> Client::Impl::once(net::Connection& connection, net::HttpRequest request,
                                                           Receiver& receiver, Deadline deadline) {
  const auto head = co_await connection.start(std::move(request), deadline);
  if (!head) co_return head.error();
  receiver.begin(head->status);
  const net::BodySink sink = [&receiver](std::string_view bytes) { return receiver.take(bytes); };
  for (;;) {
    const auto more = co_await connection.read_body(sink, deadline);
    if (!more) co_return more.error();
    if (!*more) break;
  }
  auto response = receiver.finish();
  if (!response) co_return net::Failure{response.error(), net::Delivery::unknown};
  co_return std::move(*response);
}

asio::awaitable<net::Outcome<Response>> Client::Impl::any_server(net::HttpRequest request, bool is_read,
                                                                 Receiver& receiver, Deadline deadline) {
  auto line = take();
  auto response = co_await once(*line.connection, request, receiver, deadline);
  // The connection opens anew by itself, so the second one cannot be stale.
  if (!response && is_read && response.error().delivery == net::Delivery::stale)
    response = co_await once(*line.connection, request, receiver, deadline);
  std::string refusals;
  for (std::size_t tried = 1; !response && is_unreachable(response.error()); ++tried) {
    give_up(line.server);
    if (tried == servers.size() || Clock::now() >= deadline) break;
    refusals += response.error().error.message + "; ";
    line = open((line.server + 1) % servers.size());
    response = co_await once(*line.connection, request, receiver, deadline);
  }
  if (!response && !refusals.empty()) {
    auto failure = response.error();
    failure.error.message.insert(0, refusals);
    response = std::move(failure);
  }
  keep(std::move(line));
  co_return response;
}

asio::awaitable<Answer> Client::Impl::exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout) {
  const std::string what = request.method + ' ' + request.target.substr(0, request.target.find('?'));
  const Deadline deadline = Clock::now() + timeout;
  const auto slot = co_await slots.take(deadline);
  if (!slot) {
    const bool late = Clock::now() >= deadline;
    co_return Failure{.error = {late ? net::errc::timed_out : net::errc::cancelled,
                                what + (late ? ": none of the connections became free in time" : ": cancelled")},
                      .reached = Reached::not_sent};
  }
  struct Count {
    explicit Count(std::size_t& count) : count_(count) { ++count_; }
    ~Count() { --count_; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    std::size_t& count_;
  } const count(in_use);
  const bool is_a_read = is_read(request);
  auto response =
      co_await any_server(http_request(std::move(request), options.user_agent), is_a_read, receiver, deadline);
  if (!response) co_return failure_of(response.error(), what);
  co_return std::move(*response);
}

Client::Client(asio::any_io_executor executor, std::vector<net::Endpoint> servers, std::shared_ptr<net::TlsContext> tls,
               ClientOptions options)
    : impl_(new Impl{.executor = executor,
                     .servers = std::move(servers),
                     .tls = std::move(tls),
                     .options = options,
                     .slots = {executor, options.max_connections},
                     .idle = {}}) {}

Client::~Client() = default;

asio::awaitable<Answer> Client::exchange(Request request, std::chrono::milliseconds timeout) {
  WholeBody body{impl_->options.max_body_bytes};
  co_return co_await impl_->exchange(std::move(request), body, timeout);
}

asio::awaitable<Answer> Client::list(Type type, Request request, ListParser::Sink sink,
                                     std::chrono::milliseconds timeout, ListParser::Filter wanted,
                                     ListParser::UnreadableSink unreadable) {
  ListBody body{ListParser{type, std::move(sink), std::move(wanted), std::move(unreadable)},
                impl_->options.max_body_bytes, impl_->options.max_list_bytes};
  co_return co_await impl_->exchange(std::move(request), body, timeout);
}

std::size_t Client::in_use() const { return impl_->in_use; }
std::size_t Client::idle() const { return impl_->idle.size(); }
std::size_t Client::waiting() const { return impl_->slots.waiting(); }
const net::Endpoint& Client::server() const { return impl_->servers[impl_->current]; }

}  // namespace contrail
