#include "controller/run/log_limit.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using namespace std::chrono_literals;

TEST(LogLimit, OneLinePerMinuteForEachObject) {
  LogLimit limit;
  EXPECT_TRUE(limit.take(1, 10s));
  EXPECT_FALSE(limit.take(1, 69s));
  EXPECT_TRUE(limit.take(2, 69s));
  EXPECT_TRUE(limit.take(1, 70s));
  EXPECT_EQ(limit.take_left_out(), 0U);
}

TEST(LogLimit, AHundredLinesAtOnceAndOnePerSecond) {
  LogLimit limit;
  std::size_t lines = 0;
  for (std::uint64_t line = 0; line < 10'000; ++line) lines += limit.take(line, 10s);
  EXPECT_EQ(lines, 100U);
  EXPECT_TRUE(limit.take(20'000, 11s));
  EXPECT_EQ(limit.take_left_out(), 9'900U);
  EXPECT_EQ(limit.take_left_out(), 0U);
}

}  // namespace
}  // namespace knm
