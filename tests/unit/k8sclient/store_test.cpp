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

Unreadable unreadable(const std::string& name, const std::string& uid = "", const std::string& why = "bad bytes") {
  Unreadable out;
  out.ns = "team";
  out.name = name;
  out.uid = uid.empty() ? "uid-of-" + name : uid;
  out.why = why;
  out.named = true;
  return out;
}

Store<Pod>::Listed with(Store<Pod>::Listed listed, Unreadable object) {
  listed.unreadable.add(std::move(object));
  return listed;
}

struct Recorder final : Handler<Pod> {
  void on_upsert(const Pod& object) override {
    calls.push_back("upsert " + object.meta.name);
    upserted.push_back(object);
  }
  void on_delete(const Pod& last_known) override {
    calls.push_back("delete " + last_known.meta.name);
    deleted.push_back(last_known);
  }
  void on_synced() override {}
  void on_unreadable(const Unreadable& object) override { calls.push_back("unreadable " + object.name); }
  void on_readable(const Unreadable& was) override { calls.push_back("readable " + was.name); }
  std::vector<std::string> take() { return std::exchange(calls, {}); }

  std::vector<std::string> calls;
  std::vector<Pod> upserted, deleted;
};

// A store must report the same whether it keeps objects or digests.
class StoreTest : public testing::TestWithParam<Keep> {
 protected:
  Store<Pod>::Listed list_of(const std::vector<Pod>& pods) {
    Store<Pod>::Listed out;
    for (const auto& object : pods) EXPECT_TRUE(store_.add(object, out));
    return out;
  }

  Store<Pod> store_{GetParam()};
  Recorder recorder_;
};

