#include "controller/engine/pace.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using namespace std::chrono_literals;

constexpr Pace::Limits limits{2, 1s, 5s, 60s};

TEST(Pace, TheFirstAttemptsAreImmediateAndThenTheDelayDoubles) {
  Pace pace(limits);
  EXPECT_EQ(pace.not_before(7, 10s), Time{0});
  pace.note(7, 10s);
  pace.note(7, 10s);
  EXPECT_EQ(pace.not_before(7, 10s), Time{0});
  EXPECT_FALSE(pace.is_often(7, 10s));
  pace.note(7, 10s);
  EXPECT_TRUE(pace.is_often(7, 10s));
  EXPECT_EQ(pace.not_before(7, 10s), 11s);
  pace.note(7, 11s);
  EXPECT_EQ(pace.not_before(7, 11s), 13s);
  pace.touch(7, 12s);
  EXPECT_EQ(pace.not_before(7, 12s), 14s);
  for (int i = 0; i < 100; ++i) pace.note(7, 20s);
  EXPECT_EQ(pace.not_before(7, 20s), 25s);
  EXPECT_EQ(pace.not_before(8, 20s), Time{0});
}

TEST(Pace, IsForgottenAfterAQuietTime) {
  Pace pace(limits);
  for (int i = 0; i < 5; ++i) pace.note(7, 10s);
  EXPECT_EQ(pace.forgotten_at(7), 70s);
  EXPECT_EQ(pace.often(69s), 1U);
  EXPECT_EQ(pace.often(70s), 0U);
  EXPECT_EQ(pace.not_before(7, 70s), Time{0});
  EXPECT_EQ(pace.note(7, 70s), 1U);
}

TEST(Pace, StoresOnlyRecentEvents) {
  Pace pace(limits);
  for (std::uint64_t thing = 0; thing < 100'000; ++thing) pace.note(thing, thing * 1s);
  EXPECT_LT(pace.size(), 1000U);
}

TEST(NoisyProjects, AreThoseThatExceedTheirShareUntilAQuietTime) {
  NoisyProjects noisy(10, 100ms);
  for (int i = 0; i < 10; ++i) noisy.note(1, 5s);
  EXPECT_FALSE(noisy.is(1, 5s));
  for (int i = 0; i < 1000; ++i) noisy.note(1, 5s);
  EXPECT_TRUE(noisy.is(1, 5s));
  EXPECT_FALSE(noisy.is(2, 5s));
  EXPECT_FALSE(noisy.is(1, 6s + 1ms));
}

}  // namespace
}  // namespace knm
