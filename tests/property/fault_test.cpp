#include <iostream>

#include "tests/property/checks.hpp"
#include "tests/property/faults.hpp"

// Faults of requests and answers: the result is the same without leftovers, and the number of requests grows little.
namespace knm::test {
namespace {

using Kind = Faults::Kind;

const std::vector<Kind> all_but_late = {Kind::error_before, Kind::error_after, Kind::reset_before,
                                        Kind::reset_after,  Kind::not_sent,    Kind::half_answer};

// 60 random changes with requests between them.
void run_changes(World& world, const Configuration& setup, std::uint64_t seed) {
  RandomCluster cluster(world, setup, seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20; ++i) cluster.step();
  world.start(seed);
  for (int i = 0; i < 60; ++i) {
    cluster.step();
    for (auto requests = random() % 24; requests > 0; --requests) world.step();
  }
}

class EachFault : public testing::TestWithParam<Kind> {};

TEST_P(EachFault, OfOneRequestInTwenty) {
  std::size_t faults = 0, requests = 0, undisturbed = 0;
  for (const auto seed : seeds(30)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World quiet(setup.settings);
    run_changes(quiet, setup, seed);
    ASSERT_TRUE(converges(quiet));
    undisturbed += quiet.log().size();

    World world(setup.settings);
    Faults disturbance(world, seed, 5, {GetParam()});
    run_changes(world, setup, seed);
    ASSERT_TRUE(converges(world));
    faults += disturbance.count();
    requests += world.log().size();
    disturbance.stop();
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
  }
  EXPECT_GT(faults, undisturbed / 40);
  EXPECT_LE(requests, undisturbed * 12 / 10 + faults);
  std::cout << "[          ] " << faults << " faults; " << requests << " requests, undisturbed " << undisturbed << "\n";
}

INSTANTIATE_TEST_SUITE_P(Faults, EachFault, testing::ValuesIn(all_but_late));

// The start of a larger application, for which the undisturbed number is known: one write per object and the lists.
// With faults there may be at most 1.2 times as many requests, and one more for each fault.
TEST_P(EachFault, CostsFewRequests) {
  const auto setup = random_setup(1);
  const auto start = [&](World& world) {
    world.apply(make_namespace("shop"));
    for (int tier = 0; tier < 10; ++tier) {
      const auto name = "tier-" + std::to_string(tier);
      std::vector<k8s::Pod> pods;
      for (int i = 0; i < 20; ++i)
        pods.push_back(make_pod("shop", name + "-" + std::to_string(i), name, {.uses = "tier-0"}));
      for (const auto& pod : pods) world.apply(pod);
      world.apply(make_service("shop", name, name, "10.254.3." + std::to_string(tier + 1)));
      world.apply(make_slice("shop", name, pods));
    }
    world.start();
    return converges(world);
  };
  World quiet(setup.settings);
  ASSERT_TRUE(start(quiet));
  World world(setup.settings);
  Faults disturbance(world, 1, 5, {GetParam()});
  ASSERT_TRUE(start(world));
  const auto faults = disturbance.count();
  EXPECT_GT(faults, quiet.log().size() / 40);
  EXPECT_LE(world.log().size(), quiet.log().size() * 12 / 10 + faults);
  std::cout << "[          ] " << faults << " faults; " << world.log().size() << " requests, undisturbed "
            << quiet.log().size() << "\n";
  disturbance.stop();
  EXPECT_TRUE(is_as_desired(world, setup));
}

TEST(Faults, OfAllKindsInAnyOrder) {
  for (const auto seed : seeds(60)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World world(setup.settings);
    world.disorder(seed);
    Faults disturbance(world, seed, 10, all_but_late);
    run_changes(world, setup, seed);
    ASSERT_TRUE(converges(world));
    disturbance.stop();
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
  }
}

// A request that arrives long after the client gave it up can undo later changes; the next audit detects it.
TEST(Faults, OfRequestsThatArriveLateAreRepairedByAnAudit) {
  std::size_t late = 0;
  for (const auto seed : seeds(60)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World world(setup.settings);
    world.disorder(seed);
    Faults disturbance(world, seed, 5, {Kind::late});
    run_changes(world, setup, seed);
    world.converge(5000);
    late += disturbance.count();
    disturbance.stop();
    ASSERT_TRUE(world.audit());
    ASSERT_TRUE(converges(world));
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
  }
  EXPECT_GE(late, seeds(60).size());
}

// The cluster changes while the server is down. The controller probes the server occasionally, and catches up.
TEST(Faults, OfAServerThatIsDownForTwentySecondsCauseNoHotLoop) {
  for (const auto seed : seeds(30)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World world(setup.settings);
    RandomCluster cluster(world, setup, seed);
    for (int i = 0; i < 40; ++i) cluster.step();
    world.start(seed);
    ASSERT_TRUE(converges(world));
    Faults disturbance(world, seed, 0, all_but_late);
    disturbance.set_down(true);
    const auto back = world.now() + std::chrono::seconds(20);
    for (int i = 0; i < 40; ++i) {
      cluster.step();
      const auto until = world.now() + std::chrono::milliseconds(500);
      while (world.now() < until) {
        if (world.step()) continue;
        const auto wakeup = world.engine().next_wakeup();
        world.pass(wakeup ? std::clamp(*wakeup - world.now(), Time(1), until - world.now() + Time(1))
                          : until - world.now());
      }
    }
    ASSERT_GE(world.now(), back);
    EXPECT_GT(disturbance.refused_while_down(), 2U);
    EXPECT_LE(disturbance.refused_while_down(), 24U) << "a hot loop";
    EXPECT_GT(world.reported(Report::Kind::server_down), 0U);
    disturbance.set_down(false);
    ASSERT_TRUE(converges(world));
    EXPECT_GT(world.reported(Report::Kind::server_up), 0U);
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
  }
}

TEST(Faults, OfPatchesOfPods) {
  std::size_t faults = 0;
  for (const auto seed : seeds(30)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World world(setup.settings);
    world.disorder(seed);
    std::mt19937_64 random(seed);
    world.set_patch_fault([&]() -> std::optional<PatchAnswer> {
      if (random() % 5 != 0) return std::nullopt;
      ++faults;
      return PatchAnswer{PatchResult::failed, 0, "HTTP 500"};
    });
    run_changes(world, setup, seed);
    ASSERT_TRUE(converges(world));
    world.set_patch_fault({});
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
  }
  EXPECT_GE(faults, seeds(30).size());
}

}  // namespace
}  // namespace knm::test
