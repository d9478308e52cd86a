#include "controller/engine/schedule.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "controller/base/keys.hpp"

// The choice of the next entry, without any request for it.
namespace knm {
namespace {

using contrail::Type;
using namespace std::chrono_literals;

class ScheduleTest : public testing::Test {
 protected:
  ScheduleTest() { schedule_.start(); }

  SlotId network(const std::string& project, const std::string& name) {
    const auto id = table_.slot(Type::virtual_network, "d:" + project + ":" + name);
    projects_[id] = project;
    return id;
  }
  std::optional<SlotId> next(std::size_t room = 8) { return schedule_.next(TargetApi::config, room, schedule_.now()); }
  void pass(Time time) { schedule_.set_now(schedule_.now() + time); }
  // Requests that fail since the server is down.
  void fail(SlotId id, int times) {
    for (int i = 0; i < times; ++i) {
      schedule_.fail(id, "no connection", schedule_.now());
      schedule_.count_answer(TargetApi::config, id, true, schedule_.now());
    }
  }

  Table table_;
  std::map<SlotId, std::string> projects_;
  ProgressCounts progress_{table_};
  Schedule schedule_{Settings{}, 1, table_, progress_, [this](SlotId id) { return text_digest(projects_[id]); }};
};

TEST_F(ScheduleTest, AnEntryIsQueuedOnce) {
  const auto id = network("p", "n");
  schedule_.push(id);
  schedule_.push(id);
  EXPECT_EQ(next(), id);
  EXPECT_EQ(next(), std::nullopt);
  schedule_.push(id);
  EXPECT_EQ(next(), id);
}

TEST_F(ScheduleTest, NothingIsQueuedBeforeTheStartAndAfterTheEnd) {
  schedule_.stop();
  schedule_.push(network("p", "n"));
  EXPECT_TRUE(schedule_.idle());
}

TEST_F(ScheduleTest, ProjectsTakeTurnsAtRequests) {
  const auto a = network("p", "a"), b = network("p", "b"), other = network("q", "c");
  schedule_.push({a, b, other});
  EXPECT_EQ(next(), a);
  schedule_.end_turn(TargetApi::config);
  EXPECT_EQ(next(), other);
  schedule_.end_turn(TargetApi::config);
  EXPECT_EQ(next(), b);
}

TEST_F(ScheduleTest, RequestsInFlightAreLimited) {
  schedule_.push({network("p", "a"), network("p", "b")});
  ASSERT_TRUE(next(1));
  const bool noisy = schedule_.sent(TargetApi::config);
  EXPECT_EQ(next(1), std::nullopt);
  EXPECT_TRUE(next(2));
  schedule_.answered(TargetApi::config, noisy);
  schedule_.push(network("p", "c"));
  EXPECT_TRUE(next(1));
}

TEST_F(ScheduleTest, EachTargetApiHasItsOwnQueue) {
  const auto text = table_.slot(TargetApi::pod_state, Type::project, "ns/a");
  schedule_.push(text);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(schedule_.next(TargetApi::pod_state, 1, Time{0}), text);
}

TEST_F(ScheduleTest, TimersAndWaitersQueueTheirEntries) {
  const auto timed = network("p", "timed"), awaited = network("p", "awaited"), waiter = network("p", "waiter");
  schedule_.at(Time{5ms}, timed);
  EXPECT_EQ(schedule_.next_wakeup(), Time{5ms});
  schedule_.push_due();
  EXPECT_EQ(next(), std::nullopt);
  pass(5ms);
  schedule_.push_due();
  EXPECT_EQ(next(), timed);
  table_.wait_for(awaited, waiter);
  schedule_.wake(awaited);
  EXPECT_EQ(next(), waiter);
}

TEST_F(ScheduleTest, EachFailureDoublesTheBackOffUpToTheMaximum) {
  const Settings settings;
  const auto id = network("p", "n");
  for (int i = 0; i < 30; ++i) {
    schedule_.fail(id, "HTTP 500", Time{0});
    const auto longest =
        std::min(Time(settings.retry_delay) * (std::int64_t{1} << std::min(i, 20)), Time(settings.retry_delay_max));
    EXPECT_LE(table_[id].cold().not_before, longest);
    EXPECT_GE(table_[id].cold().not_before, longest / 2);
  }
  EXPECT_EQ(table_[id].cold().attempts, 30U);
}

TEST_F(ScheduleTest, AServerThatIsDownGetsOneProbeAtATime) {
  const auto id = network("p", "n"), other = network("p", "o");
  fail(id, 3);
  EXPECT_TRUE(schedule_.is_down(TargetApi::config));
  EXPECT_FALSE(schedule_.is_down(TargetApi::pod_state)) << "another server";
  schedule_.push(other);
  EXPECT_EQ(next(), std::nullopt);
  const auto probe_at = schedule_.next_wakeup();
  ASSERT_TRUE(probe_at);
  schedule_.set_now(*probe_at);
  EXPECT_EQ(next(), other);
  schedule_.sent(TargetApi::config);
  schedule_.push(id);
  EXPECT_EQ(next(), std::nullopt) << "only one probe";
}

TEST_F(ScheduleTest, WithAnEmptyQueueTheFirstFailureIsTheProbe) {
  const auto first = network("p", "first"), second = network("p", "second");
  fail(first, 2);
  fail(second, 8);
  schedule_.set_now(*schedule_.next_wakeup());
  ASSERT_GT(table_[first].cold().not_before + 1h, schedule_.now());
  table_[first].retry_at(schedule_.now() + 1h);
  EXPECT_EQ(next(), first);
  EXPECT_EQ(table_[first].cold().not_before, schedule_.now());
}

TEST_F(ScheduleTest, AfterAnOutageFailedEntriesAreSentOneAfterTheOther) {
  const auto a = network("p", "a"), b = network("p", "b");
  fail(a, 2);
  fail(b, 2);
  table_[a].retry_at(1h);
  table_[b].retry_at(1h);
  EXPECT_TRUE(schedule_.count_answer(TargetApi::config, a, false, schedule_.now()));
  EXPECT_EQ(table_[a].cold().not_before, Time{5ms});
  EXPECT_EQ(table_[b].cold().not_before, Time{10ms});
  EXPECT_FALSE(schedule_.is_down(TargetApi::config));
}

TEST_F(ScheduleTest, ANoisyProjectLeavesConnectionsToTheOthers) {
  const auto loud = network("loud", "0");
  for (int i = 0; i < 200; ++i) schedule_.count_removal(loud, Time{0});
  std::vector<SlotId> of_loud;
  for (int i = 0; i < 8; ++i) of_loud.push_back(network("loud", std::to_string(i)));
  schedule_.push(of_loud);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(next(4)) << i;
    EXPECT_TRUE(schedule_.sent(TargetApi::config));
  }
  EXPECT_EQ(next(4), std::nullopt) << "a quarter is reserved for the other projects";
  const auto quiet = network("quiet", "n");
  schedule_.push(quiet);
  EXPECT_EQ(next(4), quiet);
  EXPECT_FALSE(schedule_.sent(TargetApi::config));
}

TEST_F(ScheduleTest, EntriesWithATimerOrAFailureKeepTheirSlots) {
  const auto timed = network("p", "timed"), failed = network("p", "failed"), other = network("p", "other");
  schedule_.at(Time{5ms}, timed);
  fail(failed, 1);
  std::vector<bool> needed(table_.size());
  schedule_.mark_needed(needed);
  EXPECT_TRUE(needed[timed]);
  EXPECT_TRUE(needed[failed]);
  EXPECT_FALSE(needed[other]);
}

}  // namespace
}  // namespace knm
