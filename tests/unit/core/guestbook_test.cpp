#include "tests/support/guestbook.hpp"

#include <gtest/gtest.h>

namespace knm::test {
namespace {

TEST(Guestbook, OneCreatePerObjectAndNoOtherWrite) {
  World world;
  Guestbook::apply_all(world);
  const auto before = world.api().counts();
  world.start();
  ASSERT_TRUE(world.converge());
  std::size_t made = 0;
  for (const auto& [type, count] : world.api().counts()) made += count - before.at(type);
  EXPECT_EQ(world.writes(), made) << testing::PrintToString(world.write_list());
  EXPECT_EQ(world.patches(), 6U);
}

TEST(Guestbook, RestartWithNothingChangedWritesNothing) {
  World world;
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(world.converge());
  world.clear_log();
  world.restart();
  ASSERT_TRUE(world.converge());
  EXPECT_EQ(world.writes(), 0U) << testing::PrintToString(world.write_list());
  EXPECT_EQ(world.patches(), 0U);
}

}  // namespace
}  // namespace knm::test
