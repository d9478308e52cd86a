#include "k8sclient/queue/alarm.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace k8s {

namespace asio = boost::asio;

Alarm::Alarm(asio::any_io_executor executor) : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

asio::awaitable<void> Alarm::wait() {
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  // The timer's own result does not tell wake_all() from a cancellation.
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

void Alarm::wake_all() { timer_.cancel(); }

void Alarm::set(std::optional<base::Clock::time_point> time) {
  const auto at = time.value_or(asio::steady_timer::time_point::max());
  // An equal time must wake no coroutine: each one that wakes sets it again, and they would wake each other for ever.
  if (at != timer_.expiry()) timer_.expires_at(at);
}

}  // namespace k8s
