#include "controller/intent/address_quota.hpp"

#include <gtest/gtest.h>

#include "controller/intent/address_text.hpp"

namespace knm {
namespace {

using Keys = std::set<ObjectKey>;

contrail::IpAddress ip(int last) { return *read_address("192.0.2." + std::to_string(last)); }
const contrail::IpAddress any = *read_address("0.0.0.0");

const Claimant older{10, "a", "ns/older"}, younger{20, "b", "ns/younger"}, elsewhere{30, "c", "other/one"};

TEST(AddressQuota, TheOlderServiceComesFirstAndThenTheOrderOfItsList) {
  AddressQuota quota(3, {});
  EXPECT_EQ(quota.ask(younger, {ip(1), ip(2)}), Keys{});
  EXPECT_EQ(quota.ask(older, {ip(4), ip(3)}), Keys{"ns/younger"});
  EXPECT_TRUE(quota.allows("ns/older", ip(3)));
  EXPECT_TRUE(quota.allows("ns/younger", ip(1)));
  EXPECT_FALSE(quota.allows("ns/younger", ip(2)));
  EXPECT_EQ(quota.ask(elsewhere, {ip(5)}), Keys{});
  EXPECT_TRUE(quota.allows("other/one", ip(5)));
  EXPECT_EQ(quota.release("ns/older"), Keys{"ns/younger"});
  EXPECT_TRUE(quota.allows("ns/younger", ip(2)));
  EXPECT_FALSE(quota.allows("ns/older", ip(3)));
}

TEST(AddressQuota, AServiceKeepsTheAddressesThatItHas) {
  AddressQuota quota(2, {});
  quota.ask(younger, {ip(1), any});
  EXPECT_EQ(quota.possess("ns/younger", ip(1)), Keys{});
  EXPECT_EQ(quota.possess("ns/younger", ip(77)), Keys{});  // the load-balancer address of the Service
  EXPECT_EQ(quota.ask(older, {ip(3)}), Keys{});
  EXPECT_FALSE(quota.allows("ns/older", ip(3)));
  EXPECT_EQ(quota.ask(younger, {any, ip(1)}), Keys{});
  EXPECT_TRUE(quota.allows("ns/younger", any));
  EXPECT_EQ(quota.ask(younger, {ip(1)}), Keys{"ns/older"});
  EXPECT_TRUE(quota.allows("ns/older", ip(3)));
}

TEST(AddressQuota, ExistingAddressesStayWhenTheLimitIsLower) {
  AddressQuota quota(1, [](const Claimant&, const contrail::IpAddress& address) { return address != ip(9); });
  quota.ask(older, {ip(1), ip(2), ip(9), ip(3)});
  for (const int had : {1, 2, 3}) EXPECT_TRUE(quota.allows("ns/older", ip(had)));
  EXPECT_FALSE(quota.allows("ns/older", ip(9)));
  quota.ask(older, {ip(9)});
  EXPECT_TRUE(quota.allows("ns/older", ip(9)));
}

TEST(AddressQuota, ARecreatedServiceGoesToTheEndOfTheQueue) {
  AddressQuota quota(1, {});
  quota.ask(older, {ip(1)});
  quota.possess("ns/older", ip(1));
  quota.ask(younger, {ip(2)});
  EXPECT_EQ(quota.ask({30, "d", "ns/older"}, {ip(1)}), Keys{"ns/younger"});
  EXPECT_TRUE(quota.allows("ns/younger", ip(2)));
  EXPECT_FALSE(quota.allows("ns/older", ip(1)));
}

}  // namespace
}  // namespace knm
