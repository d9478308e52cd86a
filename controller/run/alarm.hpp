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

// Tells pure code the time, and calls when the time has come that it asked for: one sleeper, whatever is asked for.
class Alarm {
 public:
  // `ring` is called in a turn of the loop of its own; it may set the alarm again. `tasks` must retain it, and all its
  // work ends with them.
  Alarm(boost::asio::any_io_executor executor, base::TaskGroup& tasks, std::function<void()> ring);

  // Since it was made.
  Time now() const;
  // Replaces what was asked for before; nullopt leaves that as it is.
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
