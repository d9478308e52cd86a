#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "k8sclient/queue/alarm.hpp"
#include "k8sclient/queue/queue_state.hpp"

namespace k8s {

// Receives the durations of which client-go makes histograms; QueueFigures has the other metrics. Called inside of
// get() and done(); must not throw.
class QueueMetrics {
 public:
  virtual ~QueueMetrics() = default;
  virtual void on_taken(base::Clock::duration waited) = 0;  // workqueue_queue_duration_seconds
  virtual void on_done(base::Clock::duration took) = 0;     // workqueue_work_duration_seconds
};

// A queue of keys of which something may have changed, for workers that compare the present state of the key's object
// with the desired one. QueueState has the rules. Each worker is a coroutine:
//
//   while (auto item = co_await queue.get()) {
//     if (co_await reconcile(item->key())) queue.forget(item->key());
//     else queue.add_rate_limited(item->key());
//   }
//
// On one io_context that one thread runs, and that must outlive the queue. Its destruction is a shut_down(); waiting
// workers and Items may outlive it.
template <class Key, class Hash = std::hash<Key>>
class WorkQueue {
 private:
  struct State;

 public:
  // A key in work. Its destruction ends the work, also when the worker's coroutine ends with an exception.
  class Item {
   public:
    Item(Item&&) noexcept = default;
    Item& operator=(Item&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Item() { done(); }

    const Key& key() const { return key_; }
    // Ends the work before the destruction. If the key was added in the meantime, it can be taken again.
    void done() {
      if (const auto state = std::exchange(state_, nullptr)) state->done(key_);
    }

   private:
    friend class WorkQueue;
    Item(std::shared_ptr<State> state, Key key) : state_(std::move(state)), key_(std::move(key)) {}

    std::shared_ptr<State> state_;  // null: the work has ended
    Key key_;
  };

  // `metrics` may be null; it must outlive the queue and all its Items.
  explicit WorkQueue(boost::asio::any_io_executor executor, QueueSettings<Key> settings = {},
                     QueueMetrics* metrics = nullptr)
      : state_(std::make_shared<State>(std::move(executor), std::move(settings), metrics)) {}
  ~WorkQueue() { shut_down(); }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Waits for the next key; nullopt: the queue is shut down and no key waits. Throws Asio's operation_aborted if the
  // coroutine was cancelled.
  boost::asio::awaitable<std::optional<Item>> get() { return take(state_); }

  // Adds the key, unless it waits already.
  void add(const Key& key) {
    state_->core.add(key, state_->now());
    state_->changed();
  }
  // Adds the key after this time, or sooner if a shorter delay of the same key is pending.
  void add_after(const Key& key, base::Clock::duration delay) {
    state_->core.add_after(key, delay, state_->now());
    state_->changed();
  }
  // Adds the key again after a failure: see QueueSettings.
  void add_rate_limited(const Key& key) {
    state_->core.add_rate_limited(key, std::uniform_real_distribution(0.0, 1.0)(state_->random), state_->now());
    state_->changed();
  }
  // Ends the series of retries of the key: its next retry has the first delay again.
  void forget(const Key& key) { state_->core.forget(key); }
  // The number of retries since the last forget().
  std::uint32_t num_requeues(const Key& key) const { return state_->core.num_requeues(key); }

  // Nothing is added any more, delayed keys are dropped, and get() returns nullopt when no key waits.
  void shut_down() {
    state_->core.shut_down();
    state_->changed();
  }
  // The same; returns when all keys that waited have been taken and their work has ended. Does not return while there
  // is no worker: then cancel it.
  boost::asio::awaitable<void> shut_down_with_drain() {
    shut_down();
    return drained(state_);
  }
  bool is_shut_down() const { return state_->core.is_shut_down(); }

  QueueFigures figures() const { return state_->core.figures(state_->now()); }

 private:
  struct State {
    State(boost::asio::any_io_executor executor, QueueSettings<Key> settings, QueueMetrics* listener)
        : core(std::move(settings)),
          metrics(listener),
          work(executor),
          idle(executor),
          random(std::random_device{}()) {}

    base::Clock::time_point now() const { return clock.now(); }
    void changed() {
      work.set(core.next_due());
      if (core.ready() > 0 || core.is_shut_down()) work.wake_all();
      if (core.is_idle()) idle.wake_all();
    }
    void done(const Key& key) {
      const auto took = core.done(key, now());
      if (metrics) metrics->on_done(took);
      changed();
    }

    QueueState<Key, Hash> core;
    QueueMetrics* metrics;
    base::SteadyClock clock;
    Alarm work;  // for workers
    Alarm idle;  // for shut_down_with_drain()
    std::mt19937_64 random;
  };

  static boost::asio::awaitable<std::optional<Item>> take(std::shared_ptr<State> state) {
    for (;;) {
      auto taken = state->core.take(state->now());
      state->work.set(state->core.next_due());
      if (taken) {
        if (state->metrics) state->metrics->on_taken(taken->waited);
        co_return Item(state, std::move(taken->key));
      }
      if (state->core.is_shut_down()) co_return std::nullopt;
      co_await state->work.wait();
    }
  }

  static boost::asio::awaitable<void> drained(std::shared_ptr<State> state) {
    while (!state->core.is_idle()) co_await state->idle.wait();
  }

  std::shared_ptr<State> state_;
};

}  // namespace k8s
