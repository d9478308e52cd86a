#include "net/slots.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/as_result.hpp"

namespace net {

namespace asio = boost::asio;

// A waiting coroutine. The Waiter lives in the frame of its coroutine, which may be cancelled or destroyed at any time:
// a slot that was given to it but not taken is passed on.
class Slots::Waiter {
 public:
  Waiter(Slots& slots, std::chrono::steady_clock::time_point deadline)
      : slots_(slots), wake_(slots.executor_, deadline) {
    slots_.queue_.push_back(this);
  }
  ~Waiter() {
    if (!given_)
      std::erase(slots_.queue_, this);
    else if (!taken_)
      slots_.release();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  asio::awaitable<void> wait() { co_await wake_.async_wait(as_result); }

  // The caller has removed this waiter from the queue.
  void give() {
    given_ = true;
    wake_.cancel();
  }
  bool take() { return taken_ = given_; }

 private:
  Slots& slots_;
  asio::steady_timer wake_;
  bool given_ = false;
  bool taken_ = false;
};

asio::awaitable<std::optional<Slots::Slot>> Slots::take(std::chrono::steady_clock::time_point deadline) {
  if (free_ > 0) {
    --free_;
    co_return Slot(*this);
  }
  Waiter waiter(*this, deadline);
  co_await waiter.wait();
  if (!waiter.take()) co_return std::nullopt;
  co_return Slot(*this);
}

// A slot with waiters is passed on without becoming free, so that the order is kept.
void Slots::release() {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  auto* next = queue_.front();
  queue_.pop_front();
  next->give();
}

}  // namespace net
