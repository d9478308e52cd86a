#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/pass_time.hpp"

// No Namespace may monopolise the config API. Waiting is counted in requests.
namespace knm::test {
namespace {

using namespace std::chrono_literals;

class Fairness : public testing::Test {
 protected:
  Fairness() {
    for (const auto* ns : {"loud", "quiet"}) world_.apply(make_namespace(ns));
    for (int i = 0; i < names; ++i) {
      const auto name = "s-" + std::to_string(i);
      world_.apply(make_service("loud", name, name, "10.254.1." + std::to_string(i + 1)));
    }
    world_.apply(make_pod("loud", "flipper", "flipper"));
    world_.apply(make_pod("quiet", "first", "web"));
    world_.start();
    EXPECT_TRUE(converges(world_));
    world_.clear_log();
  }

  void flip(bool on) {
    PodOptions options;
    if (on)
      for (int i = 0; i < names; ++i) options.uses += (i > 0 ? "," : "") + std::string("s-") + std::to_string(i);
    world_.apply(make_pod("loud", "flipper", "flipper", options));
  }

  // The number of requests until the Pod has its network.
  std::size_t requests_for(const std::string& pod) {
    const auto before = world_.log().size();
    world_.apply(make_pod("quiet", pod, "web"));
    const auto is_last = [&](const Exchange& exchange) {
      return exchange.request.target == "/instance-ips" &&
             exchange.request.body.find("\"quiet_" + pod + "\"") != std::string::npos;
    };
    while (world_.log().size() == before || !is_last(world_.log().back()))
      if (!world_.step()) return ADD_FAILURE() << "the queue is empty", 0;
    return world_.log().size() - before;
  }

  static constexpr int names = 100;
  World world_;
};

TEST_F(Fairness, AQuietNamespaceDoesNotWaitForTheWholeQueue) {
  const auto alone = requests_for("second");
  ASSERT_TRUE(converges(world_));
  flip(true);
  EXPECT_LE(requests_for("third"), 3 * alone);
  EXPECT_GT(world_.engine().table().size(), 0U);
  const auto before = world_.log().size();
  ASSERT_TRUE(converges(world_));
  EXPECT_GT(world_.log().size() - before, 100U) << "the noisy Namespace had no work queued";
}

TEST_F(Fairness, NoisyNamespacesShareOneTurn) {
  for (int n = 0; n < 10; ++n) {
    const auto ns = "loud-" + std::to_string(n);
    world_.apply(make_namespace(ns));
    for (int i = 0; i < 30; ++i) world_.apply(make_pod(ns, "pod-" + std::to_string(i), "a"));
  }
  ASSERT_TRUE(converges(world_));
  const auto alone = requests_for("second");
  ASSERT_TRUE(converges(world_));
  for (int round = 0; round < 6; ++round) {
    for (int n = 0; n < 10; ++n)
      for (int i = 0; i < 30; ++i)
        world_.apply(make_pod("loud-" + std::to_string(n), "pod-" + std::to_string(i), round % 2 == 0 ? "b" : "a"));
    run_until(world_, world_.now() + 1s);
  }
  for (int n = 0; n < 10; ++n)
    for (int i = 0; i < 30; ++i) world_.apply(make_pod("loud-" + std::to_string(n), "pod-" + std::to_string(i), "c"));
  EXPECT_LE(requests_for("third"), 3 * alone);
}

TEST_F(Fairness, ARepeatedChangeWaitsLongerEachTime) {
  const auto flip_for = [&](int seconds) {
    world_.clear_log();
    for (int i = 0; i < seconds; ++i) {
      flip(i % 2 == 0);
      run_until(world_, world_.now() + 1s);
    }
    return world_.writes();
  };
  const auto at_first = flip_for(4);
  flip_for(20);
  const auto later = flip_for(20) / 5;  // in four seconds
  EXPECT_GT(at_first, 800U);
  EXPECT_LT(later, at_first / 3);
  // The desired state is reached within the maximum delay.
  flip(true);
  run_until(world_, world_.now() + 10s);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
  flip(false);
  run_until(world_, world_.now() + 10s);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
  // After a quiet time the delay is reset.
  run_until(world_, world_.now() + 2min);
  flip(true);
  run_until(world_, world_.now() + 100ms);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
}

// The cost depends on the number of changed references, not on the number of all references.
TEST_F(Fairness, AChangeOfReadinessWaitsNoLongerWithManyBackends) {
  std::vector<k8s::Pod> pods;
  for (int i = 0; i < 5000; ++i) {
    pods.push_back(make_pod("quiet", "b-" + std::to_string(i), "backend"));
    world_.apply(pods.back());
  }
  world_.apply(make_service("quiet", "backend", "backend", "10.254.2.1"));
  world_.apply(make_slice("quiet", "backend", pods));
  ASSERT_TRUE(converges(world_));
  world_.clear_log();
  world_.apply(make_slice("quiet", "backend", pods, {"b-7"}));
  run_until(world_, world_.now() + 21ms);
  EXPECT_EQ(world_.writes(), 1U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.log().front().request.target, "/ref-update");
  // Several changes become one write of the whole list.
  std::vector<std::string> unready;
  for (int i = 8; i < 30; ++i) {
    unready.push_back("b-" + std::to_string(i));
    if (i % 10 != 9) continue;  // 2, 10 and 10 more
    world_.clear_log();
    world_.apply(make_slice("quiet", "backend", pods, unready));
    run_until(world_, world_.now() + 21ms);
    EXPECT_EQ(world_.writes(), 1U) << i << testing::PrintToString(world_.write_list());
    ASSERT_TRUE(converges(world_));
  }
}

}  // namespace
}  // namespace knm::test
