#include <iostream>

#include "tests/property/checks.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Notifications that a message bus loses, delays, doubles and shuffles: the result is that of a run without any.
namespace knm::test {
namespace {

using nlohmann::json;

// Random changes with requests between them, some of them by another client.
class RandomRun {
 public:
  RandomRun(const Configuration& setup, std::uint64_t seed)
      : world(setup.settings),
        cluster_(world, setup, seed),
        other_(world.api(), [this](const standin::Response& response) { world.hear(response); }),
        random_(seed) {
    for (int i = 0; i < 20; ++i) cluster_.step();
  }
  void change(int steps, bool with_drift) {
    for (int i = 0; i < steps; ++i) {
      cluster_.step();
      if (with_drift && random_() % 4 == 0) damage();
      for (auto requests = random_() % 24; requests > 0; --requests) world.step();
      if (random_() % 20 == 0) world.pass(std::chrono::milliseconds(random_() % 2000));
    }
  }
  // Another client removes an address or overwrites a property, if there is any that the controller owns.
  void damage() {
    const auto names = other_.names("floating-ip");
    if (names.empty()) return;
    const auto& name = names[random_() % names.size()];
    if (other_.get("floating-ip", name).dump().find("opencontrail.org/owner") == std::string::npos) return;
    if (random_() % 2 == 0)
      other_.remove("floating-ip", name);
    else
      other_.put("floating-ip", name, {{"floating_ip_traffic_direction", "both"}});
    ++damaged;
  }

  World world;
  std::size_t damaged = 0;

 private:
  RandomCluster cluster_;
  OtherClient other_;
  std::mt19937_64 random_;
};

struct Bus {
  const char* name;
  BusFaults faults;
  bool in_order;
};

class EachBus : public testing::TestWithParam<Bus> {};

TEST_P(EachBus, LeadsToTheDesiredState) {
  const auto& bus = GetParam();
  std::size_t damaged = 0, lost = 0, missed = 0, read = 0, requests = 0;
  for (const auto seed : seeds(20)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    RandomRun run(setup, seed);
    run.world.notify(bus.faults, seed);
    run.world.start(seed);
    if (!bus.in_order) run.world.disorder(seed);
    run.change(60, true);
    ASSERT_TRUE(converges(run.world));
    if (seed % 4 == 0) {
      run.world.cut_stream();
      ASSERT_TRUE(converges(run.world));
    }
    lost += run.world.stream().lost();
    if (bus.faults.lost > 0) {
      ASSERT_TRUE(run.world.audit());
      ASSERT_TRUE(converges(run.world));
    }
    damaged += run.damaged;
    missed += run.world.engine().watch_missed();
    read += run.world.reads();
    requests += run.world.log().size();
    ASSERT_TRUE(is_as_desired(run.world, setup));
    ASSERT_TRUE(run.world.audit());
    ASSERT_TRUE(audits_and_restart_write_nothing(run.world));
  }
  EXPECT_GT(damaged, seeds(20).size());
  EXPECT_EQ(lost > 0, bus.faults.lost > 0);
  EXPECT_EQ(missed > 0, bus.faults.lost > 0);
  std::cout << "[          ] " << damaged << " foreign changes, " << lost << " events lost, " << missed << " missed; "
            << read << " reads of " << requests << " requests\n";
}

INSTANTIATE_TEST_SUITE_P(
    Faults, EachBus,
    testing::Values(Bus{"none", {}, true}, Bus{"doubled", {.doubled = 30}, true}, Bus{"late", {.late = 30}, true},
                    Bus{"shuffled", {.shuffled = true}, true}, Bus{"lost", {.lost = 10}, true},
                    Bus{"all", {.lost = 10, .doubled = 10, .late = 20, .shuffled = true}, true},
                    Bus{"none_in_any_order", {}, false},
                    Bus{"all_in_any_order", {.lost = 10, .doubled = 10, .late = 20, .shuffled = true}, false}),
    [](const auto& info) { return std::string(info.param.name); });

// 300 Pods that come and go, in ten tiers with Services.
class Shop {
 public:
  explicit Shop(World& world) : world_(world) {
    world_.apply(make_namespace("shop"));
    for (int tier = 0; tier < 10; ++tier) {
      const auto name = "tier-" + std::to_string(tier);
      world_.apply(make_service("shop", name, name, "10.254.3." + std::to_string(tier + 1)));
    }
  }
  void come(int incarnation) {
    for (int tier = 0; tier < 10; ++tier) {
      const auto name = "tier-" + std::to_string(tier);
      std::vector<k8s::Pod> pods;
      for (int i = 0; i < 30; ++i)
        pods.push_back(
            make_pod("shop", name + "-" + std::to_string(i), name, {.uses = "tier-0", .incarnation = incarnation}));
      for (const auto& pod : pods) world_.apply(pod);
      world_.apply(make_slice("shop", name, pods));
    }
  }
  void go() {
    for (int tier = 0; tier < 10; ++tier) {
      const auto name = "tier-" + std::to_string(tier);
      world_.apply(make_slice("shop", name, {}));
      for (int i = 0; i < 30; ++i) world_.remove_pod("shop/" + name + "-" + std::to_string(i));
    }
  }

