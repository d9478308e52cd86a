#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// A start or an audit that would take the network from very many Pods waits for a person.
namespace knm::test {
namespace {

class Brake : public testing::Test {
 protected:
  // Of guestbook's six Pods.
  Brake() {
    setup_.settings.mass_delete_limit = 3;
    setup_.settings.mass_delete_fraction = 0.5;
    world_.configure(setup_.settings);
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(comes_to_rest(world_));
    world_.clear_log();
  }

  void lose(const std::vector<std::string>& pods) {
    for (const auto& pod : pods) world_.remove_pod("gb/" + pod);
  }
  // Another configuration, from now on.
  void restart_with_limit(int pods) {
    setup_.settings.mass_delete_limit = pods;
    world_.configure(setup_.settings);
    world_.restart();
    ASSERT_TRUE(comes_to_rest(world_));
  }
  // Somebody restores the config API from a backup, with the networks of Pods that are long gone.
  void restore_what_is_gone() {
    const auto backup = world_.api().save();
    world_.remove_namespace("gb");
    ASSERT_TRUE(comes_to_rest(world_));
    world_.api() = standin::ConfigApi::load(backup);
    world_.clear_log();
  }
  std::size_t deletions() const {
    std::size_t out = 0;
    for (const auto& exchange : world_.log()) out += exchange.request.method == "DELETE";
    return out;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
  const std::vector<std::string> four_{"guestbook-0", "guestbook-1", "guestbook-2", "redis-slave-0"};
};

TEST_F(Brake, HoldsWhatAStartFindsGone) {
  world_.crash();
  lose(four_);
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  ASSERT_TRUE(world_.engine().brake());
  EXPECT_EQ(world_.engine().brake()->pods, 4U);
  EXPECT_EQ(world_.engine().brake()->managed, 6U);
  EXPECT_EQ(world_.reported(Report::Kind::brake), 1U);
  EXPECT_TRUE(other_.has("instance-ip", "gb_guestbook-0"));
  // Audits do not let go either.
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(deletions(), 0U);
  EXPECT_TRUE(world_.engine().brake());

  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Brake, APodThatReturnsIsReleased) {
  world_.crash();
  const auto pods = world_.pods();
  lose(four_);
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  world_.clear_log();
  for (const auto& name : four_) world_.apply(pods.at("gb/" + name));
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
  // From now on it is one like any other.
  lose({"guestbook-0"});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(other_.has("instance-ip", "gb_guestbook-0"));
}

TEST_F(Brake, LiveDeletionsAreNotHeld) {
  world_.remove_namespace("gb");
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Brake, OrdinaryCleanUpAfterAStopIsNotHeld) {
  world_.crash();
  lose({"guestbook-0", "guestbook-1", "guestbook-2"});  // three are not more than three
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Brake, ASmallPartIsNotHeld) {
  world_.crash();
  setup_.settings.mass_delete_limit = 0;
  setup_.settings.mass_delete_fraction = 0.7;
  world_.configure(setup_.settings);
  lose(four_);
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// They gave their network up themselves.
TEST_F(Brake, CompletedPodsDoNotCount) {
  world_.crash();
  for (const auto& name : four_) {
    auto pod = world_.pods().at("gb/" + name);
    pod.phase = k8s::PodPhase::succeeded;
    world_.apply(pod);
  }
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Brake, HoldsWhatAnAuditFinds) {
  restore_what_is_gone();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(deletions(), 0U);
  ASSERT_TRUE(world_.engine().brake());
  EXPECT_EQ(world_.engine().brake()->pods, 6U);
}

TEST_F(Brake, WhatAnAuditFindsGoesWhereItIsLittle) {
  restart_with_limit(100);
  restore_what_is_gone();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(world_.engine().brake());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// Half an audit decides nothing: what it brought is still to be counted.
TEST_F(Brake, AnAuditThatFailsLetsNothingGo) {
  restart_with_limit(100);
  restore_what_is_gone();
  world_.set_fault([](const auto& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.body.find("floating-ip\"") == std::string::npos || !contrail::is_read(request)) return std::nullopt;
    return ConfigAnswer{Sent::answered, 503, "", ""};
  });
  ASSERT_FALSE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(deletions(), 0U);
  world_.set_fault({});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// Neither do those whose marks nobody understands: their grace time ends, and the brake holds.
TEST_F(Brake, HoldsOrphansAsWell) {
  world_.crash();
  for (const auto& pod : four_)
    other_.annotate("virtual-machine-interface", "default-domain:gb:" + pod, "opencontrail.org/kind", "Gadget");
  lose(four_);
  world_.clear_log();
  world_.start();
  ASSERT_TRUE(comes_to_rest(world_));
  ASSERT_TRUE(world_.audit());
  world_.pass(setup_.settings.orphan_grace + std::chrono::minutes(1));
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(world_.engine().brake());
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
}

}  // namespace
}  // namespace knm::test
