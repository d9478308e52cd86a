#include "controller/intent/service_units.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"
#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

// Forwards to Services only the calls that concern them.
struct PodsToServices final : PodListener {
  ServiceUnits* services = nullptr;
  void before_backend_changes(std::string_view uid) override { services->touch_pod(uid); }
  void pod_joins_tier(const PodFacts&) override {}
  void pod_leaves_tier(const PodFacts&) override {}
  void share_texts(PodFacts&) override {}
};

struct ServiceUnitsTest : testing::Test {
  ServiceUnitsTest() { to_services.services = &units; }
  k8s::Pod pod(const std::string& name, const std::string& tier = "web") {
    auto out = make_pod("ns", name, tier);
    pods.put(out);
    return out;
  }
  void settle() {
    changes.begin();
    units.settle();
  }
  const ServiceFacts& facts() {
    settle();
    return *units.find("ns/s");
  }

  Settings settings;
  Changes changes;
  NamespaceUnits namespaces{settings, changes};
  PodsToServices to_services;
  PodUnits pods{settings, namespaces, changes, to_services};
  UnitListener listener;
  ServiceUnits units{settings, namespaces, pods, changes, listener};
  const k8s::Service web = make_service("ns", "s", "web", "10.254.0.1");
};

TEST_F(ServiceUnitsTest, AfterARestoreOfEtcdItsVersionIsUnknown) {
  auto service = web;
  service.meta.resource_version = 100;
  units.put(service);
  ASSERT_EQ(facts().resource_version, 100U);
  units.forget_versions();
  EXPECT_EQ(facts().resource_version, 0U);
  units.touch_namespace("ns");  // its facts are computed again
  EXPECT_EQ(facts().resource_version, 0U);
}

TEST_F(ServiceUnitsTest, AServiceJoinsAndLeavesItsTier) {
  units.put(web);
  EXPECT_FALSE(units.find("ns/s")) << "before settle()";
  EXPECT_EQ(facts().cluster_addresses.size(), 1);
  EXPECT_EQ(listener.calls(), Lines{"join ns/s ns/web"});
  units.put(web);
  EXPECT_TRUE(units.is_settled());
  units.put(make_service("ns", "s", "db", "10.254.0.1"));
  settle();
  EXPECT_EQ(listener.calls(), (Lines{"leave ns/s ns/web", "join ns/s ns/db"}));
  units.drop("ns/s");
  settle();
  EXPECT_EQ(listener.calls(), Lines{"leave ns/s ns/db"});
  EXPECT_FALSE(units.find("ns/s"));
  EXPECT_TRUE(units.keys(std::nullopt).empty());
}

TEST_F(ServiceUnitsTest, AServiceOfTypeExternalNameIsIgnored) {
  units.put(make_service("ns", "s", "web", "", {.type = k8s::ServiceType::external_name}));
  settle();
  EXPECT_FALSE(units.find("ns/s"));
  EXPECT_EQ(listener.calls(), Lines{});
  EXPECT_TRUE(changes.empty());
}

TEST_F(ServiceUnitsTest, AChangeOfBackendsIsReportedSeparately) {
  const auto a = pod("a"), b = pod("b");
  units.put(web);
  units.put(make_slice("ns", "s", {a, b}, {"b"}));
  EXPECT_EQ(texts(facts().reach[0].pods), Lines{"ns/a"});
  EXPECT_FALSE(changes.moved_backends("ns/s")) << "the whole Service is new";
  changes.take();
  units.put(make_slice("ns", "s", {a, b}));
  EXPECT_EQ(texts(facts().reach[0].pods), (Lines{"ns/a", "ns/b"}));
  ASSERT_TRUE(changes.moved_backends("ns/s"));
  EXPECT_EQ(*changes.moved_backends("ns/s"), std::vector<ObjectKey>{"ns/b"});
  EXPECT_EQ(changed(changes, UnitKind::service), Lines{"ns/s"});
}

TEST_F(ServiceUnitsTest, ATerminatingPodIsNoLongerReached) {
  auto a = pod("a");
  units.put(web);
  units.put(make_slice("ns", "s", {a}));
  facts();
  a.meta.terminating = true;
  pods.put(a);
  EXPECT_TRUE(facts().reach[0].pods.empty());
  pods.drop("ns/a");
  EXPECT_TRUE(facts().reach[0].pods.empty());
  EXPECT_EQ(units.endpoints().count_in("ns/s-slice"), 1);
}

TEST_F(ServiceUnitsTest, AHeadlessServiceReportsTheTiersOfItsBackends) {
  const auto a = pod("a"), b = pod("b"), c = pod("c", "db");
  units.put(make_service("ns", "s", "peers", "", {.headless = true}));
  units.put(make_slice("ns", "s", {a, b, c}));
  settle();
  EXPECT_EQ(listener.calls(), (Lines{"join headless ns/s ns/peers", "+ ns/peers ns/db", "+ ns/peers ns/web"}));
  units.put(make_slice("ns", "s", {a, b, c}, {"a", "c"}));
  settle();
  EXPECT_EQ(listener.calls(), Lines{"- ns/peers ns/db"}) << "another Pod of the tier web is ready";
  pods.put(make_pod("ns", "b", "db"));
  settle();
  EXPECT_EQ(listener.calls(), (Lines{"+ ns/peers ns/db", "- ns/peers ns/web"}));
}

TEST_F(ServiceUnitsTest, AReleasedAddressGoesToTheNextService) {
  units.put(make_service("ns", "old", "", "10.254.0.1", {.created = 10}));
  units.put(make_service("ns", "s", "", "10.254.0.1", {.created = 20}));
  EXPECT_TRUE(facts().cluster_addresses.empty());
  EXPECT_EQ(units.addresses().claimant(*contrail::IpAddress::parse("10.254.0.1")), "ns/old");
  units.drop("ns/old");
  EXPECT_EQ(facts().cluster_addresses.size(), 1);
  EXPECT_TRUE(facts().problems.empty());
}

TEST_F(ServiceUnitsTest, ServicesOfARefusedNamespaceAreIgnored) {
  const auto a = pod("a");
  units.put(web);
  units.put(make_slice("ns", "s", {a}));
  facts();
  listener.calls();
  namespaces.refuse("ns", true);
  units.touch_namespace("ns");
  settle();
  EXPECT_FALSE(units.find("ns/s"));
  EXPECT_EQ(listener.calls(), Lines{"leave ns/s ns/web"});
  namespaces.refuse("ns", false);
  units.touch_namespace("ns");
  EXPECT_EQ(texts(facts().reach[0].pods), Lines{"ns/a"}) << "the backends are counted again";
}

TEST_F(ServiceUnitsTest, AServiceWithoutSelectorCountsFromItsFirstPodOn) {
  const auto a = pod("a");
  units.put(make_service("ns", "s", "web", "10.254.0.1", {.selector = false}));
  EXPECT_FALSE(facts().counts);
  EXPECT_EQ(listener.calls(), Lines{});
  units.put(make_slice("ns", "s", {a}));
  EXPECT_TRUE(facts().counts);
  EXPECT_EQ(listener.calls(), (Lines{"leave ns/s ns/web", "join ns/s ns/web"}));
}

TEST_F(ServiceUnitsTest, SlicesOfAMissingServiceAreStoredForIt) {
  const auto a = pod("a");
  units.put(make_slice("ns", "s", {a}));
  settle();
  EXPECT_TRUE(changed(changes, UnitKind::service).empty());
  units.put(web);
  EXPECT_EQ(texts(facts().reach[0].pods), Lines{"ns/a"});
}

}  // namespace
}  // namespace knm::test
