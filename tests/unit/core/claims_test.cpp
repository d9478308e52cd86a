#include "controller/intent/claims.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using Keys = std::set<ObjectKey>;

contrail::IpAddress ip(const char* text) { return *contrail::IpAddress::parse(text); }

const Claims::Claimant older{10, "b", "ns/older"}, younger{20, "a", "ns/younger"}, twin{20, "b", "ns/twin"};

TEST(Claims, TheOldestHasIt) {
  Claims claims;
  EXPECT_EQ(claims.holder(ip("10.0.0.1")), nullptr);
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.1")}), Keys{});
  EXPECT_EQ(claims.claim(older, {ip("10.0.0.1")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/older");
  EXPECT_EQ(claims.release("ns/older"), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

TEST(Claims, OfTheSameAgeTheLowerUid) {
  Claims claims;
  claims.claim(twin, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

TEST(Claims, SayingTheSameAgainTouchesNobody) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1"), ip("10.0.0.2")});
  EXPECT_EQ(claims.claim(younger, {ip("10.0.0.2"), ip("10.0.0.1"), ip("10.0.0.1")}), Keys{});
}

TEST(Claims, WhatIsNoLongerSaidIsReleased) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1"), ip("10.0.0.2")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.claim(older, {ip("10.0.0.2")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
  EXPECT_EQ(claims.release("ns/nobody"), Keys{});
}

TEST(Claims, ARecreatedServiceQueuesAnew) {
  Claims claims;
  claims.claim(older, {ip("10.0.0.1")});
  claims.claim(younger, {ip("10.0.0.1")});
  EXPECT_EQ(claims.claim({30, "c", "ns/older"}, {ip("10.0.0.1")}), Keys{"ns/younger"});
  EXPECT_EQ(claims.holder(ip("10.0.0.1"))->service, "ns/younger");
}

}  // namespace
}  // namespace knm
