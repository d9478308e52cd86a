// The reaction of a store to a list in which many objects are missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "k8sclient/cache/store.hpp"

namespace k8s {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Recorder final : Handler<Pod> {
  void on_upsert(const Pod& object) override { upserted.insert(object.meta.name); }
  void on_delete(const Pod& last_known) override { deleted.insert(last_known.meta.name); }
  void on_synced() override {}
  void on_withheld(const Withheld& now) override { withheld.push_back(now); }
  Worth worth_of(const Pod& known) const override {
    if (known.meta.name.starts_with("done")) return {0, 0};
    return {1, carried};
  }
  std::size_t still_carried(const Pod& shown) const override { return shown.node.empty() ? 0 : DeletionGuard::any; }
  std::set<std::string> upserted, deleted;
  std::vector<Withheld> withheld;
  std::size_t carried = 0;
};

// Pods by number: pod-0, pod-1, ...
class DeletionGuardTest : public testing::TestWithParam<Keep> {
 protected:
  static Pod pod(int number, const std::string& uid = "uid", const std::string& node = "node") {
    Pod out;
    out.meta.ns = "team";
    out.meta.name = "pod-" + std::to_string(number);
    out.meta.uid = uid;
    out.meta.resource_version = 1;
    out.node = node;
    return out;
  }
  bool list(int from, int to, const std::vector<Pod>& more = {}) {
    Store<Pod>::Listed out;
    for (int i = from; i < to; ++i) store_.add(pod(i), out);
    for (const auto& object : more) store_.add(object, out);
    recorder_.upserted.clear(), recorder_.deleted.clear();
    return store_.replace(std::move(out), recorder_);
  }