 private:
  World& world_;
};

std::size_t requests_of(World& world) {
  Shop shop(world);
  world.start();
  world.clear_log();  // the first lists, which come with the stream if there is one
  shop.come(1);
  EXPECT_TRUE(converges(world));
  shop.go();
  EXPECT_TRUE(converges(world));
  shop.come(2);
  EXPECT_TRUE(converges(world));
  return world.log().size();
}

TEST(OwnWrites, CauseNoRequest) {
  const auto setup = demo_setup();
  World quiet(setup.settings), notified(setup.settings);
  notified.notify();
  const auto without = requests_of(quiet);
  const auto with = requests_of(notified);
  EXPECT_EQ(with, without);
  EXPECT_EQ(notified.reads(), 0U);
  EXPECT_EQ(notified.engine().notified().at(static_cast<std::size_t>(Notified::read)), 0U);
  EXPECT_TRUE(is_as_desired(notified, setup));
  std::cout << "[          ] " << with << " requests for 600 Pods that come and 300 that go\n";
}

class ShopOn : public testing::TestWithParam<Bus> {};

// Each fault alone; every stream is cut twice in between.
TEST_P(ShopOn, IsServedAsWithoutFaults) {
  const auto& bus = GetParam();
  const auto setup = demo_setup();
  World world(setup.settings);
  world.notify(bus.faults, 7);
  Shop shop(world);
  world.start();
  if (!bus.in_order) world.disorder(7);
  const auto steps = [&] {
    for (int i = 0; i < 1000; ++i) world.step();
  };
  for (int incarnation = 1; incarnation < 3; ++incarnation) {
    shop.come(incarnation);
    steps();
    world.cut_stream();
    shop.go();
    steps();
  }
  shop.come(3);
  ASSERT_TRUE(converges(world));
  if (bus.faults.lost > 0) {
    EXPECT_GT(world.stream().lost(), 0U);
    ASSERT_TRUE(world.audit());
    ASSERT_TRUE(converges(world));
  }
  ASSERT_TRUE(is_as_desired(world, setup));
  ASSERT_TRUE(audits_and_restart_write_nothing(world));
}

INSTANTIATE_TEST_SUITE_P(Faults, ShopOn,
                         testing::Values(Bus{"none", {}, true}, Bus{"doubled", {.doubled = 30}, true},
                                         Bus{"late", {.late = 30}, true}, Bus{"shuffled", {.shuffled = true}, true},
                                         Bus{"lost", {.lost = 10}, true}, Bus{"none_in_any_order", {}, false},
                                         Bus{"lost_in_any_order", {.lost = 10}, false}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(OwnWrites, LeadToTheSameStateWithEachFault) {
  const auto setup = demo_setup();
  World world(setup.settings);
  world.notify({.lost = 10, .doubled = 10, .late = 20, .shuffled = true}, 7);
  Shop shop(world);
  world.start();
  world.disorder(7);
  for (int incarnation = 1; incarnation < 3; ++incarnation) {
    shop.come(incarnation);
    for (int i = 0; i < 1000; ++i) world.step();
    shop.go();
    for (int i = 0; i < 1000; ++i) world.step();
  }
  shop.come(3);
  ASSERT_TRUE(converges(world));
  EXPECT_GT(world.stream().lost(), 100U);
  ASSERT_TRUE(is_as_desired(world, setup));
  ASSERT_TRUE(audits_and_restart_write_nothing(world));
}

// The last event of some objects is lost. The next audit repairs these, and says how many they were.
TEST(LostEvents, AreCountedByTheNextAudit) {
  const auto setup = demo_setup();
  World world(setup.settings);
  world.notify({.lost = 10}, 3);
  Shop shop(world);
  shop.come(1);
  world.start();
  ASSERT_TRUE(converges(world));
  std::size_t lost = 0, changed = 0;
  const auto all = json::parse(world.api().dump());
  for (const auto& object : all["instance-ip"]) {
    const auto uuid = object["uuid"].get<std::string>();
    if (!joined(object["fq_name"]).starts_with("shop_tier-")) continue;
    world.hear(world.api().handle({"DELETE", "/instance-ip/" + uuid, "localhost:8082", "", {}}));
    world.deliver_all();
    lost += world.stream().last().at(uuid);
    ++changed;
  }
  ASSERT_EQ(changed, 300U);
  ASSERT_GT(lost, 15U);
  world.stream().heal();
  world.clear_log();
  ASSERT_TRUE(converges(world));
  EXPECT_EQ(world.writes(), changed - lost);
  EXPECT_EQ(world.engine().audit_factor(), 10);
  ASSERT_TRUE(world.audit());
  EXPECT_EQ(world.engine().watch_missed(), lost);
  EXPECT_EQ(world.engine().audit_factor(), 1) << "audits are frequent again";
  ASSERT_TRUE(converges(world));
  EXPECT_EQ(world.writes(), changed);
  ASSERT_TRUE(is_as_desired(world, setup));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(world.audit());
  EXPECT_EQ(world.engine().audit_factor(), 10);
  std::cout << "[          ] " << lost << " of " << changed << " events lost, and missed\n";
}

}  // namespace
}  // namespace knm::test
