#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace base {

// Coroutines that end together: spawn them, cancel them all, wait for the last one. A task group must be joined (or its
// io_context destroyed) before the objects that its coroutines refer to are destroyed. On one io_context that one
// thread runs.
class TaskGroup {
 public:
  // Called when a coroutine ends with an exception other than its own cancellation.
  using OnFailure = std::function<void(const std::string& name, std::exception_ptr failure)>;

  TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure);
  // Cancels them too, by a handler of the io_context: it may be called from anywhere.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts a coroutine; after cancel() it is dropped at once.
  void spawn(std::string name, boost::asio::awaitable<void> task);

  // Cancels all of them: their next wait is interrupted. Only from a handler of the io_context: with Boost 1.81, a call
  // from outside was seen to crash.
  void cancel();

  // Returns when all have ended.
  boost::asio::awaitable<void> join();

  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace base
