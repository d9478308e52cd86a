#include "controller/run/process.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "controller/run/dispatcher.hpp"

namespace knm {
namespace {

using namespace std::chrono_literals;

// Descriptors for the two APIs have priority over those for clients.
// In a process of its own, since it cannot be undone.
TEST(CoreFiles, AreForbiddenToThisProcessAndItsChildren) {
  const auto forbids = [] {
    forbid_core_files();
    rlimit limit{1, 1};
    ::getrlimit(RLIMIT_CORE, &limit);
    std::exit(::prctl(PR_GET_DUMPABLE) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1);
  };
  EXPECT_EXIT(forbids(), testing::ExitedWithCode(0), "");
}

TEST(Descriptors, AreReservedForTheApis) {
  for (const std::size_t limit : {64U, 100U, 256U, 1024U, 65'536U}) {
    const auto shares = share_descriptors(limit, 16 + 8);
    EXPECT_TRUE(shares.enough) << limit;
    EXPECT_LE(shares.http + shares.state + 16 + 8 + 20, limit);
    EXPECT_GE(shares.http, 2U);
  }
  EXPECT_EQ(share_descriptors(65'536, 24).http, 128U);
  EXPECT_EQ(share_descriptors(65'536, 24).state, 32U);
}

TEST(Descriptors, TooFewAreReported) {
  EXPECT_FALSE(share_descriptors(40, 24).enough);
  EXPECT_FALSE(share_descriptors(0, 24).enough);
  EXPECT_EQ(share_descriptors(0, 24).http, 2U);
}

TEST(Descriptors, TheLimitIsRaised) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto low = before;
  low.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const auto raised = raise_descriptor_limit();
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, std::min<rlim_t>(before.rlim_max, 65'536));
  EXPECT_EQ(raised, after.rlim_cur);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST(AuditPause, GrowsWithTheAuditUpToALimit) {
  EXPECT_EQ(Dispatcher::pause_after(1s, 60s), Time(60s));
  EXPECT_EQ(Dispatcher::pause_after(5s, 60s), Time(100s));
  EXPECT_EQ(Dispatcher::pause_after(1h, 60s), Time(10min)) << "one slow audit";
  EXPECT_EQ(Dispatcher::pause_after(1h, 1h), Time(1h)) << "as configured";
}

}  // namespace
}  // namespace knm
