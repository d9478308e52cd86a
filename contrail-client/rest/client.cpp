#include "contrail-client/rest/client.hpp"

#include <optional>
#include <utility>

#include "contrail-client/error.hpp"
#include "net/pool.hpp"

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

Failure failure_of(net::Failure failure, const std::string& what) {
  return {.error = annotate(std::move(failure.error), what),
          .reached = failure.delivery == net::Delivery::not_sent ? Reached::not_sent : Reached::unknown};
}

// Receives the bytes of one answer. `begin` is called for each try, before any byte of it.
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
      return Error{errc::too_large, "the answer is larger than " + std::to_string(limit_) + " bytes"};
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

// Passes the body of a 200 to a list parser, and keeps that of any other status.
class ListBody final : public WholeBody {
 public:
  ListBody(ListParser parser, std::size_t limit, std::size_t list_limit)
      : WholeBody(limit), parser_(std::move(parser)), left_(list_limit) {}

  base::Result<void> take(std::string_view bytes) override {
    if (status() != ok) return WholeBody::take(bytes);
    if (bytes.size() > left_) return Error{errc::too_large, "the list is larger than max_list_bytes"};
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

// One exchange that passes its body to a receiver as it arrives.
class Streamed final : public net::Pool::Exchange {
 public:
  Streamed(net::HttpRequest request, Receiver& receiver, Deadline deadline)
      : request_(std::move(request)), receiver_(receiver), deadline_(deadline) {}

  asio::awaitable<std::optional<net::Failure>> over(net::Connection& connection) override {
    const auto head = co_await connection.start(request_, deadline_);
    if (!head) co_return head.error();
    receiver_.begin(head->status);
    const net::BodySink sink = [this](std::string_view bytes) { return receiver_.take(bytes); };
    for (;;) {
      const auto more = co_await connection.read_body(sink, deadline_);
      if (!more) co_return more.error();
      if (!*more) break;
    }
    auto whole = receiver_.finish();
    if (!whole) co_return net::Failure{whole.error(), net::Delivery::unknown};
    response = std::move(*whole);
    co_return std::nullopt;
  }

  Response response;

 private:
  net::HttpRequest request_;
  Receiver& receiver_;
  Deadline deadline_;
};

}  // namespace

struct Client::Impl {
  asio::awaitable<Answer> exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout);

  ClientOptions options;
  net::Pool pool;
};

asio::awaitable<Answer> Client::Impl::exchange(Request request, Receiver& receiver, std::chrono::milliseconds timeout) {
  const std::string what = request.method + ' ' + request.target.substr(0, request.target.find('?'));
  const Deadline deadline = Clock::now() + timeout;
  const bool repeatable = is_read(request);
  Streamed streamed(http_request(std::move(request), options.user_agent), receiver, deadline);
  if (auto failure = co_await pool.use(streamed, repeatable, deadline)) co_return failure_of(std::move(*failure), what);
  co_return std::move(streamed.response);
}

namespace {

net::ConnectionOptions connection_options(const ClientOptions& options) {
  net::ConnectionOptions out{.max_body_bytes = options.max_body_bytes};
  if (options.may_send) out.may_send = [may_send = options.may_send](const net::HttpRequest&) { return may_send(); };
  return out;
}

}  // namespace

Client::Client(asio::any_io_executor executor, std::vector<net::Endpoint> servers, std::shared_ptr<net::TlsContext> tls,
               ClientOptions options)
    : impl_(new Impl{.options = options,
                     .pool = {std::move(executor),
                              std::move(servers),
                              std::move(tls),
                              {.max_connections = options.max_connections,
                               .max_idle = options.max_idle,
                               .connection = connection_options(options)}}}) {}

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

std::size_t Client::in_use() const { return impl_->pool.in_use(); }
std::size_t Client::idle() const { return impl_->pool.idle(); }
std::size_t Client::waiting() const { return impl_->pool.waiting(); }
const net::Endpoint& Client::server() const { return impl_->pool.endpoint(); }

}  // namespace contrail
