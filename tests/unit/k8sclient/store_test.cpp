#include "k8sclient/cache/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace k8s {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Pod pod(const std::string& name, const std::string& node = "node-1", const std::string& uid = "") {
  Pod out;
  out.meta.ns = "team";
  out.meta.name = name;
  out.meta.uid = uid.empty() ? "uid-of-" + name : uid;
  out.meta.resource_version = 1;
  out.meta.labels = {{"app", "web"}};
  out.node = node;
  return out;
}

Pod versioned(Pod object, std::uint64_t version) {
  object.meta.resource_version = version;
  return object;
}

Store<Pod>::Objects list_of(const std::vector<Pod>& pods) {
  Store<Pod>::Objects out;
  for (const auto& object : pods) out.insert(Packed<Pod>(object));
  return out;
}

struct Recorder final : Handler<Pod> {
  void on_upsert(const Pod& object) override {
    told.push_back("upsert " + object.meta.name);
    upserted.push_back(object);
  }
  void on_delete(const Pod& last_known) override {
    told.push_back("delete " + last_known.meta.name);
    deleted.push_back(last_known);
  }
  void on_synced() override {}
  std::vector<std::string> take() { return std::exchange(told, {}); }

  std::vector<std::string> told;
  std::vector<Pod> upserted, deleted;
};

// Whatever a store keeps of its objects, it tells the same.
class StoreKeeping : public testing::TestWithParam<Keep> {
 protected:
  Store<Pod> store_{GetParam()};
  Recorder recorder_;
};

TEST_P(StoreKeeping, TellsOfWhatIsNewInFull) {
  store_.upsert(pod("a"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
  EXPECT_THAT(recorder_.upserted, ElementsAre(pod("a")));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_P(StoreKeeping, TellsNothingOfAVersionAlone) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  EXPECT_EQ(store_.find("team", "a")->meta.resource_version, 2U);
}

TEST_P(StoreKeeping, TellsOfAChangeInFull) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a", "node-2"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
  EXPECT_EQ(recorder_.upserted.back(), versioned(pod("a", "node-2"), 2));
}

TEST_P(StoreKeeping, ASuccessorOfTheSameNameIsAnotherObject) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(pod("a", "node-1", "another"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("delete a", "upsert a"));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_P(StoreKeeping, TellsWhoIsGoneOnce) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.remove(pod("a").meta, recorder_);
  store_.remove(pod("a").meta, recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("delete a"));
  EXPECT_FALSE(store_.find("team", "a"));
}

TEST_P(StoreKeeping, AListTellsTheDifferences) {
  store_.replace(list_of({pod("gone"), pod("same"), pod("newer"), pod("changed"), pod("reborn")}), recorder_);
  EXPECT_THAT(recorder_.take(),
              UnorderedElementsAre("upsert gone", "upsert same", "upsert newer", "upsert changed", "upsert reborn"));
  recorder_.upserted.clear();
  const auto changed = versioned(pod("changed", "node-2"), 2), reborn = pod("reborn", "node-1", "another");
  store_.replace(list_of({pod("same"), versioned(pod("newer"), 2), changed, reborn, pod("new")}), recorder_);
  const auto told = recorder_.take();
  EXPECT_THAT(std::vector(told.begin(), told.begin() + 2), UnorderedElementsAre("delete gone", "delete reborn"));
  EXPECT_THAT(recorder_.upserted, UnorderedElementsAre(changed, reborn, pod("new")));
  EXPECT_EQ(told.size(), 5U);
  EXPECT_EQ(store_.size(), 5U);
}

TEST_P(StoreKeeping, AChangeAfterAListIsComparedWithTheList) {
  store_.replace(list_of({pod("a")}), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  store_.upsert(versioned(pod("a", "node-2"), 3), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
}

INSTANTIATE_TEST_SUITE_P(Each, StoreKeeping, testing::Values(Keep::objects, Keep::digests),
                         [](const auto& info) { return info.param == Keep::objects ? "objects" : "digests"; });

TEST(Store, KeepsObjectsOrOnlyWhoTheyAre) {
  Recorder recorder;
  Store<Pod> objects, digests(Keep::digests);
  objects.upsert(pod("a"), recorder);
  digests.upsert(pod("a"), recorder);
  EXPECT_EQ(objects.find("team", "a"), pod("a"));
  Pod known;
  known.meta.ns = "team";
  known.meta.name = "a";
  known.meta.resource_version = 1;
  EXPECT_EQ(digests.find("team", "a"), known);
  objects.remove(pod("a").meta, recorder);
  digests.remove(pod("a").meta, recorder);
  EXPECT_THAT(recorder.deleted, ElementsAre(pod("a"), known));
}

}  // namespace
}  // namespace k8s
