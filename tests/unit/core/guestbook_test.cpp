#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

namespace knm::test {
namespace {

class GuestbookInMemory : public testing::Test {
 protected:
  GuestbookInMemory() { Guestbook::apply_all(world_); }

  std::map<std::string, std::size_t> made_by(const std::function<void()>& run) {
    const auto before = world_.api().counts();
    run();
    auto made = world_.api().counts();
    for (auto& [type, count] : made) count -= before.at(type);
    std::erase_if(made, [](const auto& pair) { return pair.second == 0; });
    return made;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
};

TEST_F(GuestbookInMemory, OneCreatePerObjectAndNoOtherWrite) {
  const auto made = made_by([&] {
    world_.start();
    ASSERT_TRUE(converges(world_));
  });
  std::size_t objects = 0;
  for (const auto& [type, count] : made) objects += count;
  EXPECT_EQ(world_.writes(), objects) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.patches(), Guestbook::all_pods().size());
  for (const auto& exchange : world_.log()) EXPECT_EQ(exchange.status, 200) << exchange.request.target;
}

TEST_F(GuestbookInMemory, MatchesTheObjectMapping) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The same in plain words, without the oracle.
TEST_F(GuestbookInMemory, EachTierReachesOnlyTheTiersThatItUses) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  const auto there = observed(world_.api().dump(), world_.cluster(), setup_.oracle);
  const auto rules = [&](const std::string& policy) {
    return there.at("network-policy default-domain:" + policy).at("rules").get<std::vector<std::string>>();
  };
  const std::string gb = "default-domain:gb:", dns = " -> default-domain:kube-system:service-default";
  EXPECT_EQ(rules("gb:__svc_redis-master"),
            (std::vector<std::string>{gb + "guestbook -> " + gb + "service-redis-master",
                                      gb + "redis-slave -> " + gb + "service-redis-master"}));
  EXPECT_EQ(rules("gb:__svc_redis-slave"),
            (std::vector<std::string>{gb + "guestbook -> " + gb + "service-redis-slave"}));
  EXPECT_EQ(rules("kube-system:__svc_default"),
            (std::vector<std::string>{gb + "guestbook" + dns, gb + "redis-master" + dns, gb + "redis-slave" + dns}));
  EXPECT_FALSE(there.contains("network-policy default-domain:gb:__svc_guestbook"));

  const auto& address = there.at("floating-ip default-domain:default-project:Public:Public:gb_guestbook at 192.0.2.10");
  EXPECT_EQ(address.at("mappings"), nlohmann::json::array({"tcp 80 3000"}));
  EXPECT_EQ(address.at("interfaces").size(), 3U);
}

TEST_F(GuestbookInMemory, ARestartAndAuditsWriteNothing) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(GuestbookInMemory, ADeletedNamespaceLeavesNothingBehind) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  world_.clear_log();
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  for (const auto& exchange : world_.log()) EXPECT_EQ(exchange.status, 200) << exchange.request.target;
}

// After a restart, the inventory must show the order of deletion.
TEST_F(GuestbookInMemory, ADeletedNamespaceLeavesNothingBehindAfterARestart) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  world_.restart();
  ASSERT_TRUE(converges(world_));
  world_.clear_log();
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  for (const auto& exchange : world_.log())
    EXPECT_EQ(exchange.status, 200) << exchange.request.method << " " << exchange.request.target;
}

}  // namespace
}  // namespace knm::test