TEST_P(StoreTest, ANewObjectIsReportedInFull) {
  store_.upsert(pod("a"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
  EXPECT_THAT(recorder_.upserted, ElementsAre(pod("a")));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_P(StoreTest, AnotherVersionAloneIsNotReported) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  EXPECT_EQ(store_.find("team", "a")->meta.resource_version, 2U);
}

TEST_P(StoreTest, AChangeIsReportedInFull) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a", "node-2"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
  EXPECT_EQ(recorder_.upserted.back(), versioned(pod("a", "node-2"), 2));
}

TEST_P(StoreTest, ASuccessorOfTheSameNameIsAnotherObject) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.upsert(pod("a", "node-1", "another"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("delete a", "upsert a"));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_P(StoreTest, ADeletionIsReportedOnce) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.remove("team", "a", recorder_);
  store_.remove("team", "a", recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("delete a"));
  EXPECT_FALSE(store_.find("team", "a"));
}

TEST_P(StoreTest, AListReportsTheDifferences) {
  store_.replace(list_of({pod("gone"), pod("same"), pod("newer"), pod("changed"), pod("reborn")}), recorder_);
  EXPECT_THAT(recorder_.take(),
              UnorderedElementsAre("upsert gone", "upsert same", "upsert newer", "upsert changed", "upsert reborn"));
  recorder_.upserted.clear();
  const auto changed = versioned(pod("changed", "node-2"), 2), reborn = pod("reborn", "node-1", "another");
  store_.replace(list_of({pod("same"), versioned(pod("newer"), 2), changed, reborn, pod("new")}), recorder_);
  const auto calls = recorder_.take();
  EXPECT_THAT(std::vector(calls.begin(), calls.begin() + 2), UnorderedElementsAre("delete gone", "delete reborn"));
  EXPECT_THAT(recorder_.upserted, UnorderedElementsAre(changed, reborn, pod("new")));
  EXPECT_EQ(calls.size(), 5U);
  EXPECT_EQ(store_.size(), 5U);
}

TEST_P(StoreTest, AListWithADuplicateIsRefused) {
  store_.replace(list_of({pod("same"), pod("changed")}), recorder_);
  auto listed = list_of({pod("same"), pod("changed", "node-2"), pod("new")});
  for (const auto& again : {pod("same"), pod("same", "node-2"), pod("changed"), pod("new")})
    EXPECT_FALSE(store_.add(again, listed)) << again.meta.name << " " << again.node;
}

TEST_P(StoreTest, ADiscardedListChangesNothing) {
  store_.replace(list_of({pod("a"), pod("b")}), recorder_);
  recorder_.take();
  list_of({pod("a"), pod("b", "node-2"), pod("c")});
  store_.replace(list_of({pod("a"), pod("b")}), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  EXPECT_EQ(store_.size(), 2U);
}

TEST_P(StoreTest, AChangeAfterAListIsComparedWithTheList) {
  store_.replace(list_of({pod("a")}), recorder_);
  recorder_.take();
  store_.upsert(versioned(pod("a"), 2), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  store_.upsert(versioned(pod("a", "node-2"), 3), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("upsert a"));
}

// --- Unreadable objects

TEST_P(StoreTest, AnObjectThatCannotBeReadStaysAsItWas) {
  store_.upsert(pod("a"), recorder_);
  recorder_.take();
  store_.keep(unreadable("a"), recorder_);
  store_.keep(unreadable("a"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("unreadable a"));
  EXPECT_EQ(store_.size(), 1U);
  store_.keep(unreadable("a", "", "something else"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("unreadable a"));
  store_.upsert(pod("a"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("readable a"));
  EXPECT_EQ(store_.unreadable().size(), 0U);
}

TEST_P(StoreTest, ADeletionOfAnUnreadableObjectIsReported) {
  store_.upsert(pod("a"), recorder_);
  store_.keep(unreadable("a"), recorder_);
  store_.keep(unreadable("never-known"), recorder_);
  recorder_.take();
  store_.remove("team", "a", recorder_);
  store_.remove("team", "never-known", recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("readable a", "delete a", "readable never-known"));
}

TEST_P(StoreTest, AListWithAnUnreadableObjectDoesNotDeleteIt) {
  store_.replace(list_of({pod("a"), pod("b"), pod("gone")}), recorder_);
  recorder_.take();
  store_.replace(with(list_of({pod("b")}), unreadable("a")), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("unreadable a", "delete gone"));
  store_.replace(with(list_of({pod("b")}), unreadable("a")), recorder_);
  EXPECT_THAT(recorder_.take(), IsEmpty());
  store_.replace(list_of({pod("a", "node-2"), pod("b")}), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("readable a", "upsert a"));
  store_.replace(with(list_of({pod("b")}), unreadable("a")), recorder_);
  recorder_.take();
  store_.replace(list_of({pod("b")}), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("readable a", "delete a"));
}

TEST_P(StoreTest, AnUnreadableSuccessorDeletesItsPredecessor) {
  store_.replace(list_of({pod("a"), pod("b")}), recorder_);
  recorder_.take();
  store_.keep(unreadable("a", "another"), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("delete a", "unreadable a"));
  store_.replace(with(with(list_of({}), unreadable("a", "another")), unreadable("b", "another")), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("unreadable b", "delete b"));
}

TEST_P(StoreTest, AnUnreadableObjectWithoutUidDoesNotDeleteItsPredecessor) {
  store_.replace(list_of({pod("a"), pod("b")}), recorder_);
  recorder_.take();
  auto a = unreadable("a"), b = unreadable("b");
  a.uid = b.uid = "";
  store_.keep(std::move(a), recorder_);
  store_.replace(with(list_of({pod("a")}), b), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("unreadable a", "readable a", "unreadable b"));
  EXPECT_EQ(store_.size(), 2U);
}

// Each object that is missing from the list may be the unreadable object without a name.
TEST_P(StoreTest, AListWithANamelessObjectDeletesNothing) {
  store_.replace(list_of({pod("a"), pod("b"), pod("reborn")}), recorder_);
  recorder_.take();
  Unreadable nameless;
  nameless.why = "no name";
  store_.replace(with(with(list_of({pod("b"), pod("new"), pod("reborn", "node-1", "another")}), nameless), nameless),
                 recorder_);
  EXPECT_THAT(recorder_.take(), UnorderedElementsAre("unreadable ", "upsert new", "delete reborn", "upsert reborn"));
  EXPECT_EQ(store_.size(), 4U);
  EXPECT_EQ(store_.unreadable().nameless, 2U);
  store_.replace(list_of({pod("b"), pod("new"), pod("reborn", "node-1", "another")}), recorder_);
  EXPECT_THAT(recorder_.take(), ElementsAre("readable ", "delete a"));
}

INSTANTIATE_TEST_SUITE_P(Each, StoreTest, testing::Values(Keep::objects, Keep::digests),
                         [](const auto& info) { return info.param == Keep::objects ? "objects" : "digests"; });

TEST(Store, AListStoresOnlyChangedObjects) {
  Recorder recorder;
  Store<Pod> store(Keep::digests);
  for (const auto* name : {"a", "b", "c"}) store.upsert(pod(name), recorder);
  Store<Pod>::Listed listed;
  for (const auto& object : {pod("a"), pod("b", "node-2"), pod("c")}) store.add(object, listed);
  EXPECT_EQ(listed.same.size(), 2U);
  EXPECT_EQ(listed.objects.size(), 1U);
}

TEST(Store, KeepsObjectsOrOnlyTheirIdentity) {
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
  objects.remove("team", "a", recorder);
  digests.remove("team", "a", recorder);
  EXPECT_THAT(recorder.deleted, ElementsAre(pod("a"), known));
}

}  // namespace
}  // namespace k8s
