#include "controller/run/alarm.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/as_result.hpp"

namespace knm {

namespace asio = boost::asio;

Alarm::Alarm(asio::any_io_executor executor, base::TaskGroup& tasks, std::function<void()> ring)
    : executor_(executor),
      tasks_(tasks),
      ring_(std::move(ring)),
      timer_(executor),
      start_(std::chrono::steady_clock::now()) {}

Time Alarm::now() const { return std::chrono::steady_clock::now() - start_; }

void Alarm::set(std::optional<Time> at) {
  if (!at || at_ == at) return;
  at_ = at;
  timer_.expires_at(start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(*at));
  if (!std::exchange(sleeping_, true)) tasks_.spawn("alarm", sleep());
}

asio::awaitable<void> Alarm::sleep() {
  // Always one turn of the loop later, even if the time is due: set() is called in the middle of other work.
  co_await asio::post(executor_, asio::use_awaitable);
  // A new expiry ends the wait early; then the coroutine waits for that one.
  while (at_ && now() < *at_) co_await timer_.async_wait(net::as_result);
  at_.reset();
  sleeping_ = false;
  ring_();
}

}  // namespace knm
