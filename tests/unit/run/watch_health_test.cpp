#include "controller/run/watch_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

struct WatchHealthTest : testing::Test {
  static k8s::WatchLife life(std::string_view resource, std::chrono::seconds heard, const std::string& error = "") {
    k8s::WatchLife out;
    out.resource = resource;
    out.last_heard = WatchHealth::Time(heard);
    out.error = error;
    return out;
  }
  static WatchHealth::Time at(std::chrono::seconds time) { return WatchHealth::Time(time); }

  WatchHealth health{{120s, 300s}};
};

TEST_F(WatchHealthTest, TwoMinutesOfSilenceAreAFault) {
  EXPECT_FALSE(health.fault({life("pods", 0s), life("services", 0s)}, at(120s)));
  EXPECT_EQ(health.fault({life("pods", 0s), life("services", 10s)}, at(121s)),
            "silent watch: no event of pods for 121 s");
  EXPECT_EQ(health.fault({life("pods", 0s, "HTTP 403"), life("services", 10s)}, at(140s)),
            "silent watch: no event of pods for 140 s: HTTP 403; silent watch: no event of services for 130 s");
  EXPECT_EQ(health.silence({life("pods", 0s, "HTTP 403"), life("services", 10s)}, at(140s)),
            "silent watch: no event of pods for 140 s; silent watch: no event of services for 130 s");
  EXPECT_FALSE(health.silence({life("pods", 130s)}, at(140s)));
  EXPECT_FALSE(health.fault({life("pods", 130s), life("services", 130s)}, at(140s)));
}

TEST_F(WatchHealthTest, ASilentWatchIsReportedAgainWhileItLasts) {
  EXPECT_THAT(health.to_say({life("pods", 0s)}, at(120s)), IsEmpty());
  const auto first = health.to_say({life("pods", 0s, "why")}, at(121s));
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_TRUE(first[0].silent);
  EXPECT_EQ(first[0].silence, 121s);
  EXPECT_EQ(first[0].error, "why");
  EXPECT_THAT(health.to_say({life("pods", 0s)}, at(420s)), IsEmpty());
  EXPECT_THAT(health.to_say({life("pods", 0s)}, at(421s)), SizeIs(1));
  const auto over = health.to_say({life("pods", 430s)}, at(431s));
  ASSERT_THAT(over, SizeIs(1));
  EXPECT_FALSE(over[0].silent);
  EXPECT_THAT(health.to_say({life("pods", 430s)}, at(432s)), IsEmpty());
  EXPECT_THAT(health.to_say({life("pods", 430s)}, at(560s)), SizeIs(1)) << "another silence is reported at once";
}

TEST_F(WatchHealthTest, EachKindIsReportedSeparately) {
  EXPECT_THAT(health.to_say({life("pods", 0s), life("services", 0s)}, at(121s)), SizeIs(2));
  EXPECT_THAT(health.to_say({life("pods", 130s), life("services", 0s)}, at(131s)), SizeIs(1));
}

}  // namespace
}  // namespace knm
