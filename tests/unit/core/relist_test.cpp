#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

// An etcd that is restored from a backup under a running controller: its watches end, and list what was.
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

  void come_to_rest() {
    world_.clear_log();
    ASSERT_TRUE(comes_to_rest(world_));
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
};

TEST_F(Relist, OfPodsThatWereNotYetThereIsHeld) {
  const auto backup = world_.cluster();
  Guestbook::apply_all(world_);
  world_.start();
  come_to_rest();
  world_.restore(backup);
  come_to_rest();
  for (const auto& write : world_.write_list())
    for (const auto* part_of_pod : {"/virtual-machine", "/instance-ip", "/project"})
      EXPECT_EQ(write.find(std::string("DELETE ") + part_of_pod), std::string::npos) << write;
  const auto rows = world_.engine().guarded();
  EXPECT_NE(std::find(rows.begin(), rows.end(), Guarded{"Pods", 6, 6, true, false}), rows.end());

  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  come_to_rest();
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Relist, OfWhatIsThereWritesNothing) {
  Guestbook::apply_all(world_);
  world_.start();
  come_to_rest();
  world_.restore(world_.cluster());
  come_to_rest();
  EXPECT_EQ(world_.log().size() + world_.patches(), 0U);
  EXPECT_TRUE(world_.engine().guarded().empty());
}

TEST_F(Relist, OfFewMissingPodsIsOrdinary) {
  Guestbook::apply_all(world_);
  world_.start();
  come_to_rest();
  auto backup = world_.cluster();
  backup.pods.erase("gb/guestbook-0");
  world_.restore(backup);
  come_to_rest();
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// Their resourceVersions are older than those that our patches were answered with.
TEST_F(Relist, OfPodsWithoutTheirAnnotationsWritesThemAgain) {
  Guestbook::apply_all(world_);
  const auto backup = world_.cluster();
  world_.start();
  come_to_rest();
  world_.restore(backup);
  come_to_rest();
  EXPECT_EQ(world_.patches(), 6U);
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// The same where no watch had shown the annotations, so that the list tells no news.
TEST_F(Relist, OfPodsWhoseAnnotationsWereNeverShownWritesThemAgain) {
  Guestbook::apply_all(world_);
  world_.start();
  world_.set_patch_fault([version = std::uint64_t{1000}]() mutable -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, ++version, {}};
  });
  come_to_rest();
  ASSERT_EQ(world_.patches(), 6U);
  world_.set_patch_fault({});
  world_.engine().relisted<k8s::Pod>(2000);
  come_to_rest();
  EXPECT_EQ(world_.patches(), 6U);
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// A list that is older than our write says nothing of it.
TEST_F(Relist, OfAnEarlierVersionUndoesNoWrite) {
  Guestbook::apply_all(world_);
  world_.start();
  world_.set_patch_fault([version = std::uint64_t{1000}]() mutable -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, ++version, {}};
  });
  come_to_rest();
  world_.engine().relisted<k8s::Pod>(1000);
  come_to_rest();
  EXPECT_EQ(world_.patches(), 0U);
}

}  // namespace
}  // namespace knm::test
