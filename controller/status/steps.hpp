#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

namespace knm {

// Work in small steps: a coroutine with `co_await pause` after each step, which is resumed from outside. All other data
// may change during a pause, so nothing read from elsewhere (a reference, a slot of the table) may be kept over a pause
// except its name. A part of the work with its own steps is executed by
//
//     for (auto part = steps(); part.go();) co_await pause;
class Steps {
 public:
  struct promise_type {
    Steps get_return_object() { return Steps(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { failure = std::current_exception(); }
    std::exception_ptr failure;
  };

  Steps(Steps&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Steps& operator=(Steps&&) = delete;
  ~Steps() {
    if (handle_) handle_.destroy();
  }

  // Does one more step; false: it was the last one.
  bool go() {
    if (handle_.done()) return false;
    handle_.resume();
    if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    return !handle_.done();
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Steps(Handle handle) : handle_(handle) {}

  Handle handle_;
};

inline constexpr std::suspend_always pause{};

// Whether a loop with very cheap rounds should pause after this one.
inline bool pauses_after(std::size_t round) { return round % 64 == 63; }

}  // namespace knm
