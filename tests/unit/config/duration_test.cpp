#include "controller/config/duration.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsUnitsAndSeveralInARow) {
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("1m"), 1min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("1h2m3s4ms"), 1h + 2min + 3s + 4ms);
}

TEST(Duration, RejectsEverythingElse) {
  for (const auto* text : {"", "10", "s", "-1s", "+1s", "1.5s", "1d", "10 s", " 10s", "10s ", "1m30", "0x1s", "1S",
                           "99999999999999999999s", "9223372036854775807h", "25d", "577h", "576h1ms"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Duration, TextRoundTrips) {
  for (const auto duration : {0ms, 1ms, 20ms, 999ms, 1000ms, 1500ms, 90'000ms, 3'600'000ms, 5'025'678ms}) {
    EXPECT_EQ(parse_duration(duration_text(duration)), duration);
  }
  EXPECT_EQ(duration_text(90s), "1m30s");
  EXPECT_EQ(duration_text(0s), "0s");
}

}  // namespace
}  // namespace knm
