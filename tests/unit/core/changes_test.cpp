#include "controller/intent/changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/intent/intent.hpp"
#include "tests/support/builders.hpp"

namespace knm {
namespace {

const Unit tier{UnitKind::service_tier, "ns/web"};
using Keys = std::vector<ObjectKey>;

TEST(Changes, EachUnitIsTakenOnceAndLowerKindsComeFirst) {
  Changes changes;
  changes.add(UnitKind::service, "ns/s");
  changes.add(UnitKind::pod, "ns/b");
  changes.add(UnitKind::pod, "ns/a");
  changes.add(UnitKind::pod, "ns/b");
  EXPECT_FALSE(changes.empty());
  const std::vector<Unit> expected{{UnitKind::pod, "ns/a"}, {UnitKind::pod, "ns/b"}, {UnitKind::service, "ns/s"}};
  EXPECT_EQ(changes.take(), expected);
  EXPECT_TRUE(changes.empty());
}

TEST(Changes, MovedUsersAreKnownUntilTheNextSettle) {
  Changes changes;
  changes.begin();
  changes.add_user(tier, "ns/a");
  changes.add_user(tier, "ns/b");
  changes.add_user(tier, "ns/b");  // added and removed again
  changes.take();
  ASSERT_TRUE(changes.moved_users(tier));
  EXPECT_EQ(*changes.moved_users(tier), std::set<TierKey>{"ns/a"});
  changes.begin();
  EXPECT_FALSE(changes.moved_users(tier));
  EXPECT_EQ(changes.round(), 2);
}

TEST(Changes, AChangeOfTheWholeUnitReplacesChangesOfUsers) {
  Changes changes;
  changes.add_user(tier, "ns/a");
  changes.add(tier.kind, tier.key);
  EXPECT_FALSE(changes.moved_users(tier));
  changes.add_user(tier, "ns/b");
  EXPECT_FALSE(changes.moved_users(tier));
  EXPECT_EQ(changes.take(), std::vector<Unit>{tier});
}

TEST(Changes, ChangedBackendsAddUpUnlessTheWholeServiceChanged) {
  Changes changes;
  changes.add_backends("ns/s", {"ns/a"});
  changes.add_backends("ns/s", {"ns/b"});
  ASSERT_TRUE(changes.moved_backends("ns/s"));
  EXPECT_EQ(*changes.moved_backends("ns/s"), (Keys{"ns/a", "ns/b"}));
  changes.add_service("ns/s");
  EXPECT_FALSE(changes.moved_backends("ns/s"));
  changes.add_backends("ns/s", {"ns/c"});
  EXPECT_FALSE(changes.moved_backends("ns/s"));
  changes.begin();
  changes.add_backends("ns/s", {"ns/d"});
  EXPECT_EQ(*changes.moved_backends("ns/s"), Keys{"ns/d"});
}

TEST(Changes, APodHasTheSameObjectsOnlyIfNoOtherChangeIsReported) {
  Changes changes;
  changes.add_with_same_objects("ns/a");
  changes.add_with_same_objects("ns/b");
  changes.add(UnitKind::pod, "ns/b");
  changes.add(UnitKind::pod, "ns/c");
  changes.add_with_same_objects("ns/c");
  EXPECT_FALSE(changes.has_same_objects("ns/a")) << "the settle has not ended";
  changes.take();
  EXPECT_TRUE(changes.has_same_objects("ns/a"));
  EXPECT_FALSE(changes.has_same_objects("ns/b"));
  EXPECT_FALSE(changes.has_same_objects("ns/c"));
  changes.take();
  EXPECT_FALSE(changes.has_same_objects("ns/a"));
}

// As in a standby, where Pods come and go for months before all units are bound.
TEST(Changes, TheIntentForgetsThem) {
  Intent intent{Settings{}};
  intent.put(test::make_namespace("ns"));
  for (const auto* name : {"a", "b"}) intent.put(test::make_pod("ns", name, "web"));
  intent.drop_pod("ns/a");
  intent.forget_changes();
  intent.put(test::make_pod("ns", "c", "web"));
  const auto changed = intent.settle();
  const auto has = [&](const char* pod) {
    return std::find(changed.begin(), changed.end(), Unit{UnitKind::pod, pod}) != changed.end();
  };
  EXPECT_FALSE(has("ns/a") || has("ns/b"));
  EXPECT_TRUE(has("ns/c"));
  EXPECT_EQ(intent.keys(UnitKind::pod).size(), 2U) << "all units are still there";
  EXPECT_NE(intent.pod_tier("ns/web"), nullptr);
}

// The facts after the first settle() do not depend on what came and went before, and nothing of that is left.
TEST(Changes, TheIntentForgetsDroppedServicesAndBackends) {
  Intent standby{Settings{}}, fresh{Settings{}};
  const auto stays = test::make_pod("ns", "stays", "web");
  const auto web = test::make_service("ns", "web", "web", "10.254.0.1");
  const auto put_all = [&](Intent& intent) {
    intent.put(test::make_namespace("ns"));
    intent.put(stays);
    intent.put(web);
    intent.put(test::make_slice("ns", "web", {stays}));
  };
  put_all(standby);
  for (int turn = 0; turn < 3; ++turn) {
    const auto goes = test::make_pod("ns", "goes", "old");
    const auto old = test::make_service("ns", "old", "old", "10.254.0.2");
    standby.put(goes);
    standby.put(old);
    standby.put(test::make_slice("ns", "old", {goes}));
    standby.put(test::make_slice("ns", "web", {stays, goes}));
    standby.forget_changes();
    EXPECT_EQ(standby.services_of(goes.meta.uid).size(), 2U);
    standby.put(test::make_slice("ns", "web", {stays}));
    standby.drop_slice("ns/" + test::make_slice("ns", "old", {}).meta.name);
    standby.drop_service("ns/old");
    standby.drop_pod("ns/goes");
    standby.forget_changes();
    EXPECT_TRUE(standby.services_of(goes.meta.uid).empty());
    EXPECT_TRUE(standby.is_settled());
  }
  put_all(fresh);
  standby.settle();
  fresh.settle();
  ASSERT_TRUE(standby.service("ns/web"));
  EXPECT_TRUE(*standby.service("ns/web") == *fresh.service("ns/web"));
  EXPECT_FALSE(standby.service("ns/old"));
  EXPECT_FALSE(standby.pod_tier("ns/old"));
  EXPECT_TRUE(*standby.pod_tier("ns/web") == *fresh.pod_tier("ns/web"));
}

}  // namespace
}  // namespace knm
