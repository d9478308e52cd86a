#include "base/task_group.hpp"

#include <list>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace base {

namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

struct TaskGroup::State {
  State(asio::any_io_executor ex, OnFailure callback)
      : executor(std::move(ex)),
        on_failure(std::move(callback)),
        idle(executor, asio::steady_timer::time_point::max()) {}

  void interrupt() const;

  asio::any_io_executor executor;
  OnFailure on_failure;
  std::list<std::shared_ptr<asio::cancellation_signal>> running;
  asio::steady_timer idle;  // never fires; cancelled when the last coroutine ends
  bool cancelled = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_failure))) {}

// May be called outside of the io_context, where nothing may be interrupted.
TaskGroup::~TaskGroup() {
  state_->cancelled = true;
  if (!state_->running.empty()) asio::post(state_->executor, [state = state_] { state->interrupt(); });
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
  if (state_->cancelled) return;
  const auto signal = std::make_shared<asio::cancellation_signal>();
  const auto entry = state_->running.insert(state_->running.end(), signal);
  auto done = [state = state_, entry, signal, label = std::move(name)](std::exception_ptr failure) {
    state->running.erase(entry);
    if (failure && !(state->cancelled && is_cancellation(failure)) && state->on_failure)
      state->on_failure(label, failure);
    if (state->running.empty()) state->idle.cancel();
  };
  asio::co_spawn(state_->executor, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(done)));
}

void TaskGroup::State::interrupt() const {
  // A copy: a cancelled coroutine may end, and leave the list, at once.
  const std::vector<std::shared_ptr<asio::cancellation_signal>> all(running.begin(), running.end());
  for (const auto& signal : all) signal->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  state_->cancelled = true;
  state_->interrupt();
}

asio::awaitable<void> TaskGroup::join() {
  const auto state = state_;
  while (!state->running.empty()) co_await state->idle.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::size_t TaskGroup::size() const { return state_->running.size(); }

}  // namespace base
