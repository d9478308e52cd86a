#include "net/pool.hpp"

#include <deque>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/errc.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

struct Idle {
  std::unique_ptr<Connection> connection;
  Clock::time_point since;
};

}  // namespace

struct Pool::Impl {
  class Slot;
  class Waiter;

  asio::awaitable<bool> acquire(Deadline deadline);
  void release();
  std::unique_ptr<Connection> take();
  void keep(std::unique_ptr<Connection> connection);

  asio::any_io_executor executor;
  Endpoint endpoint;
  std::shared_ptr<TlsContext> tls;
  PoolOptions options;
  std::size_t used = 0;        // slots given out; never above options.max_connections
  std::size_t generation = 0;  // counts replacements of `tls`
  std::deque<Waiter*> queue;
  std::vector<Idle> idle;  // the last used is the last: the first to be used again
};

// One who waits for a slot; lives in the frame of its coroutine, which may be cancelled or destroyed at any time.
class Pool::Impl::Waiter {
 public:
  Waiter(Impl& pool, Deadline deadline) : pool_(pool), wake_(pool.executor, deadline) { pool_.queue.push_back(this); }
  ~Waiter() {
    if (!granted_) std::erase(pool_.queue, this);
    if (granted_ && !taken_) pool_.release();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  asio::awaitable<void> wait() { co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable)); }

  // The slot is ours from here on; who gives it has taken us out of the queue.
  void grant() {
    granted_ = true;
    wake_.cancel();
  }

  // Hands the slot to the caller, if one was granted.
  bool take() { return taken_ = granted_; }

 private:
  Impl& pool_;
  asio::steady_timer wake_;
  bool granted_ = false;
  bool taken_ = false;
};

// Gives its slot back at the end of its life, also when the coroutine is cancelled.
class Pool::Impl::Slot {
 public:
  explicit Slot(Impl& pool) : pool_(pool) {}
  ~Slot() { pool_.release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  Impl& pool_;
};

// False: the deadline passed, or we were cancelled.
asio::awaitable<bool> Pool::Impl::acquire(Deadline deadline) {
  if (used < options.max_connections) {
    ++used;
    co_return true;
  }
  Waiter waiter(*this, deadline);
  co_await waiter.wait();
  co_return waiter.take();
}

// A slot that somebody waits for changes hands without ever being free, so that nobody overtakes.
void Pool::Impl::release() {
  if (queue.empty()) {
    --used;
    return;
  }
  Waiter* next = queue.front();
  queue.pop_front();
  next->grant();
}

std::unique_ptr<Connection> Pool::Impl::take() {
  while (!idle.empty()) {
    Idle last = std::move(idle.back());
    idle.pop_back();
    if (Clock::now() - last.since <= options.max_idle && last.connection->reusable()) return std::move(last.connection);
  }
  return std::make_unique<Connection>(executor, endpoint, tls, options.connection);
}

void Pool::Impl::keep(std::unique_ptr<Connection> connection) {
  if (connection->reusable()) idle.push_back({std::move(connection), Clock::now()});
}

Pool::Pool(asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls, PoolOptions options)
    : impl_(new Impl{std::move(executor), std::move(endpoint), std::move(tls), options, 0, 0, {}, {}}) {}

Pool::~Pool() = default;

asio::awaitable<Outcome<HttpResponse>> Pool::exchange(HttpRequest request, std::chrono::milliseconds timeout) {
  const auto pool = impl_;
  const Deadline deadline = Clock::now() + timeout;
  if (!co_await pool->acquire(deadline)) {
    const bool late = Clock::now() >= deadline;
    co_return Failure{{late ? errc::timed_out : errc::cancelled,
                       "waiting for one of " + std::to_string(pool->options.max_connections) + " connections to " +
                           pool->endpoint.url() + (late ? ": none became free in time" : ": cancelled")},
                      Delivery::not_sent};
  }
  const Impl::Slot slot(*pool);
  const std::size_t generation = pool->generation;
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  auto connection = pool->take();
  auto response = co_await connection->exchange(request, deadline);
  // The connection opens anew by itself: no second connection can be stale.
  if (!response && repeatable && response.error().delivery == Delivery::stale)
    response = co_await connection->exchange(std::move(request), deadline);
  if (generation == pool->generation) pool->keep(std::move(connection));
  co_return response;
}

void Pool::replace_tls(std::shared_ptr<TlsContext> tls) {
  impl_->tls = std::move(tls);
  ++impl_->generation;
  impl_->idle.clear();
}

std::size_t Pool::in_use() const { return impl_->used; }
std::size_t Pool::idle() const { return impl_->idle.size(); }
std::size_t Pool::waiting() const { return impl_->queue.size(); }
const Endpoint& Pool::endpoint() const { return impl_->endpoint; }

}  // namespace net
