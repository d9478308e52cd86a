#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace net {

// A fixed number of slots that coroutines take, first come first served. On one thread; must outlive all waiting
// coroutines and all slots.
class Slots {
 public:
  Slots(boost::asio::any_io_executor executor, std::size_t count)
      : executor_(std::move(executor)), count_(count), free_(count) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // Releases the slot when destroyed, also when the coroutine that holds it is cancelled.
  class Slot {
   public:
    explicit Slot(Slots& slots) : slots_(&slots) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->release();
    }

   private:
    Slots* slots_;
  };

  // nullopt: the deadline passed or the caller was cancelled.
  boost::asio::awaitable<std::optional<Slot>> take(std::chrono::steady_clock::time_point deadline);

  std::size_t in_use() const { return count_ - free_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  class Waiter;
  void release();

  boost::asio::any_io_executor executor_;
  std::size_t count_, free_;
  std::deque<Waiter*> queue_;  // not empty only if free_ is 0
};

}  // namespace net
