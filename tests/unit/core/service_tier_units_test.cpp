#include "controller/intent/service_tier_units.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"
#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

const std::string oracle = "default-domain:legacy:oracle";

struct ServiceTierUnitsTest : testing::Test {
  static Settings configured() {
    Settings out;
    out.external_service = {{"oracle", {oracle, {}}}};
    return out;
  }
  void settle() {
    changes.begin();
    external.settle();
    units.settle();
  }
  Settings settings = configured();
  Changes changes;
  NamespaceUnits namespaces{settings, changes};
  UnitListener listener;
  ExternalUnits external{settings, changes, listener};
  ServiceTierUnits units{settings, namespaces, external, changes, listener};
};

TEST_F(ServiceTierUnitsTest, ATierExistsWhileItHasAService) {
  units.add("ns/db", "ns/a", false);
  settle();
  ASSERT_TRUE(units.find("ns/db"));
  EXPECT_TRUE(units.find("ns/db")->addressed);
  EXPECT_FALSE(units.find("ns/db")->open());
  EXPECT_EQ(listener.calls(), Lines{"+ ns/db"});
  units.add("ns/db", "ns/b", true);
  units.remove("ns/db", "ns/a");
  settle();
  EXPECT_FALSE(units.find("ns/db")->addressed) << "only the headless Service is left";
  EXPECT_EQ(listener.calls(), Lines{"- ns/db"});
  units.remove("ns/db", "ns/b");
  settle();
  EXPECT_FALSE(units.find("ns/db"));
}

TEST_F(ServiceTierUnitsTest, ARequestBeforeTheFirstServiceIsKept) {
  units.request("ns/db", "ns/web", true);
  settle();
  EXPECT_FALSE(units.find("ns/db"));
  EXPECT_TRUE(changes.empty());
  units.add("ns/db", "ns/a", false);
  settle();
  EXPECT_EQ(texts(units.find("ns/db")->users), Lines{"ns/web"});
  EXPECT_EQ(changed(changes, UnitKind::pod_tier), Lines{"ns/web"}) << "the tier was opened for this user";
}

TEST_F(ServiceTierUnitsTest, WithManyRequestersOneMoreIsAChangeOfAUserOnly) {
  units.add("ns/db", "ns/a", false);
  for (const auto* tier : {"ns/1", "ns/2", "ns/3"}) units.request("ns/db", tier, true);
  settle();
  const Unit unit{UnitKind::service_tier, "ns/db"};
  EXPECT_FALSE(changes.moved_users(unit));
  changes.take();
  units.request("ns/db", "ns/4", true);
  settle();
  ASSERT_TRUE(changes.moved_users(unit));
  EXPECT_EQ(*changes.moved_users(unit), std::set<TierKey>{"ns/4"});
  EXPECT_EQ(units.find("ns/db")->users.size(), 4);
  EXPECT_EQ(changed(changes, UnitKind::pod_tier), Lines{}) << "the tier was open before";
  for (const auto* tier : {"ns/1", "ns/2"}) units.request("ns/db", tier, false);
  settle();
  EXPECT_FALSE(changes.moved_users(unit)) << "few users are processed as a whole";
}

TEST_F(ServiceTierUnitsTest, HeadlessServicesOpenOnlyForOtherTiers) {
  units.add("ns/db", "ns/a", true);
  units.count_headless("ns/db", "ns/web", true);
  units.count_headless("ns/db", "ns/web", true);
  units.request("ns/db", "ns/web", true);
  settle();
  EXPECT_FALSE(units.find("ns/db")->open()) << "the Pods of a tier reach each other without a policy";
  units.request("ns/db", "ns/shop", true);
  settle();
  EXPECT_TRUE(units.find("ns/db")->open());
  units.count_headless("ns/db", "ns/web", false);
  settle();
  EXPECT_EQ(texts(units.find("ns/db")->headless_backends), Lines{"ns/web"});
  units.count_headless("ns/db", "ns/web", false);
  settle();
  EXPECT_FALSE(units.find("ns/db")->open());
}

TEST_F(ServiceTierUnitsTest, AnExternalNetworkReplacesATierWithoutServices) {
  namespaces.put(make_namespace("ns"));
  external.put(oracle, true);
  units.request("ns/oracle", "ns/web", true);
  settle();
  ASSERT_TRUE(units.find("ns/oracle"));
  EXPECT_EQ(units.find("ns/oracle")->external, oracle);
  EXPECT_EQ(listener.calls().back(), "+ ns/oracle " + oracle);
  units.add("ns/oracle", "ns/a", false);
  settle();
  EXPECT_EQ(units.find("ns/oracle")->external, "") << "a Service hides the external network";
  EXPECT_EQ(listener.calls(), (Lines{"+ ns/oracle", "- ns/oracle " + oracle}));
}

TEST_F(ServiceTierUnitsTest, AnExternalNetworkServesExistingNamespacesThatAreNotRefused) {
  external.put(oracle, true);
  units.request("ns/oracle", "other/web", true);
  settle();
  EXPECT_FALSE(units.find("ns/oracle")) << "the Namespace does not exist";
  namespaces.put(make_namespace("ns"));
  units.touch_namespace("ns");
  settle();
  EXPECT_TRUE(units.find("ns/oracle"));
  namespaces.refuse("ns", true);
  units.touch_namespace("ns");
  settle();
  EXPECT_FALSE(units.find("ns/oracle"));
}

TEST_F(ServiceTierUnitsTest, PodsInTheExternalNetworkNeedNoPolicy) {
  namespaces.put(make_namespace("legacy"));
  external.put(oracle, true);
  units.request("legacy/oracle", "legacy/oracle", true);
  units.request("legacy/oracle", "legacy/web", true);
  settle();
  EXPECT_EQ(texts(units.find("legacy/oracle")->users), Lines{"legacy/web"});
}

TEST_F(ServiceTierUnitsTest, OnlyTiersWithTheNamesAreTouched) {
  units.request("ns/oracle", "ns/web", true);
  units.request("ns/db", "ns/web", true);
  settle();
  units.touch_names({"else"});
  EXPECT_TRUE(units.is_settled());
  units.touch_names({"oracle"});
  EXPECT_FALSE(units.is_settled());
}

}  // namespace
}  // namespace knm::test
