#include "net/pool.hpp"

#include <utility>

#include "net/errc.hpp"
#include "net/slots.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// A connection, and its endpoint.
struct Line {
  std::unique_ptr<Connection> connection;
  std::size_t endpoint = 0;
  Clock::time_point idle_since;
};

bool is_time_out(const Failure& failure) { return failure.error.code == make_error_code(errc::timed_out); }

// Whether there is no connection that may be used, so that another endpoint may be tried with the same request.
bool is_unreachable(const Failure& failure) {
  const auto& code = failure.error.code;
  return failure.delivery == Delivery::not_sent &&
         (code == make_error_code(errc::connect_failed) || code == make_error_code(errc::resolve_failed) ||
          code == make_error_code(errc::proxy_refused) || code == make_error_code(errc::handshake_failed) ||
          code == make_error_code(errc::bad_certificate) || is_time_out(failure));
}

// The whole response in memory.
class WholeExchange final : public Pool::Exchange {
 public:
  WholeExchange(HttpRequest request, Deadline deadline) : request_(std::move(request)), deadline_(deadline) {}

  asio::awaitable<std::optional<Failure>> over(Connection& connection) override {
    auto outcome = co_await connection.exchange(request_, deadline_);
    if (!outcome) co_return outcome.error();
    response = std::move(*outcome);
    co_return std::nullopt;
  }

  HttpResponse response;

 private:
  HttpRequest request_;
  Deadline deadline_;
};

}  // namespace

struct Pool::Impl {
  Impl(asio::any_io_executor given, std::vector<Endpoint> servers, std::shared_ptr<TlsContext> context,
       PoolOptions limits)
      : executor(std::move(given)),
        endpoints(std::move(servers)),
        tls(std::move(context)),
        options(std::move(limits)),
        slots(executor, options.max_connections) {}

  Line open(std::size_t endpoint) const;
  Line take();
  void keep(Line line);
  void give_up(std::size_t endpoint, std::string why);
  Failure none_free(Deadline deadline) const;
  asio::awaitable<std::optional<Failure>> over_lines(Line& line, Exchange& exchange, bool repeatable, Deadline deadline,
                                                     std::optional<std::chrono::milliseconds> patience);

  asio::any_io_executor executor;
  std::vector<Endpoint> endpoints;
  std::shared_ptr<TlsContext> tls;
  PoolOptions options;
  Slots slots;
  std::size_t current = 0;     // the endpoint for new connections
  std::string left_because;    // the last endpoint that was left
  std::size_t generation = 0;  // counts replacements of `tls`
  std::vector<Line> idle;      // in the order of use; the last one is used next
};

Line Pool::Impl::open(std::size_t endpoint) const {
  auto settings = options.connection;
  if (!options.proxies.empty()) settings.proxy = options.proxies.at(endpoint);
  return {std::make_unique<Connection>(executor, endpoints[endpoint], tls, std::move(settings)), endpoint, {}};
}

Line Pool::Impl::take() {
  while (!idle.empty()) {
    Line last = std::move(idle.back());
    idle.pop_back();
    if (last.endpoint == current && Clock::now() - last.idle_since <= options.max_idle && last.connection->reusable())
      return last;
  }
  return open(current);
}

void Pool::Impl::keep(Line line) {
  if (line.endpoint != current || !line.connection->reusable()) return;
  line.idle_since = Clock::now();
  idle.push_back(std::move(line));
}

// Many exchanges may find at once that an endpoint is unreachable: only the first of them changes the endpoint.
void Pool::Impl::give_up(std::size_t endpoint, std::string why) {
  if (current != endpoint) return;
  current = (endpoint + 1) % endpoints.size();
  left_because = std::move(why);
}

