#include "controller/ipam/public_addresses.hpp"

#include <gtest/gtest.h>

namespace knm::test {
namespace {

TEST(PublicAddressesTest, WhatAnEventShowedIsNewerThanAListThatIsRead) {
  PublicAddresses addresses({*contrail::Cidr::parse("10.1.0.0/24")}, Time{0});
  const auto address = *contrail::IpAddress::parse("10.1.0.9");
  const auto uuid = contrail::uuid_v5({}, "theirs");
  addresses.came(address, "theirs", uuid);
  addresses.begin_inventory();
  EXPECT_TRUE(addresses.went(uuid));
  addresses.show(address, "theirs", uuid);
  addresses.end_inventory();
  EXPECT_FALSE(addresses.other_at(address));
  addresses.begin_inventory();
  addresses.show(address, "theirs", uuid);
  addresses.end_inventory();
  EXPECT_TRUE(addresses.other_at(address)) << "it is there again";
}

TEST(PublicAddressesTest, OnlyAnAuditShowsTheEndOfAnUnknownHolder) {
  PublicAddresses addresses({*contrail::Cidr::parse("10.1.0.0/24")}, Time{0});
  const auto address = *contrail::IpAddress::parse("10.1.0.9");
  EXPECT_FALSE(addresses.has_unknown());
  addresses.refuse("ours", address, Time{0});
  EXPECT_TRUE(addresses.has_unknown());
  addresses.came(address, "theirs", contrail::uuid_v5({}, "theirs"));
  EXPECT_FALSE(addresses.has_unknown());
}

}  // namespace
}  // namespace knm::test
