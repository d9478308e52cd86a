#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

// The test covers creates, changes, deletions and patches in both APIs.
TEST(ReadOnly, NothingIsWrittenAnywhere) {
  auto setup = demo_setup();
  World world(setup.settings);
  OtherClient other(world.api());
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
  world.crash();
  setup.settings.read_only = true;
  world.configure(setup.settings);
  other.put("floating-ip", "default-domain:gb:service-guestbook:service-guestbook:guestbook",
            {{"floating_ip_traffic_direction", "both"}});
  auto forged = world.pods().at("gb/guestbook-0");
  forged.meta.annotations = {{"opencontrail.org/pod-state", "forged"}};
  world.apply(forged);
  world.remove_pod("gb/guestbook-1");
  world.apply(make_pod("gb", "worker-0", "worker"));
  world.clear_log();
  world.start();
  ASSERT_TRUE(converges(world));
  world.remove_namespace("gb");
  ASSERT_TRUE(converges(world));
  ASSERT_TRUE(world.audit());
  ASSERT_TRUE(converges(world));
  EXPECT_EQ(world.writes(), 0U) << testing::PrintToString(world.write_list());
  EXPECT_EQ(world.patches(), 0U);
  EXPECT_FALSE(nothing_left_to_do(world.engine(), world.now())) << "the engine still reports the pending work";
}

}  // namespace
}  // namespace knm::test
