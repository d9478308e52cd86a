#include "controller/ipam/address_pool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace knm {
namespace {

using contrail::Family;

constexpr Time rest = std::chrono::seconds(60);

contrail::IpAddress ip(const char* text) { return *contrail::IpAddress::parse(text); }
AddressPool small() { return AddressPool({*contrail::Cidr::parse("10.0.0.0/29")}, true, rest); }  // .1 to .4

TEST(AddressPool, AssignsEveryUsableAddressOnce) {
  auto pool = small();
  std::set<std::string> given;
  for (const auto* owner : {"a", "b", "c", "d"}) given.insert(pool.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(given, (std::set<std::string>{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}));
  EXPECT_FALSE(pool.choose("e", Family::v4, Time{0}));
  EXPECT_FALSE(pool.choose("a-v6", Family::v6, Time{0}));
  EXPECT_EQ(pool.used(), 4U);
}

TEST(AddressPool, TheSearchForAFreeAddressIsBounded) {
  AddressPool pool({*contrail::Cidr::parse("2001:db8::/64")}, true, rest);
  std::size_t asked = 0;
  const auto nothing = [&](const contrail::IpAddress&) { return ++asked, false; };
  EXPECT_FALSE(pool.choose("a", Family::v6, Time{0}, nothing));
  EXPECT_EQ(asked, 1000U);
}

TEST(AddressPool, WithoutAReservedTailTheLastTwoAddressesAreAssigned) {
  AddressPool pool({*contrail::Cidr::parse("10.0.0.0/30")}, false, rest);
  EXPECT_TRUE(pool.choose("a", Family::v4, Time{0}));
  EXPECT_TRUE(pool.choose("b", Family::v4, Time{0}));
  EXPECT_FALSE(pool.choose("c", Family::v4, Time{0}));
}

TEST(AddressPool, AnOwnerKeepsItsAddress) {
  auto pool = small();
  const auto first = pool.choose("a", Family::v4, Time{0});
  EXPECT_EQ(pool.choose("a", Family::v4, rest * 9), first);
  EXPECT_EQ(pool.of("a"), first);
  EXPECT_EQ(pool.of("b"), std::nullopt);
}

TEST(AddressPool, AReleasedAddressCoolsDown) {
  auto pool = small();
  for (const auto* owner : {"a", "b", "c", "d"}) pool.choose(owner, Family::v4, Time{0});
  const auto address = pool.of("a");
  pool.release("a", Time{5});
  EXPECT_EQ(pool.used(), 3U);
  EXPECT_EQ(pool.next_cooled_down(), rest + Time{5});
  EXPECT_FALSE(pool.choose("e", Family::v4, rest));
  EXPECT_EQ(pool.choose("e", Family::v4, rest + Time{5}), address);
  EXPECT_EQ(pool.next_cooled_down(), std::nullopt);
}

TEST(AddressPool, AnObservedAddressIsNoLongerCoolingDown) {
  auto pool = small();
  pool.hold("a", ip("10.0.0.2"));
  pool.release("a", Time{0});
  pool.hold("foreign", ip("10.0.0.2"));
  EXPECT_EQ(pool.used(), 1U);
  for (const auto* owner : {"b", "c", "d"}) EXPECT_NE(pool.choose(owner, Family::v4, rest), ip("10.0.0.2"));
  EXPECT_FALSE(pool.choose("e", Family::v4, rest * 2));
}

// The end of the first cool-down must not end the second one.
TEST(AddressPool, EachReleaseStartsAFullCoolDown) {
  auto pool = small();
  for (const auto* owner : {"b", "c", "d"}) pool.choose(owner, Family::v4, Time{0});
  const auto address = *pool.choose("a", Family::v4, Time{0});
  pool.release("a", Time{0});
  pool.hold("again", address);
  pool.release("again", rest / 2);
  EXPECT_FALSE(pool.choose("e", Family::v4, rest));
  EXPECT_EQ(pool.choose("e", Family::v4, rest + rest / 2), address);
}

// The config API does not show who holds the address (an ip-alloc, for example) or when it is freed. Therefore the pool
// tries it again after a cool-down.
TEST(AddressPool, ARefusedAddressCoolsDownBeforeItIsChosenAgain) {
  for (const auto given_rest : {rest, Time{0}}) {
    AddressPool pool({*contrail::Cidr::parse("10.0.0.0/29")}, true, given_rest);
    const auto first = *pool.choose("a", Family::v4, Time{0});
    pool.refuse("a", first, Time{0});
    EXPECT_EQ(pool.of("a"), std::nullopt);
    EXPECT_EQ(pool.used(), 0U);
    std::set<std::string> others;
    for (const auto* owner : {"a", "b", "c"}) others.insert(pool.choose(owner, Family::v4, rest / 2)->text());
    EXPECT_FALSE(others.contains(first.text()));
    EXPECT_FALSE(pool.choose("d", Family::v4, rest / 2));
    EXPECT_EQ(pool.choose("d", Family::v4, rest), first);
  }
}

TEST(AddressPool, ARefusedAddressThatAnInventoryShowsStaysAssigned) {
  auto pool = small();
  const auto first = *pool.choose("a", Family::v4, Time{0});
  pool.hold("foreign", first);
  pool.refuse("a", first, Time{0});
  EXPECT_EQ(pool.used(), 1U);
  for (const auto* owner : {"b", "c", "d"}) EXPECT_NE(pool.choose(owner, Family::v4, rest * 2), first);
}

// When two owners exchange their addresses, both hold the same address for a while.
TEST(AddressPool, AReleasedAddressStaysAssignedToItsOtherOwner) {
  for (const bool moves : {false, true}) {
    auto pool = small();
    pool.hold("a", ip("10.0.0.1"));
    pool.hold("b", ip("10.0.0.1"));
    moves ? pool.hold("a", ip("10.0.0.2")) : pool.release("a", Time{0});
    EXPECT_EQ(pool.used(), moves ? 2U : 1U);
    EXPECT_EQ(pool.next_cooled_down(), std::nullopt);
    EXPECT_EQ(pool.of("b"), ip("10.0.0.1"));
    for (const auto* owner : {"c", "d", "e"}) EXPECT_NE(pool.choose(owner, Family::v4, rest * 2), ip("10.0.0.1"));
    pool.release("b", Time{0});
    EXPECT_EQ(pool.next_cooled_down(), rest);
  }
}

TEST(AddressPool, SeveralOwnersMayReleaseAnAddressInAnyOrder) {
  auto pool = small();
  for (const auto* owner : {"a", "b", "c", "a"}) pool.hold(owner, ip("10.0.0.1"));
  for (const auto* owner : {"a", "c"}) {
    pool.release(owner, Time{0});
    EXPECT_EQ(pool.used(), 1U);
    EXPECT_EQ(pool.next_cooled_down(), std::nullopt);
  }
  pool.release("b", Time{0});
  EXPECT_EQ(pool.used(), 0U);
  EXPECT_EQ(pool.next_cooled_down(), rest);
}

TEST(AddressPool, ANewAddressOfAnOwnerFreesItsFormerOne) {
  auto pool = small();
  pool.hold("a", ip("10.0.0.1"));
  pool.hold("a", ip("10.0.0.3"));
  EXPECT_EQ(pool.used(), 1U);
  std::set<std::string> remaining;
  for (const auto* owner : {"b", "c", "d"}) remaining.insert(pool.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(remaining, (std::set<std::string>{"10.0.0.1", "10.0.0.2", "10.0.0.4"}));
}

TEST(AddressPool, ReservedAddressesAndThoseOutsideTheRangesAreNotCounted) {
  auto pool = small();
  pool.hold("gateway", ip("10.0.0.6"));
  pool.hold("far", ip("172.16.0.1"));
  EXPECT_EQ(pool.used(), 0U);
  pool.release("gateway", Time{0});
  pool.release("far", Time{0});
  pool.release("nobody", Time{0});
  EXPECT_EQ(pool.next_cooled_down(), std::nullopt);
}

// A second range of the family is a former one: its addresses stay with their owners.
TEST(AddressPool, NewAddressesComeFromTheFirstRangeOfTheirFamily) {
  AddressPool pool({*contrail::Cidr::parse("10.0.0.0/30"), *contrail::Cidr::parse("10.1.0.0/30")}, false, rest);
  pool.hold("old", ip("10.1.0.2"));
  std::set<std::string> given;
  for (const auto* owner : {"a", "b"}) given.insert(pool.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(given, (std::set<std::string>{"10.0.0.1", "10.0.0.2"}));
  EXPECT_FALSE(pool.choose("c", Family::v4, Time{0}));
  EXPECT_EQ(pool.choose("old", Family::v4, Time{0}), ip("10.1.0.2"));
}

TEST(AddressPool, ARangeLargerThanTheCounterAssignsOnlyUsableAddresses) {
  const auto range = *contrail::Cidr::parse("fd00::/48");
  AddressPool pool({range}, true, rest);
  for (int i = 0; i < 1000; ++i) {
    const auto address = *pool.choose("owner-" + std::to_string(i), Family::v6, Time{0});
    EXPECT_TRUE(range.contains(address));
    EXPECT_NE(address, range.base);
  }
  EXPECT_EQ(pool.used(), 1000U);
}

}  // namespace
}  // namespace knm
