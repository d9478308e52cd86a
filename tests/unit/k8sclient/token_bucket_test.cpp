#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, GivesABurstAndThenOneEachRefill) {
  const TokenBucket::Rate rate{2, 10s};
  TokenBucket bucket;
  EXPECT_TRUE(bucket.take(rate, 100s));
  EXPECT_TRUE(bucket.take(rate, 100s));
  EXPECT_FALSE(bucket.take(rate, 109s));
  EXPECT_EQ(bucket.ready_at(rate), 110s);
  EXPECT_TRUE(bucket.take(rate, 110s));
  EXPECT_FALSE(bucket.is_full(129s));
  EXPECT_TRUE(bucket.is_full(130s));
}

TEST(TokenBucket, AReservationWaitsForItsOwnToken) {
  const TokenBucket::Rate rate{2, 10s};
  TokenBucket bucket;
  EXPECT_EQ(bucket.reserve(rate, 100s), 0s);
  EXPECT_EQ(bucket.reserve(rate, 100s), 0s);
  EXPECT_EQ(bucket.reserve(rate, 100s), 10s);
  EXPECT_EQ(bucket.reserve(rate, 105s), 15s);
  EXPECT_FALSE(bucket.take(rate, 125s)) << "the reserved tokens are gone";
  EXPECT_TRUE(bucket.take(rate, 130s));
}

}  // namespace
}  // namespace base
