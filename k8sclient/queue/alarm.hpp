#pragma once

#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace k8s {

// A place where coroutines wait for a time, or for being woken. On one io_context that one thread runs; must outlive
// the coroutines that wait.
class Alarm {
 public:
  explicit Alarm(boost::asio::any_io_executor executor);

  // Returns at the time that is set, or after wake_all(), or for no reason: check the condition again. Throws Asio's
  // operation_aborted if the coroutine was cancelled.
  boost::asio::awaitable<void> wait();
  void wake_all();
  // Sets the time; nullopt: never. If it changes, all are woken.
  void set(std::optional<base::Clock::time_point> time);

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace k8s
