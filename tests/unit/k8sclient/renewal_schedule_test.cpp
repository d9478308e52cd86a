#include "base/renewal_schedule.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

struct RenewalScheduleTest : testing::Test {
  RenewalSchedule::Time at(std::chrono::seconds seconds) const { return RenewalSchedule::Time{} + 1000s + seconds; }
  // As of a credential plugin.
  static constexpr RenewalSchedule::Pauses steady{.first = 5s, .longest = 5s};
  RenewalSchedule schedule{steady};
};

TEST_F(RenewalScheduleTest, RunsBeforeTheFirstRequestAndOnce) {
  EXPECT_TRUE(schedule.due(at(0s)));
  EXPECT_FALSE(schedule.usable(at(0s)));
  schedule.begun();
  EXPECT_FALSE(schedule.due(at(0s))) << "it runs";
  schedule.succeeded(at(1s), std::nullopt);
  EXPECT_TRUE(schedule.usable(at(24h)));
  EXPECT_FALSE(schedule.due(at(24h))) << "no expiry";
}

TEST_F(RenewalScheduleTest, RenewsBeforeTheExpiry) {
  const struct {
    std::chrono::seconds lifetime, renewed;
  } cases[] = {{3600s, 3540s}, {600s, 540s}, {100s, 90s}, {10s, 9s}};
  for (const auto& c : cases) {
    RenewalSchedule one{steady};
    one.succeeded(at(0s), c.lifetime);
    EXPECT_FALSE(one.due(at(c.renewed - 1s))) << c.lifetime.count();
    EXPECT_TRUE(one.due(at(c.renewed))) << c.lifetime.count();
    EXPECT_TRUE(one.usable(at(c.lifetime - 1s)));
    EXPECT_FALSE(one.usable(at(c.lifetime)));
  }
}

TEST_F(RenewalScheduleTest, CredentialsThatArriveExpiredAreUsedAndRenewedWithAPause) {
  schedule.succeeded(at(0s), 0s);
  EXPECT_TRUE(schedule.usable(at(0s)));
  EXPECT_FALSE(schedule.due(at(4s)));
  EXPECT_TRUE(schedule.due(at(5s)));
}

TEST_F(RenewalScheduleTest, AFailureIsFollowedByAPauseAndLeavesTheFormerCredentials) {
  schedule.begun();
  schedule.failed(at(0s));
  EXPECT_FALSE(schedule.usable(at(0s)));
  EXPECT_FALSE(schedule.due(at(4s)));
  EXPECT_TRUE(schedule.due(at(5s)));
  schedule.succeeded(at(5s), 100s);
  schedule.failed(at(95s));
  EXPECT_TRUE(schedule.usable(at(96s)));
  EXPECT_FALSE(schedule.due(at(99s)));
  EXPECT_TRUE(schedule.due(at(100s)));
  EXPECT_FALSE(schedule.usable(at(105s)));
}

TEST_F(RenewalScheduleTest, ARefusalIsAReasonToRunUnlessOneHasJustEnded) {
  schedule.succeeded(at(0s), std::nullopt);
  schedule.refused(at(4s));
  EXPECT_FALSE(schedule.due(at(10s))) << "it may be about the former credentials";
  schedule.refused(at(10s));
  EXPECT_TRUE(schedule.due(at(10s)));
  EXPECT_FALSE(schedule.usable(at(10s)));
  schedule.begun();
  schedule.succeeded(at(11s), std::nullopt);
  EXPECT_TRUE(schedule.usable(at(11s)));
}

// A lifetime of thousands of years has no room in nanoseconds.
TEST_F(RenewalScheduleTest, CredentialsOfTheYear9999DoNotExpire) {
  RenewalSchedule one{{.first = 1s, .longest = 5s}};
  one.begun();
  one.succeeded(at(0s), std::chrono::years(7973));
  EXPECT_TRUE(one.usable(at(1h)));
  EXPECT_FALSE(one.due(at(1h)));
}

TEST_F(RenewalScheduleTest, ThePauseDoublesUntilCredentialsAreAccepted) {
  RenewalSchedule one{{.first = 1s, .longest = 5s}};
  const auto fails_at = [&](std::chrono::seconds now, std::chrono::seconds pause) {
    ASSERT_TRUE(one.due(at(now))) << now.count();
    one.begun();
    one.failed(at(now));
    EXPECT_FALSE(one.due(at(now + pause - 1s))) << now.count();
    EXPECT_TRUE(one.due(at(now + pause))) << now.count();
  };
  fails_at(0s, 1s);
  fails_at(1s, 2s);
  fails_at(3s, 4s);
  fails_at(7s, 5s);
  fails_at(12s, 5s);
  one.succeeded(at(17s), std::nullopt);
  one.accepted();
  one.discard();
  fails_at(22s, 1s);
}

// A server that refuses all credentials must not lead to an attempt for each request.
TEST_F(RenewalScheduleTest, DiscardedCredentialsAreReplacedAtOnceButNotInARow) {
  RenewalSchedule one{{.first = 1s, .longest = 5s}};
  one.succeeded(at(0s), 1h);
  one.accepted();
  one.discard();
  EXPECT_FALSE(one.usable(at(100s)));
  EXPECT_TRUE(one.due(at(100s)));
  one.succeeded(at(100s), 1h);
  one.discard();
  EXPECT_FALSE(one.due(at(100s)));
  EXPECT_TRUE(one.due(at(101s)));
  one.succeeded(at(101s), 1h);
  one.discard();
  EXPECT_FALSE(one.due(at(102s)));
  EXPECT_TRUE(one.due(at(103s)));
}

TEST_F(RenewalScheduleTest, ACauseThatHasChangedEndsThePause) {
  schedule.failed(at(0s));
  EXPECT_FALSE(schedule.due(at(1s)));
  schedule.retry_now(at(1s));
  EXPECT_TRUE(schedule.due(at(1s)));
}

}  // namespace
}  // namespace base
