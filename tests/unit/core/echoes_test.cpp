#include "controller/engine/echoes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

// Which events of own writes are awaited, and when a doubt about an entry leads to a read.
namespace knm::test {
namespace {

using namespace std::chrono_literals;

class EchoesTest : public testing::Test {
 protected:
  EchoesTest() { schedule_.start(); }

  Table table_;
  ProgressCounts progress_{table_};
  Schedule schedule_{Settings{}, 1, table_, progress_, [](SlotId) { return WorkQueue::Project{0}; }};
  Echoes echoes_{schedule_};
  const SlotId id_ = table_.slot(contrail::Type::floating_ip, "d:p:n:pool:a");
  const SlotId other_ = table_.slot(contrail::Type::floating_ip, "d:p:n:pool:b");
};

TEST_F(EchoesTest, WithoutAWriteADifferenceIsNoDoubt) {
  EXPECT_FALSE(echoes_.doubt(id_, 0s));
  EXPECT_FALSE(echoes_.is_doubted(id_));
  EXPECT_EQ(schedule_.next_wakeup(), std::nullopt);
}

TEST_F(EchoesTest, AnEchoIsAwaitedForASecond) {
  echoes_.expect(id_, false, 0s);
  EXPECT_EQ(schedule_.next_wakeup(), std::nullopt) << "there is no doubt";
  EXPECT_FALSE(echoes_.doubt(id_, 1s));
  EXPECT_EQ(echoes_.size(), 0U);
}

TEST_F(EchoesTest, ADoubtIsDueASecondAfterTheWrite) {
  echoes_.expect(id_, false, 0s);
  EXPECT_TRUE(echoes_.doubt(id_, 300ms));
  EXPECT_TRUE(echoes_.doubt(id_, 600ms));
  EXPECT_TRUE(echoes_.is_doubted(id_));
  EXPECT_EQ(schedule_.next_wakeup(), std::optional<Time>(1s));
  EXPECT_FALSE(echoes_.take_due(id_, 999ms));
  EXPECT_TRUE(echoes_.take_due(id_, 1s));
  EXPECT_FALSE(echoes_.take_due(id_, 1s)) << "it is forgotten";
  EXPECT_FALSE(echoes_.is_doubted(id_));
}

TEST_F(EchoesTest, ADoubtedEntryHasItsTurnThen) {
  echoes_.expect(id_, true, 0s);
  schedule_.set_now(999ms);
  schedule_.push_due();
  EXPECT_EQ(schedule_.next(TargetApi::config, 8, 999ms), std::nullopt);
  schedule_.set_now(1s);
  schedule_.push_due();
  EXPECT_EQ(schedule_.next(TargetApi::config, 8, 1s), std::optional<SlotId>(id_));
}

// Else an entry that is written all the time would never be read.
TEST_F(EchoesTest, WritesInARowDoNotPutOffADoubt) {
  echoes_.expect(id_, false, 0s);
  ASSERT_TRUE(echoes_.doubt(id_, 200ms));
  echoes_.expect(id_, false, 500ms);
  echoes_.expect(id_, true, 900ms);
  EXPECT_FALSE(echoes_.take_due(id_, 999ms));
  EXPECT_TRUE(echoes_.take_due(id_, 1s));
}

TEST_F(EchoesTest, AWriteWithoutADoubtBeginsAnotherSecond) {
  echoes_.expect(id_, false, 0s);
  echoes_.expect(id_, false, 600ms);
  EXPECT_TRUE(echoes_.doubt(id_, 1200ms));
  EXPECT_FALSE(echoes_.take_due(id_, 1599ms));
  EXPECT_TRUE(echoes_.take_due(id_, 1600ms));
}

TEST_F(EchoesTest, ManyEventsDoNotPutOffARead) {
  for (auto now = Time(0s); now < Time(1s); now += Time(100ms)) echoes_.doubt_for(id_, now);
  EXPECT_FALSE(echoes_.take_due(id_, 999ms));
  EXPECT_TRUE(echoes_.take_due(id_, 1s));
}

TEST_F(EchoesTest, AnEventThatAgreesEndsADoubt) {
  echoes_.expect(id_, true, 0s);
  echoes_.end(id_);
  EXPECT_FALSE(echoes_.is_doubted(id_));
  EXPECT_FALSE(echoes_.take_due(id_, 5s));
}

// The end of the second forgets what is awaited, not what is doubted.
TEST_F(EchoesTest, ADoubtWaitsForItsTurn) {
  echoes_.expect(id_, true, 0s);
  echoes_.expect(other_, false, 0s);
  EXPECT_FALSE(echoes_.doubt(other_, 60s));
  EXPECT_EQ(echoes_.size(), 1U);
  EXPECT_TRUE(echoes_.doubt(id_, 60s));
  EXPECT_TRUE(echoes_.take_due(id_, 60s));
}

TEST_F(EchoesTest, TheLastEventOfARequestInFlightIsKept) {
  EXPECT_FALSE(echoes_.take_kept(id_).has_value());
  echoes_.keep(id_, Content{});
  echoes_.keep(id_, std::nullopt);
  const auto kept = echoes_.take_kept(id_);
  ASSERT_TRUE(kept.has_value());
  EXPECT_FALSE(kept->has_value()) << "the object is deleted";
  EXPECT_FALSE(echoes_.take_kept(id_).has_value());
}

TEST_F(EchoesTest, ALostStreamHasNoEchoes) {
  echoes_.keep(id_, std::nullopt);
  echoes_.expect(id_, true, 0s);
  std::vector<bool> needed(table_.size());
  echoes_.mark_needed(needed);
  EXPECT_TRUE(needed[id_]);
  EXPECT_FALSE(needed[other_]);
  echoes_.clear();
  EXPECT_EQ(echoes_.size(), 0U);
  EXPECT_FALSE(echoes_.take_kept(id_).has_value());
  EXPECT_FALSE(echoes_.take_due(id_, 5s));
}

}  // namespace
}  // namespace knm::test
