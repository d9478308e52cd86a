#include "k8sclient/queue/work_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/task_group.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Queue = WorkQueue<std::string>;
using Keys = std::vector<std::string>;

// Notes the keys that it takes, until the queue ends.
asio::awaitable<void> work(Queue& queue, Keys& seen) {
  while (const auto item = co_await queue.get()) seen.push_back(item->key());
  seen.emplace_back("end");
}

// Takes one key, and holds it until `item` is reset.
asio::awaitable<void> hold(Queue& queue, std::optional<Queue::Item>& item) { item = co_await queue.get(); }

asio::awaitable<void> drain(Queue& queue, bool& drained) {
  co_await queue.shut_down_with_drain();
  drained = true;
}

asio::awaitable<void> fail(Queue& queue) {
  const auto item = co_await queue.get();
  throw std::runtime_error("the work on " + item->key() + " failed");
}

struct WorkQueueTest : testing::Test {
  // All that can be done without waiting for a time.
  void settle() {
    context.restart();
    while (context.poll() > 0) {
    }
  }
  // Until the condition holds; timers may pass.
  template <class Condition>
  void run_until(Condition condition) {
    context.restart();
    while (!condition() && context.run_one() > 0) {
    }
    ASSERT_TRUE(condition());
  }

  asio::io_context context{1};
  Queue queue{context.get_executor()};
  base::TaskGroup tasks{context.get_executor(), [this](const std::string& name, std::exception_ptr) { failed = name; }};
  std::string failed;
  Keys seen;
};

TEST_F(WorkQueueTest, AWorkerWaitsForKeys) {
  tasks.spawn("worker", work(queue, seen));
  settle();
  EXPECT_EQ(seen, Keys{});
  queue.add("a");
  queue.add("b");
  settle();
  EXPECT_EQ(seen, (Keys{"a", "b"}));
  queue.add("a");
  queue.shut_down();
  settle();
  EXPECT_EQ(seen, (Keys{"a", "b", "a", "end"}));
  EXPECT_EQ(tasks.size(), 0U);
}

TEST_F(WorkQueueTest, WorkersShareTheKeys) {
  std::optional<Queue::Item> first, second;
  tasks.spawn("first", hold(queue, first));
  tasks.spawn("second", hold(queue, second));
  settle();
  queue.add("a");
  settle();
  queue.add("a");
  queue.add("b");
  settle();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->key(), second->key());
  EXPECT_EQ(queue.figures().depth, 1U) << "'a' waits for the end of the work on it";
  tasks.spawn("worker", work(queue, seen));
  settle();
  EXPECT_EQ(seen, Keys{});
  (first->key() == "a" ? first : second)->done();
  settle();
  EXPECT_EQ(seen, Keys{"a"});
}

TEST_F(WorkQueueTest, DelayedKeysWakeAWorker) {
  tasks.spawn("worker", work(queue, seen));
  tasks.spawn("another", work(queue, seen));
  settle();
  queue.add_after("late", 4ms);
  queue.add_after("soon", 2ms);
  queue.add_rate_limited("retry");
  EXPECT_EQ(queue.num_requeues("retry"), 1U);
  run_until([&] { return seen.size() == 3; });
  EXPECT_LT(std::find(seen.begin(), seen.end(), "soon"), std::find(seen.begin(), seen.end(), "late"));
  queue.forget("retry");
  EXPECT_EQ(queue.num_requeues("retry"), 0U);
}

TEST_F(WorkQueueTest, AWaitingWorkerCostsNoTurnsOfTheLoop) {
  for (int i = 0; i < 3; ++i) tasks.spawn("worker", work(queue, seen));
  queue.add_after("a", 1h);
  settle();
  EXPECT_EQ(context.poll(), 0U) << "workers must not wake each other";
}

TEST_F(WorkQueueTest, ACancelledWorkerTakesNoKey) {
  tasks.spawn("worker", work(queue, seen));
  settle();
  asio::post(context, [this] {
    queue.add("a");
    tasks.cancel();  // after the wake-up, before the worker's turn
  });
  settle();
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(failed, "");
  EXPECT_EQ(seen, Keys{});
  EXPECT_EQ(queue.figures().depth, 1U);
}

TEST_F(WorkQueueTest, AnExceptionEndsTheWorkOnAKey) {
  tasks.spawn("failing", fail(queue));
  queue.add("a");
  settle();
  EXPECT_EQ(failed, "failing");
  queue.add("a");
  tasks.spawn("worker", work(queue, seen));
  settle();
  EXPECT_EQ(seen, Keys{"a"});
}

TEST_F(WorkQueueTest, ADrainWaitsForTheWork) {
  std::optional<Queue::Item> item;
  bool drained = false;
  tasks.spawn("holder", hold(queue, item));
  queue.add("a");
  queue.add("b");
  settle();
  queue.add("a");
  tasks.spawn("drain", drain(queue, drained));
  settle();
  EXPECT_TRUE(queue.is_shut_down());
  tasks.spawn("worker", work(queue, seen));
  settle();
  EXPECT_FALSE(drained) << "the work on 'a' lasts";
  item.reset();
  tasks.spawn("another", work(queue, seen));
  settle();
  EXPECT_TRUE(drained);
  EXPECT_EQ(seen, (Keys{"b", "end", "a", "end"}));
}

TEST_F(WorkQueueTest, AnIdleQueueIsDrainedAtOnce) {
  bool drained = false;
  tasks.spawn("drain", drain(queue, drained));
  settle();
  EXPECT_TRUE(drained);
}

TEST_F(WorkQueueTest, WorkersAndItemsMayOutliveTheQueue) {
  std::optional<Queue::Item> item;
  {
    Queue brief(context.get_executor());
    tasks.spawn("holder", hold(brief, item));
    tasks.spawn("worker", work(brief, seen));
    brief.add("a");
    settle();
    ASSERT_TRUE(item);
  }
  item.reset();
}

struct Durations final : QueueMetrics {
  void on_taken(base::Clock::duration) override { ++taken; }
  void on_done(base::Clock::duration) override { ++done; }
  int taken = 0, done = 0;
};

TEST_F(WorkQueueTest, EachKeyIsMeasuredOnce) {
  Durations durations;
  {
    Queue measured(context.get_executor(), {}, &durations);
    for (const char* key : {"a", "b", "a"}) measured.add(key);
    tasks.spawn("worker", work(measured, seen));
    settle();
    EXPECT_EQ(measured.figures().adds, 2U);
    EXPECT_EQ(measured.figures().unfinished, 0s);
    measured.shut_down();
    settle();
  }
  EXPECT_EQ(durations.taken, 2);
  EXPECT_EQ(durations.done, 2);
}

}  // namespace
}  // namespace k8s
