#include "controller/ipam/address_pool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace knm {
namespace {

using contrail::Family;

constexpr Time rest = std::chrono::seconds(60);

contrail::IpAddress ip(const char* text) { return *contrail::IpAddress::parse(text); }
AddressPool small() { return AddressPool({*contrail::Cidr::parse("10.0.0.0/29")}, true, rest); }  // .1 to .4

TEST(AddressPool, GivesEveryUsableAddressOnceAndNoOther) {
  auto ledger = small();
  std::set<std::string> given;
  for (const auto* owner : {"a", "b", "c", "d"}) given.insert(ledger.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(given, (std::set<std::string>{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}));
  EXPECT_FALSE(ledger.choose("e", Family::v4, Time{0}));
  EXPECT_FALSE(ledger.choose("a-v6", Family::v6, Time{0}));
  EXPECT_EQ(ledger.used(), 4U);
}

TEST(AddressPool, AskingWhatIsFreeComesToAnEnd) {
  AddressPool ledger({*contrail::Cidr::parse("2001:db8::/64")}, true, rest);
  std::size_t asked = 0;
  const auto nothing = [&](const contrail::IpAddress&) { return ++asked, false; };
  EXPECT_FALSE(ledger.choose("a", Family::v6, Time{0}, nothing));
  EXPECT_EQ(asked, 1000U);
}

TEST(AddressPool, WithoutReservedTailTheLastTwoAreGivenToo) {
  AddressPool ledger({*contrail::Cidr::parse("10.0.0.0/30")}, false, rest);
  EXPECT_TRUE(ledger.choose("a", Family::v4, Time{0}));
  EXPECT_TRUE(ledger.choose("b", Family::v4, Time{0}));
  EXPECT_FALSE(ledger.choose("c", Family::v4, Time{0}));
}

TEST(AddressPool, AnOwnerKeepsWhatItHas) {
  auto ledger = small();
  const auto first = ledger.choose("a", Family::v4, Time{0});
  EXPECT_EQ(ledger.choose("a", Family::v4, rest * 9), first);
  EXPECT_EQ(ledger.of("a"), first);
  EXPECT_EQ(ledger.of("b"), std::nullopt);
}

TEST(AddressPool, AReleasedAddressRests) {
  auto ledger = small();
  for (const auto* owner : {"a", "b", "c", "d"}) ledger.choose(owner, Family::v4, Time{0});
  const auto address = ledger.of("a");
  ledger.release("a", Time{5});
  EXPECT_EQ(ledger.used(), 3U);
  EXPECT_EQ(ledger.next_cooled_down(), rest + Time{5});
  EXPECT_FALSE(ledger.choose("e", Family::v4, rest));
  EXPECT_EQ(ledger.choose("e", Family::v4, rest + Time{5}), address);
  EXPECT_EQ(ledger.next_cooled_down(), std::nullopt);
}

TEST(AddressPool, WhatTheServerShowsEndsARest) {
  auto ledger = small();
  ledger.hold("a", ip("10.0.0.2"));
  ledger.release("a", Time{0});
  ledger.hold("foreign", ip("10.0.0.2"));
  EXPECT_EQ(ledger.used(), 1U);
  for (const auto* owner : {"b", "c", "d"}) EXPECT_NE(ledger.choose(owner, Family::v4, rest), ip("10.0.0.2"));
  EXPECT_FALSE(ledger.choose("e", Family::v4, rest * 2));
}

// Let go, taken and let go again: the first rest's end is not the second's.
TEST(AddressPool, EachReleaseRestsInFull) {
  auto ledger = small();
  for (const auto* owner : {"b", "c", "d"}) ledger.choose(owner, Family::v4, Time{0});
  const auto address = *ledger.choose("a", Family::v4, Time{0});
  ledger.release("a", Time{0});
  ledger.hold("again", address);
  ledger.release("again", rest / 2);
  EXPECT_FALSE(ledger.choose("e", Family::v4, rest));
  EXPECT_EQ(ledger.choose("e", Family::v4, rest + rest / 2), address);
}

// Who has it is not shown (an ip-alloc, say), and neither is that it is let go: it is tried again after a rest.
TEST(AddressPool, AnAddressThatTheServerRefusesRestsBeforeItIsChosenAgain) {
  for (const auto given_rest : {rest, Time{0}}) {
    AddressPool ledger({*contrail::Cidr::parse("10.0.0.0/29")}, true, given_rest);
    const auto first = *ledger.choose("a", Family::v4, Time{0});
    ledger.refuse("a", first, Time{0});
    EXPECT_EQ(ledger.of("a"), std::nullopt);
    EXPECT_EQ(ledger.used(), 0U);
    std::set<std::string> others;
    for (const auto* owner : {"a", "b", "c"}) others.insert(ledger.choose(owner, Family::v4, rest / 2)->text());
    EXPECT_FALSE(others.contains(first.text()));
    EXPECT_FALSE(ledger.choose("d", Family::v4, rest / 2));
    EXPECT_EQ(ledger.choose("d", Family::v4, rest), first);
  }
}

TEST(AddressPool, ARefusedAddressThatAnInventoryShowsSomebodyToHaveStaysTaken) {
  auto ledger = small();
  const auto first = *ledger.choose("a", Family::v4, Time{0});
  ledger.hold("foreign", first);
  ledger.refuse("a", first, Time{0});
  EXPECT_EQ(ledger.used(), 1U);
  for (const auto* owner : {"b", "c", "d"}) EXPECT_NE(ledger.choose(owner, Family::v4, rest * 2), first);
}

// Two exchange theirs: each has the other's for a while, too.
TEST(AddressPool, WhatAnOwnerLetsGoStaysAnothersThatHasItToo) {
  for (const bool moves : {false, true}) {
    auto ledger = small();
    ledger.hold("a", ip("10.0.0.1"));
    ledger.hold("b", ip("10.0.0.1"));
    moves ? ledger.hold("a", ip("10.0.0.2")) : ledger.release("a", Time{0});
    EXPECT_EQ(ledger.used(), moves ? 2U : 1U);
    EXPECT_EQ(ledger.next_cooled_down(), std::nullopt);
    EXPECT_EQ(ledger.of("b"), ip("10.0.0.1"));
    for (const auto* owner : {"c", "d", "e"}) EXPECT_NE(ledger.choose(owner, Family::v4, rest * 2), ip("10.0.0.1"));
    ledger.release("b", Time{0});
    EXPECT_EQ(ledger.next_cooled_down(), rest);
  }
}

TEST(AddressPool, TheLastOneToTakeAnAddressMayBeTheFirstToLetItGo) {
  auto ledger = small();
  for (const auto* owner : {"a", "b", "c", "a"}) ledger.hold(owner, ip("10.0.0.1"));
  for (const auto* owner : {"a", "c"}) {
    ledger.release(owner, Time{0});
    EXPECT_EQ(ledger.used(), 1U);
    EXPECT_EQ(ledger.next_cooled_down(), std::nullopt);
  }
  ledger.release("b", Time{0});
  EXPECT_EQ(ledger.used(), 0U);
  EXPECT_EQ(ledger.next_cooled_down(), rest);
}

TEST(AddressPool, AnotherAddressOfAnOwnerFreesTheFormer) {
  auto ledger = small();
  ledger.hold("a", ip("10.0.0.1"));
  ledger.hold("a", ip("10.0.0.3"));
  EXPECT_EQ(ledger.used(), 1U);
  std::set<std::string> rest_of_them;
  for (const auto* owner : {"b", "c", "d"}) rest_of_them.insert(ledger.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(rest_of_them, (std::set<std::string>{"10.0.0.1", "10.0.0.2", "10.0.0.4"}));
}

TEST(AddressPool, ReservedAndForeignAddressesMayBeHeldAndCountForNothing) {
  auto ledger = small();
  ledger.hold("gateway", ip("10.0.0.6"));
  ledger.hold("far", ip("172.16.0.1"));
  EXPECT_EQ(ledger.used(), 0U);
  ledger.release("gateway", Time{0});
  ledger.release("far", Time{0});
  ledger.release("nobody", Time{0});
  EXPECT_EQ(ledger.next_cooled_down(), std::nullopt);
}

// A second range of the family is one that was changed: it keeps what it has.
TEST(AddressPool, NewAddressesAreOfTheFirstRangeOfTheirFamily) {
  AddressPool ledger({*contrail::Cidr::parse("10.0.0.0/30"), *contrail::Cidr::parse("10.1.0.0/30")}, false, rest);
  ledger.hold("old", ip("10.1.0.2"));
  std::set<std::string> given;
  for (const auto* owner : {"a", "b"}) given.insert(ledger.choose(owner, Family::v4, Time{0})->text());
  EXPECT_EQ(given, (std::set<std::string>{"10.0.0.1", "10.0.0.2"}));
  EXPECT_FALSE(ledger.choose("c", Family::v4, Time{0}));
  EXPECT_EQ(ledger.choose("old", Family::v4, Time{0}), ip("10.1.0.2"));
}

TEST(AddressPool, ARangeWiderThanACountIsGivenOutWithinItsReservations) {
  const auto range = *contrail::Cidr::parse("fd00::/48");
  AddressPool ledger({range}, true, rest);
  for (int i = 0; i < 1000; ++i) {
    const auto address = *ledger.choose("owner-" + std::to_string(i), Family::v6, Time{0});
    EXPECT_TRUE(range.contains(address));
    EXPECT_NE(address, range.base);
  }
  EXPECT_EQ(ledger.used(), 1000U);
}

}  // namespace
}  // namespace knm