  Store<Pod> store_{GetParam(), DeletionGuard{10, 100, 1.0 / 3}};
  Recorder recorder_;
};

TEST_P(DeletionGuardTest, AnEmptyListIsDoubtedAndTheNextOneAccepted) {
  EXPECT_FALSE(list(0, 40));
  EXPECT_TRUE(list(0, 0));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_EQ(store_.size(), 40U);
  EXPECT_EQ(store_.withheld(), (Withheld{40, 40, false}));
  EXPECT_FALSE(list(0, 40));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_THAT(recorder_.upserted, IsEmpty());
  EXPECT_EQ(store_.withheld(), Withheld{});
  EXPECT_EQ(recorder_.withheld.size(), 2U);
}

TEST_P(DeletionGuardTest, ObjectsMissingFromTwoListsAreDeleted) {
  list(0, 60);
  EXPECT_TRUE(list(0, 10));
  EXPECT_FALSE(list(0, 10));
  EXPECT_EQ(recorder_.deleted.size(), 50U);
  EXPECT_EQ(store_.size(), 10U);
  EXPECT_EQ(store_.withheld(), Withheld{});
}

TEST_P(DeletionGuardTest, NewAndChangedObjectsAreNotWithheld) {
  list(0, 40);
  EXPECT_TRUE(list(0, 5, {pod(5, "uid", "elsewhere"), pod(100)}));
  EXPECT_THAT(recorder_.upserted, UnorderedElementsAre("pod-5", "pod-100"));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
}

TEST_P(DeletionGuardTest, FewDeletionsAreAppliedAtOnce) {
  list(0, 11);
  EXPECT_FALSE(list(0, 1));
  EXPECT_EQ(recorder_.deleted.size(), 10U);
}

TEST_P(DeletionGuardTest, DeletionsOfASmallPartAreAppliedAtOnce) {
  list(0, 90);
  EXPECT_FALSE(list(0, 60));
  EXPECT_EQ(recorder_.deleted.size(), 30U);
}

TEST_P(DeletionGuardTest, MoreThanTheLimitIsWithheldAfterTwoLists) {
  list(0, 250);
  EXPECT_TRUE(list(0, 50));
  EXPECT_FALSE(list(0, 50, {pod(300)}));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_THAT(recorder_.upserted, UnorderedElementsAre("pod-300"));
  EXPECT_EQ(store_.withheld(), (Withheld{200, 250, true}));
  EXPECT_FALSE(list(0, 50, {pod(300)}));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_EQ(store_.withheld().objects, 200U);
}

TEST_P(DeletionGuardTest, WatchEventsAreNeverWithheld) {
  list(0, 250);
  list(0, 50);
  list(0, 50);
  // Withheld objects: one is shown again, one is deleted, and one has a successor.
  store_.upsert(pod(60), recorder_);
  store_.remove("team", pod(61).meta.name, recorder_);
  store_.upsert(pod(62, "another"), recorder_);
  EXPECT_THAT(recorder_.deleted, UnorderedElementsAre("pod-61", "pod-62"));
  EXPECT_THAT(recorder_.upserted, UnorderedElementsAre("pod-62"));
  EXPECT_EQ(store_.withheld().objects, 197U);
  // All others are deleted one by one.
  for (int i = 0; i < 250; ++i) store_.remove("team", pod(i).meta.name, recorder_);
  EXPECT_EQ(recorder_.deleted.size(), 250U);
  EXPECT_EQ(store_.size(), 0U);
  EXPECT_EQ(store_.withheld(), Withheld{});
}

// A successor proves that the former object was deleted. The second list confirms it; no person is necessary.
TEST_P(DeletionGuardTest, SuccessorsAreConfirmedByASecondList) {
  list(0, 200);
  std::vector<Pod> successors;
  for (int i = 0; i < 200; ++i) successors.push_back(pod(i, "another"));
  EXPECT_TRUE(list(0, 0, successors));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_THAT(recorder_.upserted, IsEmpty());
  EXPECT_FALSE(list(0, 0, successors));
  EXPECT_EQ(recorder_.deleted.size(), 200U);
  EXPECT_EQ(recorder_.upserted.size(), 200U);
}

TEST_P(DeletionGuardTest, ObjectsWithoutWorthDoNotCount) {
  std::vector<Pod> done;
  for (int i = 0; i < 200; ++i) done.push_back(pod(i)), done.back().meta.name = "done-" + std::to_string(i);
  list(0, 9, done);
  EXPECT_FALSE(list(0, 0));
  EXPECT_EQ(recorder_.deleted.size(), 209U);
}

TEST_P(DeletionGuardTest, DependentsOfTheObjectsCount) {
  recorder_.carried = 20;
  list(0, 3);
  EXPECT_TRUE(list(0, 1)) << "forty of sixty";
  EXPECT_FALSE(list(0, 1));
  EXPECT_EQ(recorder_.deleted.size(), 2U);
  recorder_.carried = 200;
  list(0, 2);
  EXPECT_TRUE(list(0, 1)) << "a single object with many dependents needs a confirmation";
  EXPECT_FALSE(list(0, 1));
  EXPECT_EQ(recorder_.deleted.size(), 1U) << "one of several objects is deleted after the confirmation";
  EXPECT_TRUE(list(0, 0));
  EXPECT_FALSE(list(0, 0));
  EXPECT_EQ(store_.withheld(), (Withheld{1, 1, true}));
}

// The objects are listed, but without the endpoints that they carried.
TEST_P(DeletionGuardTest, AnEmptiedObjectCountsAsADeletion) {
  recorder_.carried = 20;
  list(0, 3);
  const std::vector<Pod> empty{pod(0, "uid", ""), pod(1, "uid", ""), pod(2, "uid", "")};
  EXPECT_TRUE(list(0, 0, empty));
  EXPECT_THAT(recorder_.upserted, IsEmpty());
  EXPECT_FALSE(list(0, 3));
  EXPECT_THAT(recorder_.upserted, IsEmpty());
  EXPECT_TRUE(list(0, 0, empty));
  EXPECT_FALSE(list(0, 0, empty));
  EXPECT_EQ(recorder_.upserted.size(), 3U);
}

// Each list misses other objects, so none of these deletions is confirmed.
TEST_P(DeletionGuardTest, AListThatMissesOtherObjectsIsDoubtedAgain) {
  list(0, 60);
  EXPECT_TRUE(list(0, 30));
  EXPECT_TRUE(list(30, 60));
  EXPECT_THAT(recorder_.deleted, IsEmpty());
  EXPECT_EQ(store_.withheld().objects, 30U);
  EXPECT_FALSE(list(0, 60));
  EXPECT_EQ(store_.size(), 60U);
}

INSTANTIATE_TEST_SUITE_P(Each, DeletionGuardTest, testing::Values(Keep::objects, Keep::digests),
                         [](const auto& info) { return info.param == Keep::objects ? "objects" : "digests"; });

TEST(DeletionGuard, IsOffByDefault) {
  Recorder recorder;
  Store<Pod> store;
  Store<Pod>::Listed all;
  for (int i = 0; i < 500; ++i) {
    Pod pod;
    pod.meta.name = std::to_string(i);
    store.add(pod, all);
  }
  store.replace(std::move(all), recorder);
  EXPECT_FALSE(store.replace({}, recorder));
  EXPECT_EQ(recorder.deleted.size(), 500U);
}

}  // namespace
}  // namespace k8s
