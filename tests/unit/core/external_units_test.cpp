#include "controller/intent/external_units.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

const std::string backbone = "default-domain:legacy:backbone", oracle = "default-domain:legacy:oracle";
const std::string own = "default-domain:shop:web";  // the network of a tier, if the Namespace shop has one

struct ExternalUnitsTest : testing::Test {
  Settings settings;
  Changes changes;
  UnitListener listener;
  ExternalUnitsTest() {
    settings.global_network = {backbone};
    settings.external_service = {{"oracle", {oracle, {}}}, {"web", {own, {}}}};
  }
};

TEST_F(ExternalUnitsTest, OneThatIsNotConfiguredIsIgnored) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_FALSE(units.put("default-domain:legacy:else", true));
  EXPECT_FALSE(units.put(backbone, false)) << "at first none is there";
  EXPECT_TRUE(units.is_settled());
  EXPECT_EQ(units.configured(), (Lines{backbone, oracle, own}));
}

TEST_F(ExternalUnitsTest, TiersAreToldWhenOneComesAndGoes) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_TRUE(units.put(backbone, true));
  EXPECT_TRUE(units.put(oracle, true));
  EXPECT_FALSE(units.find(backbone)) << "not before settle()";
  units.settle();
  EXPECT_EQ(listener.heard(), (Lines{"global", "external", "tier oracle"}));
  EXPECT_EQ(changed(changes, UnitKind::external_network), (Lines{backbone, oracle}));
  EXPECT_EQ(texts(units.keys()), (Lines{backbone, oracle}));
  EXPECT_TRUE(units.put(oracle, false));
  units.settle();
  EXPECT_EQ(listener.heard(), (Lines{"external", "tier oracle"}));
  EXPECT_FALSE(units.find(oracle));
}

TEST_F(ExternalUnitsTest, TheNetworkOfATierIsThereWhileTheTierHasIt) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_EQ(units.place_of(own), "shop/web");
  EXPECT_EQ(units.place_of(oracle), "legacy/oracle") << "by its name it may be one, too";
  units.count_own("shop", "web", true);
  units.count_own("shop", "db", true);
  units.settle();
  ASSERT_TRUE(units.find(own));
  EXPECT_EQ(units.find(own)->ns, "shop");
  units.put(own, true);
  units.count_own("shop", "web", false);
  units.settle();
  ASSERT_TRUE(units.find(own)) << "an inventory shows it";
  EXPECT_EQ(units.find(own)->ns, "");
}

TEST_F(ExternalUnitsTest, GlobalOnesConnectWhatTheExpressionsMean) {
  settings.global_connect_exclude = Pattern::compile("^test/").value();
  ExternalUnits units(settings, changes, listener);
  EXPECT_EQ(units.global_networks("ns", "web"), Lines{}) << "it is not there";
  units.put(backbone, true);
  units.settle();
  EXPECT_EQ(units.global_networks("ns", "web"), Lines{backbone});
  EXPECT_EQ(units.global_networks("test", "web"), Lines{});
  EXPECT_EQ(units.global_networks("legacy", "backbone"), Lines{}) << "a global network is not connected to others";
}

TEST_F(ExternalUnitsTest, FewConnectionsAreAChangeOfAllOfIt) {
  ExternalUnits units(settings, changes, listener);
  units.connect(backbone, "ns/a", true);
  EXPECT_TRUE(changes.empty()) << "it is not there";
  units.put(backbone, true);
  units.settle();
  changes.take();
  const Unit unit{UnitKind::external_network, backbone};
  for (const auto* tier : {"ns/a", "ns/b", "ns/c"}) units.connect(backbone, tier, true);
  EXPECT_EQ(changed(changes, UnitKind::external_network), Lines{backbone});
  EXPECT_FALSE(changes.moved_users(unit));
  units.connect(backbone, "ns/d", true);
  units.connect(backbone, "ns/d", true);
  ASSERT_TRUE(changes.moved_users(unit)) << "of many, one more is a change of its own";
  EXPECT_EQ(*changes.moved_users(unit), std::set<TierKey>{"ns/d"});
  EXPECT_EQ(units.find(backbone)->tiers.size(), 4);
}

TEST_F(ExternalUnitsTest, TheTiersThatOneServesAreItsFacts) {
  ExternalUnits units(settings, changes, listener);
  units.put(oracle, true);
  units.settle();
  changes.take();
  units.serve(oracle, "ns/oracle", true);
  EXPECT_EQ(changed(changes, UnitKind::external_network), Lines{oracle});
  EXPECT_EQ(texts(units.find(oracle)->services), Lines{"ns/oracle"});
  units.serve(oracle, "ns/oracle", true);
  EXPECT_TRUE(changes.empty());
  units.serve(oracle, "ns/oracle", false);
  EXPECT_EQ(changed(changes, UnitKind::external_network), Lines{oracle});
}

TEST_F(ExternalUnitsTest, TheSharedNetworkOfAllClustersIsThereFromTheBeginning) {
  settings.public_ip_range = {*contrail::Cidr::parse("192.0.2.0/24")};
  settings.global_network = {settings.public_network};
  ExternalUnits units(settings, changes, listener);
  EXPECT_FALSE(units.is_settled());
  units.settle();
  EXPECT_TRUE(units.find(settings.public_network));
}

}  // namespace
}  // namespace knm::test
