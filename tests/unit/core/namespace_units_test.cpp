#include "controller/intent/namespace_units.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"
#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

struct NamespaceUnitsTest : testing::Test {
  Settings settings;
  Changes changes;
};

TEST_F(NamespaceUnitsTest, OnlyChangesAreReported) {
  NamespaceUnits units(settings, changes);
  EXPECT_TRUE(units.put(make_namespace("ns")));
  EXPECT_EQ(changed(changes, UnitKind::ns), Lines{"ns"});
  EXPECT_FALSE(units.put(make_namespace("ns")));
  EXPECT_FALSE(units.drop("other"));
  EXPECT_TRUE(changes.empty());
  EXPECT_TRUE(units.put(make_namespace("ns", 2)));
  EXPECT_EQ(units.find("ns")->uid, uid("namespace", "ns", 2));
  EXPECT_TRUE(units.drop("ns"));
  EXPECT_EQ(changed(changes, UnitKind::ns), Lines{"ns"});
  EXPECT_FALSE(units.find("ns"));
  EXPECT_TRUE(units.keys().empty());
}

TEST_F(NamespaceUnitsTest, TheNamespaceOfTheDefaultProjectIsReserved) {
  settings.default_project = "default-domain:default";
  NamespaceUnits units(settings, changes);
  units.put(make_namespace("default"));
  units.put(make_namespace("ns"));
  EXPECT_FALSE(units.is_served("default"));
  EXPECT_EQ(units.find("default")->problems.at(0).reason, "NamespaceReserved");
  EXPECT_TRUE(units.is_served("ns"));
  EXPECT_TRUE(units.find("ns")->problems.empty());
}

TEST_F(NamespaceUnitsTest, TheClusterNameIsPartOfTheReservedProject) {
  settings.default_project = "default-domain:default";
  settings.cluster_name = "east";
  EXPECT_TRUE(NamespaceUnits(settings, changes).is_served("default"));
  settings.default_project = "default-domain:east_default";
  EXPECT_FALSE(NamespaceUnits(settings, changes).is_served("default"));
}

TEST_F(NamespaceUnitsTest, ARefusedNamespaceIsServedAgainAfterTheRefusalEnds) {
  NamespaceUnits units(settings, changes);
  EXPECT_FALSE(units.refuse("ns", false));
  EXPECT_TRUE(units.refuse("ns", true)) << "a refusal does not require the Namespace to exist";
  EXPECT_FALSE(units.refuse("ns", true));
  EXPECT_FALSE(units.is_served("ns"));
  EXPECT_EQ(units.refused().count("ns"), 1);
  EXPECT_TRUE(units.refuse("ns", false));
  EXPECT_TRUE(units.is_served("ns"));
}

}  // namespace
}  // namespace knm::test
