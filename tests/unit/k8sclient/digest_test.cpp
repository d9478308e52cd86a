#include "k8sclient/api/digest.hpp"

#include <gtest/gtest.h>

#include <string>

namespace k8s {
namespace {

std::string counted(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(i);
  return out;
}

// Digests of the texts 00 01 02 … under the key 00 … 0f, from an implementation in another language. That
// implementation also reproduces the vector of the paper with its number of rounds.
TEST(Digest, IsSipHash13) {
  EXPECT_EQ(digest(""), 0xabac0158050fc4dcU);
  EXPECT_EQ(digest(counted(1)), 0xc9f49bf37d57ca93U);
  EXPECT_EQ(digest(counted(7)), 0xd3927d989bb11140U);
  EXPECT_EQ(digest(counted(8)), 0x369095118d299a8eU);
  EXPECT_EQ(digest(counted(15)), 0xd320d86d2a519956U);
  EXPECT_EQ(digest(counted(63)), 0x9d199062b7bbb3a8U);
}

TEST(Digest, DependsOnTheKey) {
  const auto before = digest("text");
  set_digest_key(1, 2);
  EXPECT_NE(digest("text"), before);
  set_digest_key(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  EXPECT_EQ(digest("text"), before);
}

}  // namespace
}  // namespace k8s
