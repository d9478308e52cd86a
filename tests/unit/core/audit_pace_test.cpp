#include "controller/engine/audit_pace.hpp"

#include <gtest/gtest.h>

namespace knm::test {
namespace {

TEST(AuditPaceTest, AuditsAreRareWhileTheStreamMissesNothing) {
  AuditPace pace(3);
  EXPECT_EQ(pace.factor(), 1);
  pace.audited(5);
  EXPECT_EQ(pace.missed(), 0U) << "there was no stream";
  pace.watch_completed();
  EXPECT_EQ(pace.factor(), 3);
  pace.audited(0);
  EXPECT_EQ(pace.factor(), 3);
  pace.audited(2);
  EXPECT_EQ(pace.missed(), 2U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pace.factor(), 1);
    pace.audited(0);
  }
  EXPECT_EQ(pace.factor(), 3);
  pace.watch_lost();
  EXPECT_EQ(pace.factor(), 1);
}

}  // namespace
}  // namespace knm::test
