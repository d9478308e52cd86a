#include "controller/intent/pod_tier_units.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

const std::string backbone = "default-domain:legacy:backbone";

// Keys of service tiers without service tiers.
struct OwnKeys final : TierKeys {
  PackedText shared_key(std::string_view tier) const override { return PackedText(tier); }
};

PodFacts pod_of(const std::string& tier, std::vector<std::string> uses = {}) {
  PodFacts out;
  out.ns = "ns";
  out.tier = tier;
  out.has_network = true;
  out.uses = std::move(uses);
  return out;
}

struct PodTierUnitsTest : testing::Test {
  Settings settings;
  Changes changes;
  UnitListener listener;
  OwnKeys service_tiers;
  PodTierUnitsTest() {
    settings.namespace_service = {};
    settings.global_network = {backbone};
  }
};

TEST_F(PodTierUnitsTest, ATierExistsWhileItHasAPod) {
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  const auto pod = pod_of("web");
  units.add(pod);
  EXPECT_FALSE(units.find("ns/web")) << "before settle()";
  units.settle();
  EXPECT_TRUE(units.find("ns/web"));
  EXPECT_EQ(listener.calls(), Lines{"+ ns/web"});
  EXPECT_EQ(changed(changes, UnitKind::pod_tier), Lines{"ns/web"});
  units.add(pod);
  units.remove(pod);
  EXPECT_TRUE(units.is_settled()) << "other Pods remain, so nothing changes";
  units.remove(pod);
  units.settle();
  EXPECT_FALSE(units.find("ns/web"));
  EXPECT_EQ(listener.calls(), Lines{"- ns/web"});
  EXPECT_TRUE(units.keys(std::nullopt).empty());
}

TEST_F(PodTierUnitsTest, ATierRequestsWhatItsPodsUseAndTheConfiguredServices) {
  settings.namespace_service = {"default"};
  settings.cluster_service = {{"infra", "dns"}};
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  units.add(pod_of("web", {"db"}));
  units.settle();
  EXPECT_EQ(texts(units.find("ns/web")->requested), (Lines{"infra/dns", "ns/db", "ns/default"}));
  EXPECT_EQ(listener.calls(), (Lines{"+ ns/web infra/dns", "+ ns/web ns/db", "+ ns/web ns/default", "+ ns/web"}));
  units.add(pod_of("web", {"cache"}));
  units.remove(pod_of("web", {"db"}));
  units.settle();
  EXPECT_EQ(listener.calls(), (Lines{"+ ns/web ns/cache", "- ns/web ns/db"}));
}

TEST_F(PodTierUnitsTest, ARequestEndsWithTheLastPodThatNamesIt) {
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  for (int i = 0; i < 2; ++i) units.add(pod_of("web", {"db"}));
  units.add(pod_of("web"));
  units.settle();
  units.remove(pod_of("web", {"db"}));
  EXPECT_TRUE(units.is_settled());
  units.remove(pod_of("web", {"db"}));
  EXPECT_FALSE(units.is_settled());
  units.settle();
  EXPECT_TRUE(units.find("ns/web")->requested.empty());
}

TEST_F(PodTierUnitsTest, TheHeadlessServicesOfATierAreCounted) {
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  units.count_headless("ns/web", "ns/peers", true);
  units.count_headless("ns/web", "ns/peers", true);
  units.settle();
  EXPECT_FALSE(units.find("ns/web")) << "the tier has no Pod with a network";
  units.add(pod_of("web"));
  units.settle();
  EXPECT_EQ(texts(units.find("ns/web")->serves), Lines{"ns/peers"});
  units.count_headless("ns/web", "ns/peers", false);
  units.settle();
  EXPECT_EQ(texts(units.find("ns/web")->serves), Lines{"ns/peers"});
  units.count_headless("ns/web", "ns/peers", false);
  units.settle();
  EXPECT_TRUE(units.find("ns/web")->serves.empty());
}

TEST_F(PodTierUnitsTest, ATierIsConnectedToExistingGlobalNetworks) {
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  units.add(pod_of("web"));
  units.settle();
  external.put(backbone, true);
  external.settle();
  listener.calls();
  units.touch_all();
  units.settle();
  EXPECT_EQ(listener.calls(), Lines{"+ ns/web " + backbone});
  units.remove(pod_of("web"));
  units.settle();
  EXPECT_EQ(listener.calls(), (Lines{"- ns/web " + backbone, "- ns/web"}));
}

TEST_F(PodTierUnitsTest, PodsOfATierShareTheirTexts) {
  ExternalUnits external(settings, changes, listener);
  PodTierUnits units(settings, external, service_tiers, changes, listener);
  auto first = pod_of("web", {"db"}), second = pod_of("web", {"db"});
  for (auto* pod : {&first, &second}) {
    units.add(*pod);
    units.share_texts(*pod);
  }
  EXPECT_EQ(first.ns.view().data(), second.ns.view().data());
  EXPECT_EQ(first.tier.view().data(), second.tier.view().data());
  EXPECT_EQ(&first.uses.get(), &second.uses.get());
}

}  // namespace
}  // namespace knm::test
