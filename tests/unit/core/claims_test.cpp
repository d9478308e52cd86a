#include "controller/intent/claims.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using Keys = std::set<ObjectKey>;

contrail::IpAddress ip(const char* text) { return *contrail::IpAddress::parse(text); }

const Claimant older{10, "b", "ns/older"}, younger{20, "a", "ns/younger"}, twin{20, "b", "ns/twin"};

TEST(Claims, TheOldestClaimantHoldsTheAddress) {
  Claims claims;
  EXPECT_EQ(claims.holder(ip("10.0.0.1")), nullptr);
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.claim(older, {ip("10.0.0.1")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/older");
  EXPECT_EQ(claims.release("ns/older"), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

TEST(Claims, AtTheSameAgeTheLowerUidHoldsTheAddress) {
  Claims claims;
  claims.claim(twin, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

TEST(Claims, ARepeatedClaimAffectsNoService) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1"), ip("10.0.0.2")});
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.2"), ip("10.0.0.1"), ip("10.0.0.1")}), Keys{});
}

TEST(Claims, AnAddressThatIsNoLongerClaimedIsReleased) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1"), ip("10.0.0.2")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.claim(older, {ip("10.0.0.2")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
  EXPECT_EQ(claims.release("ns/nobody"), Keys{});
}

TEST(Claims, ARecreatedServiceGoesToTheEndOfTheQueue) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.claim({30, "c", "ns/older"}, {ip("10.0.0.1")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

TEST(Claims, ThePossessorKeepsTheAddressWhileItClaimsIt) {
  Claims claims;
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.possess("ns/younger", ip("10.0.0.1")), Keys{});
  EXPECT_EQ(claims.claim(older, {ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
  // This also holds for more or fewer addresses and another order.
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.2"), ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
  EXPECT_EQ(claims.claim(younger, {}), Keys{"ns/older"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/older");
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/older");
}

TEST(Claims, AnAddressThatExistsWhenItIsClaimedCounts) {
  Claims claims([](const Claimant& claimant, const auto&) { return claimant.service == "ns/younger"; });
  claims.claim(older, {ip("10.0.0.1")});
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.1")}), Keys{"ns/older"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
  EXPECT_EQ(claims.claim({5, "0", "ns/oldest"}, {ip("10.0.0.1")}), Keys{});
}

TEST(Claims, PossessionWithoutAClaimIsIgnored) {
  Claims claims;
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.possess("ns/younger", ip("10.0.0.2")), Keys{});
  EXPECT_EQ(claims.possess("ns/nobody", ip("10.0.0.1")), Keys{});
  EXPECT_EQ(claims.holder(ip("10.0.0.2")), nullptr);
}

// The cost of a change does not depend on the number of waiting Services: those far behind are not notified.
TEST(Claims, OnlyTheFirstWaitingServicesAreNotified) {
  Claims claims;
  const auto key = [](int i) { return "ns/" + std::to_string(i); };
  std::size_t touched = 0;
  for (int i = 0; i < 1000; ++i) touched += claims.claim({i, std::to_string(i), key(i)}, {ip("10.0.0.1")}).size();
  EXPECT_EQ(touched, 0U);
  EXPECT_FALSE(claims.is_far_behind(key(16), ip("10.0.0.1")));
  EXPECT_TRUE(claims.is_far_behind(key(17), ip("10.0.0.1")));
  const auto others = claims.release(key(0));
  EXPECT_EQ(others.size(), 17U);
  EXPECT_TRUE(others.contains(key(17)));
  EXPECT_EQ(claims.claim({0, "0", key(0)}, {ip("10.0.0.1")}).size(), 17U);
  EXPECT_EQ(claims.release(key(5)), Keys{key(17)});
}

}  // namespace
}  // namespace knm
