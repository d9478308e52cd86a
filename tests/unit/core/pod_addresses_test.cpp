#include "controller/bind/pod_addresses.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "controller/model/identity.hpp"
#include "controller/model/names.hpp"

// The addresses of Pods, without an intent, a table or a server.
namespace knm::test {
namespace {

using contrail::Cidr;
using contrail::Family;
using contrail::IpAddress;
using Choice = PodAddresses::Choice;

Settings with_ranges(const std::vector<std::string>& ranges) {
  Settings out;
  out.private_ip_range.clear();
  for (const auto& range : ranges) out.private_ip_range.push_back(*Cidr::parse(range));
  out.address_cool_down = std::chrono::minutes(3);
  return out;
}

contrail::Object network_with(const std::string& cidr, const std::string& gateway, const std::string& dns) {
  contrail::Object out;
  out.type = contrail::Type::virtual_network;
  out.uuid = uuid_of_uid("a network");
  contrail::Subnet subnet;
  subnet.cidr = *Cidr::parse(cidr);
  subnet.subnet_uuid = uuid_of_uid("made by another client");
  subnet.gateway = IpAddress::parse(gateway);
  subnet.dns = IpAddress::parse(dns);
  out.ipams = {{Names::ipam(), {}, {subnet}}};
  return out;
}

TEST(PodAddresses, OneOfEachFamilyInTheOrderOfTheRanges) {
  PodAddresses addresses(with_ranges({"fd00::/64", "10.0.0.0/24", "10.9.0.0/24"}));
  EXPECT_EQ(addresses.families(), (std::vector{Family::v6, Family::v4}));
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::chosen);
  EXPECT_EQ(addresses.choose("a/p", "uid", 1, Time{0}), Choice::chosen);
  EXPECT_TRUE(Cidr::parse("10.0.0.0/24")->contains(addresses.of("uid", Family::v4).value()));
  EXPECT_TRUE(Cidr::parse("fd00::/64")->contains(addresses.of("uid", Family::v6).value()));
  EXPECT_EQ(addresses.of("uid", Family::v6), addresses.of_reservation("uid_v6"));
}

TEST(PodAddresses, AnAddressStaysWhenThePodIsBoundAgain) {
  PodAddresses addresses(with_ranges({"10.0.0.0/24"}));
  addresses.choose("a/p", "uid", 0, Time{0});
  const auto first = addresses.of("uid", Family::v4);
  addresses.forget_need("a/p");
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::chosen);
  EXPECT_EQ(addresses.of("uid", Family::v4), first);
}

TEST(PodAddresses, APodWithoutAnAddressWaitsUntilOneHasCooledDown) {
  PodAddresses addresses(with_ranges({"10.0.0.0/29"}));  // four are usable
  for (const auto* uid : {"1", "2", "3", "4"})
    ASSERT_EQ(addresses.choose(std::string("a/") + uid, uid, 0, Time{0}), Choice::chosen);
  EXPECT_EQ(addresses.choose("a/5", "5", 0, Time{0}), Choice::exhausted);
  EXPECT_EQ(addresses.without_address(), (std::set<ObjectKey>{"a/5"}));
  EXPECT_EQ(addresses.next_cooled_down(), std::nullopt);

  addresses.release("2", Time{0});
  ASSERT_EQ(addresses.next_cooled_down(), Time{std::chrono::minutes(3)});
  EXPECT_EQ(addresses.choose("a/5", "5", 0, Time{std::chrono::minutes(2)}), Choice::exhausted);
  addresses.forget_need("a/5");
  EXPECT_EQ(addresses.choose("a/5", "5", 0, Time{std::chrono::minutes(3)}), Choice::chosen);
  EXPECT_TRUE(addresses.without_address().empty());
}

TEST(PodAddresses, ADeletedPodDoesNotWaitForAnAddress) {
  PodAddresses addresses(with_ranges({"10.0.0.0/30"}));  // none is usable
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::exhausted);
  addresses.forget("a/p");
  EXPECT_TRUE(addresses.without_address().empty());
}

TEST(PodAddresses, ARefusedAddressIsReplaced) {
  PodAddresses addresses(with_ranges({"10.0.0.0/24"}));
  addresses.choose("a/p", "uid", 0, Time{0});
  const auto refused = addresses.of("uid", Family::v4);
  addresses.refuse("uid", Time{0});
  EXPECT_EQ(addresses.of("uid", Family::v4), std::nullopt);
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::chosen);
  EXPECT_NE(addresses.of("uid", Family::v4), refused);
  addresses.refuse("of an unknown reservation", Time{0});
}

TEST(PodAddresses, TheServerChoosesTheIPv4AddressUntilOneIsAssigned) {
  PodAddresses addresses(with_ranges({"10.0.0.0/24", "fd00::/64"}));
  addresses.let_server_choose("a/p");
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::by_server);
  EXPECT_EQ(addresses.choose("a/p", "uid", 1, Time{0}), Choice::chosen);
  EXPECT_EQ(addresses.of("uid", Family::v4), std::nullopt);

  addresses.hold("uid", *IpAddress::parse("10.0.0.77"));
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::chosen);
  addresses.refuse("uid", Time{0});
  EXPECT_EQ(addresses.choose("a/p", "uid", 0, Time{0}), Choice::chosen) << "the server chooses only once";
}

TEST(PodAddresses, TheServerDoesNotChooseForASuccessor) {
  PodAddresses addresses(with_ranges({"10.0.0.0/24"}));
  addresses.let_server_choose("a/p");
  addresses.forget("a/p");
  EXPECT_EQ(addresses.choose("a/p", "next", 0, Time{0}), Choice::chosen);
}

TEST(PodAddresses, TheGatewayOfAnAdoptedSubnetIsNotAssigned) {
  PodAddresses addresses(with_ranges({"10.0.0.0/29"}));
  addresses.reserve_found(network_with("10.0.0.0/29", "10.0.0.1", "10.0.0.2"));
  for (const auto* uid : {"1", "2"}) {
    ASSERT_EQ(addresses.choose(std::string("a/") + uid, uid, 0, Time{0}), Choice::chosen);
    EXPECT_GT(addresses.of(uid, Family::v4), IpAddress::parse("10.0.0.2"));
  }
  EXPECT_EQ(addresses.choose("a/3", "3", 0, Time{0}), Choice::exhausted);
}

TEST(PodAddresses, TheGatewayOfADerivedSubnetIsIgnored) {
  PodAddresses addresses(with_ranges({"10.0.0.0/29"}));
  auto network = network_with("10.0.0.0/29", "10.0.0.1", "10.0.0.2");
  network.ipams.front().subnets.front().subnet_uuid = subnet_uuid(network.uuid, *Cidr::parse("10.0.0.0/29"));
  addresses.reserve_found(network);
  for (const auto* uid : {"1", "2", "3", "4"})
    EXPECT_EQ(addresses.choose(std::string("a/") + uid, uid, 0, Time{0}), Choice::chosen);
}

}  // namespace
}  // namespace knm::test
