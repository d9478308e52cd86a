#include "controller/intent/pod_units.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"
#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

struct PodUnitsTest : testing::Test {
  Settings settings;
  Changes changes;
  NamespaceUnits namespaces{settings, changes};
  UnitListener listener;
  PodUnits pods{settings, namespaces, changes, listener};
};

TEST_F(PodUnitsTest, ANewPodJoinsItsTier) {
  const auto pod = make_pod("ns", "a", "web");
  pods.put(pod);
  EXPECT_EQ(listener.calls(), (Lines{"before " + pod.meta.uid, "join a web"}));
  EXPECT_EQ(changed(changes, UnitKind::pod), Lines{"ns/a"});
  EXPECT_TRUE(pods.find("ns/a")->has_network);
  EXPECT_EQ(pods.by_uid(pod.meta.uid), pods.find("ns/a"));
  pods.put(pod);
  EXPECT_EQ(listener.calls(), Lines{});
  EXPECT_TRUE(changes.empty());
}

TEST_F(PodUnitsTest, AfterARestoreOfEtcdItsVersionIsUnknown) {
  auto pod = make_pod("ns", "a", "web");
  pod.meta.resource_version = 100;
  pods.put(pod);
  ASSERT_EQ(pods.find("ns/a")->resource_version, 100U);
  changed(changes, UnitKind::pod);
  pods.forget_versions();
  EXPECT_EQ(pods.find("ns/a")->resource_version, 0U);
  EXPECT_TRUE(changes.empty()) << "no fact of it changes";
}

TEST_F(PodUnitsTest, APodInTheHostNetworkJoinsNoTier) {
  const auto pod = make_pod("ns", "a", "web", {.host_network = true});
  pods.put(pod);
  EXPECT_EQ(listener.calls(), Lines{"before " + pod.meta.uid});
  EXPECT_FALSE(pods.find("ns/a")->has_network);
  EXPECT_TRUE(pods.find("ns/a")->on_node);
}

TEST_F(PodUnitsTest, AfterAChangeOfUsesThePodJoinsBeforeItLeaves) {
  pods.put(make_pod("ns", "a", "web"));
  listener.calls();
  pods.put(make_pod("ns", "a", "web", {.uses = "db"}));
  EXPECT_EQ(listener.calls(), (Lines{"join a web", "leave a web"})) << "no Service is affected";
  EXPECT_EQ(pods.find("ns/a")->uses.get(), Lines{"db"});
}

TEST_F(PodUnitsTest, ListenersAreNotifiedBeforeTheFactsChange) {
  struct Watcher final : PodListener {
    const PodUnits* pods = nullptr;
    Lines tiers;
    void before_backend_changes(std::string_view uid) override {
      const auto* pod = pods->by_uid(uid);
      tiers.push_back(pod ? pod->tier.text() : "none");
    }
    void pod_joins_tier(const PodFacts&) override {}
    void pod_leaves_tier(const PodFacts&) override {}
    void share_texts(PodFacts&) override {}
  } watcher;
  PodUnits watched(settings, namespaces, changes, watcher);
  watcher.pods = &watched;
  watched.put(make_pod("ns", "a", "web"));
  watched.put(make_pod("ns", "a", "db"));
  watched.drop("ns/a");
  EXPECT_EQ(watcher.tiers, (Lines{"none", "web", "web", "db"}));
}

TEST_F(PodUnitsTest, ARecreatedPodIsFoundByItsOwnUid) {
  const auto old = make_pod("ns", "a", "web"), now = make_pod("ns", "a", "web", {.incarnation = 2});
  pods.put(old);
  pods.put(now);
  EXPECT_FALSE(pods.by_uid(old.meta.uid));
  EXPECT_EQ(pods.by_uid(now.meta.uid), pods.find("ns/a"));
  pods.drop("ns/a");
  EXPECT_FALSE(pods.by_uid(now.meta.uid));
  EXPECT_TRUE(pods.keys(std::nullopt).empty());
}

TEST_F(PodUnitsTest, ThePodStateIsCountedAndChangesNoObject) {
  auto pod = make_pod("ns", "a", "web");
  pods.put(pod);
  pods.put(make_pod("ns", "b", "web", {.host_network = true}));
  EXPECT_EQ(pods.without_state(), 1) << "a Pod in the host network needs no pod state";
  changes.take();
  pod.meta.annotations.emplace_back("opencontrail.org/pod-state", "{}");
  pods.put(pod);
  EXPECT_EQ(pods.without_state(), 0);
  EXPECT_EQ(changed(changes, UnitKind::pod), Lines{"ns/a"});
  EXPECT_TRUE(changes.has_same_objects("ns/a"));
  pod.meta.annotations.clear();
  pods.put(pod);
  EXPECT_EQ(pods.without_state(), 1);
  pods.drop("ns/a");
  EXPECT_EQ(pods.without_state(), 0);
}

TEST_F(PodUnitsTest, PodsOfARefusedNamespaceHaveNoNetwork) {
  pods.put(make_pod("ns", "a", "web"));
  pods.put(make_pod("ns", "b", "web", {.host_network = true}));
  pods.put(make_pod("other", "c", "web"));
  listener.calls();
  changes.take();
  namespaces.refuse("ns", true);
  pods.update_namespace("ns");
  EXPECT_EQ(listener.calls(), (Lines{"before " + uid("pod", "ns/a"), "before " + uid("pod", "ns/a"), "leave a web"}));
  EXPECT_EQ(changed(changes, UnitKind::pod), Lines{"ns/a"});
  EXPECT_FALSE(pods.find("ns/a")->has_network);
  EXPECT_TRUE(pods.find("ns/a")->wants_network);
  EXPECT_TRUE(pods.find("other/c")->has_network);
  EXPECT_EQ(texts(pods.keys("other")), Lines{"other/c"});
}

}  // namespace
}  // namespace knm::test
