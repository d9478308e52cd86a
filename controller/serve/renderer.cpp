#include "controller/serve/renderer.hpp"

#include <algorithm>
#include <exception>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/log/loggers.hpp"
#include "net/as_result.hpp"

namespace knm {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;
HttpReply busy(std::string why) { return {.status = 503, .body = "503: " + std::move(why) + "\n", .retry_after = 1}; }

}  // namespace

struct Renderer::Impl : std::enable_shared_from_this<Renderer::Impl> {
  // A requested rendering, with its clients.
  struct Order {
    RenderJob job;
    std::vector<Seat*> seats;
  };
  struct Past {
    Clock::duration took{0};          // on the thread, the last time
    Clock::time_point rests_until{};  // must not begin before
  };

  Impl(asio::any_io_executor the_executor, RenderLimits the_limits)
      : executor(the_executor), limits(the_limits), alarm(the_executor) {}

  void join(RenderJob job, Seat* seat);
  void forget(Seat* seat);
  static asio::awaitable<void> work(std::shared_ptr<Impl> self);
  std::list<Order>::iterator next_order();
  asio::awaitable<HttpReply> render(RenderJob job);
  asio::awaitable<void> go_through(Rendering& rendering, const std::string& key);
  HttpReply share(HttpReply reply);
  void make_room();
  void deliver(Order& order, const HttpReply& reply);
  void stop();

  asio::any_io_executor executor;
  RenderLimits limits;
  asio::steady_timer alarm;  // until the end of a rest; cancelled by a new order
  std::list<Order> orders;   // not begun yet
  Order current;
  std::map<std::string, Past> pasts;
  std::vector<std::weak_ptr<const SharedBody>> bodies;  // bodies of former answers, the oldest first
  std::size_t waiting = 0;
  bool working = false;
  bool stopped = false;
};

void Renderer::Impl::join(RenderJob job, Seat* seat) {
  ++waiting;
  const auto known =
      std::find_if(orders.begin(), orders.end(), [&](const Order& order) { return order.job.key == job.key; });
  if (known != orders.end()) {
    known->seats.push_back(seat);
  } else {
    orders.push_back({std::move(job), {seat}});
    alarm.cancel();
  }
  if (!std::exchange(working, true)) asio::co_spawn(executor, work(shared_from_this()), asio::detached);
}

// A waiting client has disconnected. An order without clients is dropped.
void Renderer::Impl::forget(Seat* seat) {
  --waiting;
  std::erase(current.seats, seat);
  for (auto& order : orders) std::erase(order.seats, seat);
  orders.remove_if([](const Order& order) { return order.seats.empty(); });
}

// The fastest of the orders whose rest is over; end(): none may begin yet.
std::list<Renderer::Impl::Order>::iterator Renderer::Impl::next_order() {
  const auto now = Clock::now();
  auto best = orders.end();
  for (auto order = orders.begin(); order != orders.end(); ++order) {
    if (pasts[order->job.key].rests_until > now) continue;
    if (best == orders.end() || pasts[order->job.key].took < pasts[best->job.key].took) best = order;
  }
  return best;
}

asio::awaitable<void> Renderer::Impl::work(std::shared_ptr<Impl> self) {
  while (!self->orders.empty() && !self->stopped) {
    const auto next = self->next_order();
    if (next == self->orders.end()) {
      auto first = Clock::time_point::max();
      for (const auto& order : self->orders) first = std::min(first, self->pasts[order.job.key].rests_until);
      self->alarm.expires_at(first);
      co_await self->alarm.async_wait(net::as_result);
      continue;
    }
    self->current = std::move(*next);
    self->orders.erase(next);
    const auto reply = co_await self->render(self->current.job);
    self->deliver(self->current, reply);
    self->current = {};
  }
  self->working = false;
}

asio::awaitable<HttpReply> Renderer::Impl::render(RenderJob job) {
  try {
    make_room();
    const auto rendering = job.start();
    co_await go_through(*rendering, job.key);
    if (stopped || current.seats.empty()) co_return busy("the program is stopping");
    co_return share(rendering->reply());
  } catch (const std::exception& failure) {
    pasts[job.key].rests_until = Clock::now() + limits.longest_rest;
    log::http.error("response could not be rendered", {{"what", job.key}, {"error", failure.what()}});
  }
  co_return failed(job.key);
}

asio::awaitable<void> Renderer::Impl::go_through(Rendering& rendering, const std::string& key) {
  Clock::duration took{0};
  for (bool more = true; more && !stopped && !current.seats.empty();) {
    const auto began = Clock::now();
    auto now = began;
    do {
      more = rendering.go();
      now = Clock::now();
    } while (more && now - began < limits.stretch);
    took += now - began;
    // After all other ready work.
    if (more) co_await asio::post(executor, asio::use_awaitable);
  }
  const auto rest = std::min<Clock::duration>(took * limits.rest_factor, limits.longest_rest);
  pasts[key] = {took, Clock::now() + rest};
}

HttpReply Renderer::Impl::share(HttpReply reply) {
  if (!reply.shared) {
    std::vector<std::string> pieces;
    pieces.push_back(std::exchange(reply.body, {}));
    reply.shared = std::make_shared<const SharedBody>(std::move(pieces));
  }
  bodies.push_back(reply.shared);
  return reply;
}

// Limits the former answers that slow clients keep in memory.
void Renderer::Impl::make_room() {
  std::erase_if(bodies, [](const auto& body) { return body.expired(); });
  std::size_t bytes = 0;
  for (const auto& body : bodies) bytes += body.lock()->size();
  for (const auto& weak : bodies) {
    if (bytes <= limits.body_bytes) break;
    const auto body = weak.lock();
    bytes -= body->size();
    for (const auto& end : SharedBody::Takers(body->takers())) end();
  }
}

void Renderer::Impl::deliver(Order& order, const HttpReply& reply) {
  for (auto* seat : order.seats) {
    seat->reply_ = reply;
    seat->wake_.cancel();
  }
}

void Renderer::Impl::stop() {
  stopped = true;
  alarm.cancel();
  for (auto& order : std::exchange(orders, {})) deliver(order, busy("the program is stopping"));
}

Renderer::Renderer(asio::any_io_executor executor, RenderLimits limits)
    : impl_(std::make_shared<Impl>(std::move(executor), limits)) {}

Renderer::~Renderer() { impl_->stop(); }

asio::awaitable<HttpReply> Renderer::answer(RenderJob job, Seat& seat) {
  const auto impl = impl_;
  if (impl->stopped) co_return busy("the program is stopping");
  if (impl->waiting >= impl->limits.waiting)
    co_return busy(std::to_string(impl->waiting) + " clients already wait for an answer; retry in a second");
  seat.reply_.reset();
  seat.left_ = false;
  struct Place {
    Impl& impl;
    Seat* seat;
    ~Place() { impl.forget(seat); }
  } const place{*impl, &seat};
  impl->join(std::move(job), &seat);
  seat.wake_.expires_at(Clock::time_point::max());
  while (!seat.reply_ && !seat.left_) co_await seat.wake_.async_wait(net::as_result);
  if (seat.reply_) co_return std::move(*seat.reply_);
  co_return busy("left");
}

void Renderer::stop() { impl_->stop(); }

std::size_t Renderer::waiting() const { return impl_->waiting; }

}  // namespace knm
