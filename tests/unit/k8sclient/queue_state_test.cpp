#include "k8sclient/queue/queue_state.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace k8s {
namespace {

using namespace std::chrono_literals;
using Queue = QueueState<std::string>;
using Keys = std::vector<std::string>;

Queue::Time at(Queue::Duration time) { return Queue::Time(1h + time); }

std::string namespace_of(const std::string& key) { return key.substr(0, key.find('/')); }

// Takes all keys that can be taken, and ends their work.
Keys take_all(Queue& queue, Queue::Time now) {
  Keys out;
  while (const auto taken = queue.take(now)) {
    out.push_back(taken->key);
    queue.done(taken->key, now);
  }
  return out;
}

TEST(QueueState, AKeyThatWaitsIsNotAddedAgain) {
  Queue queue;
  for (const char* key : {"a", "b", "a"}) queue.add(key, at(0s));
  EXPECT_EQ(queue.ready(), 2U);
  EXPECT_EQ(queue.figures(at(0s)).adds, 2U);
  EXPECT_EQ(take_all(queue, at(0s)), (Keys{"a", "b"}));
  EXPECT_TRUE(queue.is_idle());
}

TEST(QueueState, AKeyThatIsAddedDuringItsWorkComesAgainAfterIt) {
  Queue queue;
  queue.add("a", at(0s));
  ASSERT_EQ(queue.take(at(0s))->key, "a");
  queue.add("a", at(1s));
  queue.add("a", at(1s));
  EXPECT_FALSE(queue.take(at(1s))) << "it would be in work twice";
  EXPECT_EQ(queue.figures(at(1s)).depth, 1U);
  queue.done("a", at(2s));
  EXPECT_EQ(take_all(queue, at(2s)), Keys{"a"});
}

TEST(QueueState, TheEndOfWorkThatNeverBeganChangesNothing) {
  Queue queue;
  queue.add("a", at(0s));
  EXPECT_EQ(queue.done("a", at(1s)), 0s);
  EXPECT_EQ(queue.done("b", at(1s)), 0s);
  EXPECT_EQ(take_all(queue, at(1s)), Keys{"a"});
}

TEST(QueueState, ADelayedKeyComesWhenItIsDue) {
  Queue queue;
  queue.add_after("late", 5s, at(0s));
  queue.add_after("soon", 2s, at(0s));
  queue.add_after("now", 0s, at(0s));
  EXPECT_EQ(queue.next_due(), at(2s));
  EXPECT_EQ(take_all(queue, at(1999ms)), Keys{"now"});
  EXPECT_EQ(queue.figures(at(2s)).depth, 1U) << "it waits, also before a worker comes";
  EXPECT_EQ(take_all(queue, at(2s)), Keys{"soon"});
  EXPECT_EQ(queue.next_due(), at(5s));
  queue.add("later", at(6s));
  EXPECT_EQ(take_all(queue, at(6s)), (Keys{"late", "later"})) << "it was due before the other one was added";
  EXPECT_FALSE(queue.next_due());
}

TEST(QueueState, TheShortestDelayCounts) {
  Queue queue;
  queue.add_after("a", 5s, at(0s));
  queue.add_after("a", 9s, at(0s));
  EXPECT_EQ(queue.next_due(), at(5s));
  queue.add_after("a", 1s, at(0s));
  EXPECT_EQ(queue.next_due(), at(1s));
  EXPECT_EQ(take_all(queue, at(10s)), Keys{"a"});
}

TEST(QueueState, AnAddDoesNotRemoveADelayedOne) {
  Queue queue;
  queue.add_after("a", 5s, at(0s));
  queue.add("a", at(0s));
  EXPECT_EQ(take_all(queue, at(0s)), Keys{"a"});
  EXPECT_EQ(take_all(queue, at(5s)), Keys{"a"});
}

TEST(QueueState, RetriesOfAKeyWaitLongerEachTimeUntilItIsForgotten) {
  QueueSettings<std::string> settings;
  settings.backoff = {1s, 4s, 2};
  Queue queue(settings);
  Queue::Duration time = 0s;
  // A random number of almost 1 gives almost the whole step; see base::Backoff.
  for (const auto step : {1s, 2s, 4s, 4s}) {
    queue.add_rate_limited("a", 0.999, at(time));
    const auto due = queue.next_due();
    ASSERT_TRUE(due);
    EXPECT_LE(*due, at(time + step));
    EXPECT_GE(*due, at(time + step - 10ms));
    time += step;
    EXPECT_EQ(take_all(queue, at(time)), Keys{"a"});
  }
  EXPECT_EQ(queue.num_requeues("a"), 4U);
  EXPECT_EQ(queue.num_requeues("b"), 0U);
  queue.forget("a");
  EXPECT_EQ(queue.num_requeues("a"), 0U);
  queue.add_rate_limited("a", 0, at(time));
  EXPECT_EQ(queue.next_due(), at(time + 500ms)) << "the first step again, with the whole jitter";
}

TEST(QueueState, AllRetriesTogetherAreLimited) {
  QueueSettings<std::string> settings;
  settings.backoff = {1ms, 1ms, 2};
  settings.retries = {2, 10s};
  Queue queue(settings);
  for (const char* key : {"a", "b", "c", "d"}) queue.add_rate_limited(key, 0, at(0s));
  EXPECT_EQ(take_all(queue, at(1s)), (Keys{"a", "b"}));
  EXPECT_EQ(take_all(queue, at(10s)), Keys{"c"});
  EXPECT_EQ(take_all(queue, at(20s)), Keys{"d"});
}

TEST(QueueState, GroupsTakeTurns) {
  QueueSettings<std::string> settings;
  settings.group_of = namespace_of;
  Queue queue(settings);
  for (const char* key : {"loud/1", "loud/2", "loud/3", "quiet/1", "other/1", "quiet/2"}) queue.add(key, at(0s));
  EXPECT_EQ(take_all(queue, at(0s)), (Keys{"loud/1", "quiet/1", "other/1", "loud/2", "quiet/2", "loud/3"}));
}

TEST(QueueState, AfterTheShutDownOnlyKeysThatWaitedAreTaken) {
  Queue queue;
  for (const char* key : {"a", "b"}) queue.add(key, at(0s));
  queue.add_after("late", 1s, at(0s));
  ASSERT_EQ(queue.take(at(0s))->key, "a");
  queue.add("a", at(0s));
  queue.shut_down();
  queue.add("c", at(0s));
  queue.add_after("d", 1s, at(0s));
  queue.add_rate_limited("e", 0, at(0s));
  EXPECT_FALSE(queue.next_due());
  EXPECT_FALSE(queue.is_idle());
  queue.done("a", at(0s));
  EXPECT_EQ(take_all(queue, at(10s)), (Keys{"b", "a"})) << "'a' was added again before the end";
  EXPECT_TRUE(queue.is_idle());
}

TEST(QueueState, ItsFiguresAreThoseOfTheMetrics) {
  Queue queue;
  queue.add("a", at(0s));
  queue.add("b", at(1s));
  queue.add_after("c", 2s, at(1s));
  queue.add_rate_limited("d", 0, at(1s));
  EXPECT_EQ(queue.figures(at(1s)).retries, 2U);
  const auto a = queue.take(at(2s));
  EXPECT_EQ(a->waited, 2s);
  EXPECT_EQ(queue.take(at(4s))->waited, 3s);
  EXPECT_EQ(queue.take(at(4s))->key, "d");
  EXPECT_EQ(queue.take(at(7s))->waited, 4s) << "since it was due";
  const auto figures = queue.figures(at(10s));
  EXPECT_EQ(figures.depth, 0U);
  EXPECT_EQ(figures.adds, 4U);
  EXPECT_EQ(figures.unfinished, 8s + 6s + 6s + 3s);
  EXPECT_EQ(figures.longest_running, 8s);
  EXPECT_EQ(queue.done("a", at(12s)), 10s);
  EXPECT_EQ(queue.figures(at(12s)).longest_running, 8s);
}

}  // namespace
}  // namespace k8s
