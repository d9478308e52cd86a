#include "controller/engine/breaker.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using std::chrono::milliseconds;

class BreakerTest : public testing::Test {
 protected:
  void fail(int times, Time now) {
    for (int i = 0; i < times; ++i) breaker_.failed(now, 1.0);
  }
  Breaker breaker_{milliseconds(200), milliseconds(1000)};
};

TEST_F(BreakerTest, OpensAfterThreeFailuresInARow) {
  EXPECT_FALSE(breaker_.failed(Time{0}, 1.0));
  EXPECT_FALSE(breaker_.failed(Time{0}, 1.0));
  EXPECT_TRUE(breaker_.permits(Time{0}, 7));
  EXPECT_TRUE(breaker_.failed(Time{0}, 1.0));
  EXPECT_FALSE(breaker_.permits(Time{0}, 0));
}

TEST_F(BreakerTest, AnAnswerResetsTheFailureCount) {
  fail(2, Time{0});
  EXPECT_FALSE(breaker_.succeeded());
  fail(2, Time{0});
  EXPECT_FALSE(breaker_.open());
}

TEST_F(BreakerTest, AllowsOneProbeAtATime) {
  fail(3, Time{0});
  EXPECT_EQ(breaker_.probe_at(), Time(milliseconds(200)));
  EXPECT_FALSE(breaker_.permits(milliseconds(199), 0));
  EXPECT_TRUE(breaker_.permits(milliseconds(200), 0));
  EXPECT_FALSE(breaker_.permits(milliseconds(200), 1));
}

// Requests in flight at the time of the opening fail as well. These failures must not delay the next probe.
TEST_F(BreakerTest, OnlyFailedProbesIncreaseTheInterval) {
  fail(8, Time{0});
  EXPECT_EQ(breaker_.probe_at(), Time(milliseconds(200)));
  fail(1, milliseconds(200));
  EXPECT_EQ(breaker_.probe_at(), Time(milliseconds(200 + 400)));
  fail(1, milliseconds(600));
  EXPECT_EQ(breaker_.probe_at(), Time(milliseconds(600 + 800)));
  fail(1, milliseconds(1400));
  EXPECT_EQ(breaker_.probe_at(), Time(milliseconds(1400 + 1000))) << "the maximum interval";
}

TEST_F(BreakerTest, ClosesAfterTheFirstAnswer) {
  fail(5, Time{0});
  EXPECT_TRUE(breaker_.succeeded());
  EXPECT_TRUE(breaker_.permits(Time{0}, 7));
  EXPECT_EQ(breaker_.probe_at(), std::nullopt);
}

}  // namespace
}  // namespace knm
