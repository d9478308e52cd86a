#include "controller/intent/external_units.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

const std::string backbone = "default-domain:legacy:backbone", oracle = "default-domain:legacy:oracle";
const std::string own = "default-domain:shop:web";  // the network of a tier, if the Namespace shop has this tier

struct ExternalUnitsTest : testing::Test {
  Settings settings;
  Changes changes;
  UnitListener listener;
  ExternalUnitsTest() {
    settings.global_network = {backbone};
    settings.external_service = {{"oracle", {oracle, {}}}, {"web", {own, {}}}};
  }
};

TEST_F(ExternalUnitsTest, ANetworkThatIsNotConfiguredIsIgnored) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_FALSE(units.put("default-domain:legacy:else", true));
  EXPECT_FALSE(units.put(backbone, false)) << "no network exists at the beginning";
  EXPECT_TRUE(units.is_settled());
  EXPECT_EQ(units.configured(), (Lines{backbone, oracle, own}));
}

TEST_F(ExternalUnitsTest, TiersAreNotifiedWhenANetworkIsAddedOrRemoved) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_TRUE(units.put(backbone, true));
  EXPECT_TRUE(units.put(oracle, true));
  EXPECT_FALSE(units.find(backbone)) << "before settle()";
  units.settle();
  EXPECT_EQ(listener.calls(), (Lines{"global", "external", "tier oracle"}));
  EXPECT_EQ(changed(changes, UnitKind::external_network), (Lines{backbone, oracle}));
  EXPECT_EQ(texts(units.keys()), (Lines{backbone, oracle}));
  EXPECT_TRUE(units.put(oracle, false));
  units.settle();
  EXPECT_EQ(listener.calls(), (Lines{"external", "tier oracle"}));
  EXPECT_FALSE(units.find(oracle));
}

TEST_F(ExternalUnitsTest, TheNetworkOfATierExistsWhileTheTierExists) {
  ExternalUnits units(settings, changes, listener);
  EXPECT_EQ(units.place_of(own), "shop/web");
  EXPECT_EQ(units.place_of(oracle), "legacy/oracle") << "the name has the form of a tier's network";
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

TEST_F(ExternalUnitsTest, GlobalNetworksConnectTheTiersThatTheExpressionsSelect) {
  settings.global_connect_exclude = Pattern::compile("^test/").value();
  ExternalUnits units(settings, changes, listener);
  EXPECT_EQ(units.global_networks("ns", "web"), Lines{}) << "the network does not exist";
  units.put(backbone, true);
  units.settle();
  EXPECT_EQ(units.global_networks("ns", "web"), Lines{backbone});
  EXPECT_EQ(units.global_networks("test", "web"), Lines{});
  EXPECT_EQ(units.global_networks("legacy", "backbone"), Lines{}) << "a global network is not connected to others";
}

TEST_F(ExternalUnitsTest, AChangeOfFewConnectionsIsAChangeOfTheWholeUnit) {
  ExternalUnits units(settings, changes, listener);
  units.connect(backbone, "ns/a", true);
  EXPECT_TRUE(changes.empty()) << "the network does not exist";
  units.put(backbone, true);
  units.settle();
  changes.take();
  const Unit unit{UnitKind::external_network, backbone};
  for (const auto* tier : {"ns/a", "ns/b", "ns/c"}) units.connect(backbone, tier, true);
  EXPECT_EQ(changed(changes, UnitKind::external_network), Lines{backbone});
  EXPECT_FALSE(changes.moved_users(unit));
  units.connect(backbone, "ns/d", true);
  units.connect(backbone, "ns/d", true);
  ASSERT_TRUE(changes.moved_users(unit)) << "with many connections, one more is a change of a user only";
  EXPECT_EQ(*changes.moved_users(unit), std::set<TierKey>{"ns/d"});
  EXPECT_EQ(units.find(backbone)->tiers.size(), 4);
}

TEST_F(ExternalUnitsTest, TheServedTiersAreFactsOfTheNetwork) {
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

TEST_F(ExternalUnitsTest, TheSharedPublicNetworkExistsFromTheBeginning) {
  settings.public_ip_range = {*contrail::Cidr::parse("192.0.2.0/24")};
  settings.global_network = {settings.public_network};
  ExternalUnits units(settings, changes, listener);
  EXPECT_FALSE(units.is_settled());
  units.settle();
  EXPECT_TRUE(units.find(settings.public_network));
}

}  // namespace
}  // namespace knm::test
