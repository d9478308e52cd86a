#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

// An etcd is restored from a backup under a running controller: the watches end, and the lists show the old state.
namespace knm::test {
namespace {

class Relist : public testing::Test {
 protected:
  Relist() {
    setup_.settings.mass_delete_limit = 3;
    setup_.settings.mass_delete_fraction = 0.5;
    world_.configure(setup_.settings);
    world_.apply(make_namespace("gb"));
  }

  void converge() {
    world_.clear_log();
    ASSERT_TRUE(converges(world_));
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
};

TEST_F(Relist, AListWithoutManyExistingPodsIsHeld) {
  const auto backup = world_.cluster();
  Guestbook::apply_all(world_);
  world_.start();
  converge();
  world_.restore(backup);
  converge();
  for (const auto& write : world_.write_list())
    for (const auto* part_of_pod : {"/virtual-machine", "/instance-ip", "/project"})
      EXPECT_EQ(write.find(std::string("DELETE ") + part_of_pod), std::string::npos) << write;
  const auto rows = world_.engine().guarded();
  EXPECT_NE(std::find(rows.begin(), rows.end(), Guarded{"Pods", 6, 6, true, false}), rows.end());

  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  converge();
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Relist, AnUnchangedListWritesNothing) {
  Guestbook::apply_all(world_);
  world_.start();
  converge();
  world_.restore(world_.cluster());
  converge();
  EXPECT_EQ(world_.log().size() + world_.patches(), 0U);
  EXPECT_TRUE(world_.engine().guarded().empty());
}

TEST_F(Relist, AListWithFewMissingPodsIsNotHeld) {
  Guestbook::apply_all(world_);
  world_.start();
  converge();
  auto backup = world_.cluster();
  backup.pods.erase("gb/guestbook-0");
  world_.restore(backup);
  converge();
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The resourceVersions of these Pods are older than those in the answers to the patches.
TEST_F(Relist, AListOfPodsWithoutPodStateWritesItAgain) {
  Guestbook::apply_all(world_);
  const auto backup = world_.cluster();
  world_.start();
  converge();
  world_.restore(backup);
  converge();
  EXPECT_EQ(world_.patches(), 6U);
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// No watch has shown the annotations, so the list contains no change.
TEST_F(Relist, AListOfPodsWhosePodStateNoWatchHasShownWritesItAgain) {
  Guestbook::apply_all(world_);
  world_.start();
  world_.set_patch_fault([version = std::uint64_t{1000}]() mutable -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, ++version, {}};
  });
  converge();
  ASSERT_EQ(world_.patches(), 6U);
  world_.set_patch_fault({});
  world_.engine().relisted<k8s::Pod>(2000);
  converge();
  EXPECT_EQ(world_.patches(), 6U);
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The same after a restore of etcd: the versions of the writes are higher than that of the list, and compare no more.
TEST_F(Relist, AListFromARestoredEtcdUndoesWritesOfHigherVersions) {
  Guestbook::apply_all(world_);
  world_.start();
  world_.set_patch_fault([version = std::uint64_t{1'000'000}]() mutable -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, ++version, {}};
  });
  converge();
  ASSERT_EQ(world_.patches(), 6U);
  world_.set_patch_fault({});
  world_.engine().restored<k8s::Pod>();
  world_.engine().relisted<k8s::Pod>(2000);
  converge();
  EXPECT_EQ(world_.patches(), 6U);
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// Between a restore and its detection, answers have lower versions than the watch has shown.
TEST_F(Relist, AnAnswerWithALowerVersionThanTheWatchHasShownCausesNoFurtherPatch) {
  Guestbook::apply_all(world_);
  world_.start();
  auto answers = 0;
  world_.set_patch_fault([&answers]() -> std::optional<PatchAnswer> {
    ++answers;
    return PatchAnswer{PatchResult::done, 1, {}};
  });
  converge();
  EXPECT_EQ(answers, 6);
}

// A list that is older than a write does not show the effect of the write.
TEST_F(Relist, AListOfAnEarlierVersionUndoesNoWrite) {
  Guestbook::apply_all(world_);
  world_.start();
  world_.set_patch_fault([version = std::uint64_t{1000}]() mutable -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, ++version, {}};
  });
  converge();
  world_.engine().relisted<k8s::Pod>(1000);
  converge();
  EXPECT_EQ(world_.patches(), 0U);
}

}  // namespace
}  // namespace knm::test
