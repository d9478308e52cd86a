#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/pass_time.hpp"

// What each status of the config API means for the objects of users (docs/config-api-access.md, "What answers mean").
namespace knm::test {
namespace {

using namespace std::chrono_literals;
using contrail::Request;
using CarryOut = std::function<ConfigAnswer()>;

struct Meaning {
  int status;
  bool is_about_request;  // an Event says that the config API refuses what the Pod needs
};

struct ConfigAnswers : testing::TestWithParam<Meaning> {
  Configuration setup = demo_setup();
  World world{setup.settings};
  const Subject pod{SubjectKind::pod, "gb/late"};
};

TEST_P(ConfigAnswers, AreReportedWhereTheyBelongAndEndWithTheirCause) {
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
  std::size_t answered = 0;
  world.set_fault([&](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (contrail::is_read(request) || request.target != "/virtual-machine-interfaces") return std::nullopt;
    ++answered;
    return ConfigAnswer{Sent::answered, GetParam().status, "the reason of the server", {}};
  });
  world.apply(make_pod("gb", "late", "redis-master"));
  run_until(world, world.now() + 1min);
  EXPECT_GE(answered, 3U) << "it is tried again";
  EXPECT_LE(answered, 40U) << "with pauses";
  EXPECT_EQ(has_problem(world, pod, "RefusedByConfigAPI", "the reason of the server"), GetParam().is_about_request)
      << testing::PrintToString(problems_of(world, pod));
  world.set_fault({});
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(problems_of(world, pod).empty());
  EXPECT_TRUE(is_as_desired(world, setup));
}

INSTANTIATE_TEST_SUITE_P(Statuses, ConfigAnswers,
                         testing::Values(Meaning{400, true}, Meaning{403, false}, Meaning{408, false},
                                         Meaning{412, true}, Meaning{413, true}, Meaning{429, false},
                                         Meaning{500, false}, Meaning{502, false}, Meaning{503, false},
                                         Meaning{504, false}),
                         [](const auto& info) { return "Http" + std::to_string(info.param.status); });

// A server that has not heard of the last writes: its lists and reads lack them. The create is refused then, since the
// object is there, and neither is its address taken by another object nor does it need another one. A server that goes
// on so is reported, since a Pod without its objects looks the same.
TEST(StaleReads, DoNotChangeWhatIsThere) {
  Configuration setup = demo_setup();
  World world{setup.settings};
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
  auto old = world.api();
  world.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world));
  const auto before = world.api().dump();
  std::size_t stale = 0;
  world.set_fault([&](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (!contrail::is_read(request)) return std::nullopt;
    ++stale;
    const auto answer = old.handle({request.method, request.target, "", request.body, {}});
    return ConfigAnswer{Sent::answered, answer.status, answer.body, {}};
  });
  ASSERT_TRUE(world.audit());
  run_until(world, world.now() + 1min);
  EXPECT_GT(stale, 0U);
  EXPECT_EQ(world.api().dump(), before);
  const Subject pod{SubjectKind::pod, "gb/late"};
  // Of the machine and of the address, which have the names of the refused creates.
  EXPECT_EQ(problems_of(world, pod).size(), 2U) << testing::PrintToString(problems_of(world, pod));
  EXPECT_TRUE(has_problem(world, pod, "RefusedByConfigAPI", "already exists"));
  world.set_fault({});
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(problems_of(world, pod).empty());
  EXPECT_TRUE(is_as_desired(world, setup));
  EXPECT_EQ(world.api().dump(), before);
}

}  // namespace
}  // namespace knm::test
