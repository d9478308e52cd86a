#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task_group.hpp"
#include "controller/base/time.hpp"

namespace knm {

// The clock of the engine, and a timer for the next time that it needs: one sleeping coroutine for any number of times.
class Alarm {
 public:
  // `ring` is called in its own turn of the loop; it may set the alarm again. `tasks` must outlive it; all its work
  // ends with them.
  Alarm(boost::asio::any_io_executor executor, base::TaskGroup& tasks, std::function<void()> ring);

  // The time since construction.
  Time now() const;
  // Replaces the former time; nullopt keeps it.
  void set(std::optional<Time> at);

 private:
  boost::asio::awaitable<void> sleep();

  boost::asio::any_io_executor executor_;
  base::TaskGroup& tasks_;
  std::function<void()> ring_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point start_;
  std::optional<Time> at_;
  bool sleeping_ = false;
};

}  // namespace knm