Failure Pool::Impl::none_free(Deadline deadline) const {
  const bool late = Clock::now() >= deadline;
  return {{late ? errc::timed_out : errc::cancelled, "waiting for one of " + std::to_string(options.max_connections) +
                                                         " connections to " + endpoints[current].url() +
                                                         (late ? ": none became free in time" : ": cancelled")},
          Delivery::not_sent};
}

// Begins with `line`; afterwards `line` was used last. A time-out is a reason to leave an endpoint that had at least
// `patience`; nullopt: none at all.
asio::awaitable<std::optional<Failure>> Pool::Impl::over_lines(Line& line, Exchange& exchange, bool repeatable,
                                                               Deadline deadline,
                                                               std::optional<std::chrono::milliseconds> patience) {
  const auto has_time = [&] { return patience && deadline - Clock::now() >= *patience; };
  bool had_time = has_time();
  auto failure = co_await exchange.over(*line.connection);
  // The connection reconnects by itself: a second one cannot be stale.
  if (failure && repeatable && failure->delivery == Delivery::stale) failure = co_await exchange.over(*line.connection);
  std::string refusals;
  for (std::size_t tried = 1; failure && is_unreachable(*failure); ++tried) {
    if (had_time || !is_time_out(*failure)) give_up(line.endpoint, failure->error.message);
    if (tried == endpoints.size() || Clock::now() >= deadline) break;
    refusals += failure->error.message + "; ";
    line = open((line.endpoint + 1) % endpoints.size());
    had_time = has_time();
    failure = co_await exchange.over(*line.connection);
  }
  // A server that hangs accepts connections all the same.
  if (failure && had_time && is_time_out(*failure)) give_up(line.endpoint, failure->error.message);
  if (failure) failure->error.message.insert(0, refusals);
  co_return failure;
}

Pool::Pool(asio::any_io_executor executor, std::vector<Endpoint> endpoints, std::shared_ptr<TlsContext> tls,
           PoolOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(endpoints), std::move(tls), std::move(options))) {}

Pool::~Pool() = default;

asio::awaitable<std::optional<Failure>> Pool::use(Exchange& exchange, bool repeatable, Deadline deadline,
                                                  std::chrono::milliseconds patience) {
  const auto pool = impl_;
  const auto slot = co_await pool->slots.take(deadline);
  if (!slot) co_return pool->none_free(deadline);
  const auto began = pool->generation;
  auto line = pool->take();
  auto failure = co_await pool->over_lines(line, exchange, repeatable, deadline, patience);
  if (began == pool->generation) pool->keep(std::move(line));
  co_return failure;
}

asio::awaitable<std::optional<Failure>> Pool::use_apart(Exchange& exchange, Deadline deadline) {
  const auto pool = impl_;
  auto line = pool->open(pool->current);
  co_return co_await pool->over_lines(line, exchange, false, deadline, std::nullopt);
}

asio::awaitable<Outcome<HttpResponse>> Pool::exchange(HttpRequest request, std::chrono::milliseconds timeout) {
  const Deadline deadline = Clock::now() + timeout;
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  WholeExchange whole(std::move(request), deadline);
  if (auto failure = co_await use(whole, repeatable, deadline, timeout / 2)) co_return std::move(*failure);
  co_return std::move(whole.response);
}

void Pool::replace_tls(std::shared_ptr<TlsContext> tls) {
  if (tls == impl_->tls) return;
  impl_->tls = std::move(tls);
  ++impl_->generation;
  impl_->idle.clear();
}

void Pool::leave(const Endpoint& endpoint, std::string why) {
  if (endpoint == this->endpoint()) impl_->give_up(impl_->current, std::move(why));
}

const std::string& Pool::left_because() const { return impl_->left_because; }

std::size_t Pool::in_use() const { return impl_->slots.in_use(); }
std::size_t Pool::idle() const { return impl_->idle.size(); }
std::size_t Pool::waiting() const { return impl_->slots.waiting(); }
const Endpoint& Pool::endpoint() const { return impl_->endpoints[impl_->current]; }

}  // namespace net
