#include "controller/plan/table.hpp"

#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

// Slots that stand for nothing are used again, and none that anybody still speaks of.
namespace knm::test {
namespace {

using contrail::Type;

constexpr auto no_audit = ~std::uint64_t{0};

SlotId network(Table& table, const std::string& name) { return table.slot(Type::virtual_network, name); }

TEST(Table, AnUnusedSlotIsGivenOutAgain) {
  Table table;
  const auto a = network(table, "d:p:a");
  network(table, "d:p:b");
  table[a].wanted = true;
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 1U);
  EXPECT_EQ(table.find(Type::virtual_network, "d:p:b"), no_slot);
  EXPECT_EQ(table.find(Type::virtual_network, "d:p:a"), a);
  const auto c = table.slot(Type::network_policy, "d:p:c");
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table[c].name.view(), "d:p:c");
  EXPECT_EQ(table[c].type, Type::network_policy);
  table.free_unused({}, no_audit);
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 1U);
}

// Two of 600 million names that the hash does not tell apart under the key of tests. Chance may find such a pair under
// any other.
TEST(Table, TwoNamesOfOneHashAreTwoEntries) {
  const std::string one = "a:b:01dac4d0", other = "a:b:23a20558";
  ASSERT_EQ(name_hash(Type::virtual_network, one), name_hash(Type::virtual_network, other));
  Table table;
  const auto a = network(table, one), b = network(table, other);
  ASSERT_NE(a, b);
  EXPECT_EQ(table[a].name, one);
  EXPECT_EQ(table[b].name, other);
  table[b].wanted = true;
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.find(Type::virtual_network, one), no_slot);
  EXPECT_EQ(table.find(Type::virtual_network, other), b);
}

TEST(Table, WhatAnybodySpeaksOfKeepsItsSlot) {
  Table table;
  const auto keeper = network(table, "d:p:keeper");
  table[keeper].wanted = true;
  const auto dependency = network(table, "d:p:dependency"), reserved = network(table, "d:p:reserved"),
             queued = network(table, "d:p:queued"), in_flight = network(table, "d:p:in-flight"),
             looked_for = network(table, "d:p:looked-for"), outside = network(table, "d:p:outside"),
             outliving = network(table, "d:p:outliving"), project = table.slot(Type::project, "d:p");
  table[keeper].dependencies.push_back({dependency, false});
  table[keeper].reserved_by = reserved;
  table[queued].queued = true;
  table[in_flight].in_flight = true;
  table[looked_for].look = Look::by_uuid;
  table.outlive(outliving, project);
  std::vector<bool> needed(table.size());
  needed[outside] = true;
  table.free_unused(needed, no_audit);
  EXPECT_EQ(table.in_use(), table.size());
  table[keeper].dependencies.clear();
  table[keeper].reserved_by = no_slot;
  table[queued].queued = table[in_flight].in_flight = false;
  table[looked_for].look = Look::none;
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 3U);  // the keeper, and what the configuration names
}

TEST(Table, WhoIsNotThereWaitsForNobody) {
  Table table;
  const auto awaited = network(table, "d:p:awaited"), waiter = network(table, "d:p:waiter"),
             former = network(table, "d:p:former");
  table[awaited].wanted = table[waiter].wanted = true;
  table.wait_for(awaited, former);
  table.wait_for(awaited, waiter);
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 2U);
  EXPECT_EQ(table.take_waiters(awaited), SlotList{waiter});
}

// A slot that is given out again has nothing of the entry that had it.
TEST(Table, NobodyWaitsForAnEntryThatIsGone) {
  Table table;
  const auto awaited = network(table, "d:p:awaited"), waiter = network(table, "d:p:waiter");
  table[waiter].wanted = true;
  table.wait_for(awaited, waiter);
  table.wait_for(awaited, waiter);
  table.free_unused({}, no_audit);
  ASSERT_EQ(network(table, "d:p:another"), awaited);
  EXPECT_TRUE(table.take_waiters(awaited).empty());
  table.wait_for(awaited, waiter);
  EXPECT_EQ(table.take_waiters(awaited), SlotList{waiter});
  EXPECT_TRUE(table.take_waiters(awaited).empty());
}

// Nearly always the same, so that one of both is all that an entry keeps.
TEST(Table, TheIdsOfWhatIsWantedAndOfWhatIsThereAreTwo) {
  const Ids first{uuid_of_uid("first"), 1}, second{uuid_of_uid("second"), 2}, third{uuid_of_uid("third"), 3};
  Entry entry;
  entry.want_ids(first);
  EXPECT_EQ(entry.wanted_ids(), first);
  entry.set_ids(first);
  entry.exists = true;
  EXPECT_TRUE(entry.cold.empty());
  entry.want_ids(second);
  EXPECT_EQ(entry.uuid(), first.uuid);
  EXPECT_EQ(entry.identity(), first.identity);
  EXPECT_EQ(entry.wanted_ids(), second);
  entry.set_ids(third);
  EXPECT_EQ(entry.uuid(), third.uuid);
  EXPECT_EQ(entry.wanted_ids(), second);
  entry.set_ids(second);
  EXPECT_EQ(entry.wanted_ids(), second);
  EXPECT_TRUE(entry.cold.empty());
}

TEST(Table, WhatIsLookedForIsNotForgottenForWhatIsWanted) {
  const Ids sent{uuid_of_uid("sent"), 1}, wanted{uuid_of_uid("wanted"), 2};
  Entry entry;
  entry.want_ids(sent);
  entry.look = Look::by_uuid;
  entry.want_ids(wanted);
  EXPECT_EQ(entry.uuid(), sent.uuid);
  EXPECT_EQ(entry.wanted_ids(), wanted);
}

TEST(Table, WhatWasFoundBeforeItIsWantedIsNotWhatIsWanted) {
  const Ids found{uuid_of_uid("found"), 1}, wanted{uuid_of_uid("wanted"), 2};
  Entry entry;
  entry.set_ids(found);
  entry.exists = true;
  EXPECT_TRUE(entry.cold.empty());
  entry.want_ids(wanted);
  EXPECT_EQ(entry.uuid(), found.uuid);
  EXPECT_EQ(entry.wanted_ids(), wanted);
}

TEST(Table, WhatWasWrittenWhileAnAuditReadsKeepsItsSlot) {
  Table table;
  const auto id = network(table, "d:p:a");
  table[id].told = 7;
  table.free_unused({}, 7);
  EXPECT_EQ(table.in_use(), 1U);
  table.free_unused({}, 8);
  EXPECT_EQ(table.in_use(), 0U);
}

// Each Pod has entries of its own names; they go with it.
TEST(Table, ItsSizeIsThatOfWhatIsThereNotOfWhatWas) {
  auto setup = demo_setup();
  setup.settings.address_cool_down = std::chrono::milliseconds(1);
  World world(setup.settings);
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(comes_to_rest(world));
  std::size_t largest = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto name = "worker-" + std::to_string(i);
    world.apply(make_pod("gb", name, "worker", {.uses = "redis-master"}));
    if (i % 3 != 0) ASSERT_TRUE(world.converge());
    world.remove_pod("gb/" + name);
    if (i % 5 != 0) ASSERT_TRUE(world.converge());
    if (i % 200 == 0) ASSERT_TRUE(world.audit());
    world.clear_log();
    largest = std::max(largest, world.engine().table().size());
  }
  EXPECT_LT(largest, 1'500U);
  ASSERT_TRUE(comes_to_rest(world));
  EXPECT_TRUE(is_as_wanted(world, setup));
  EXPECT_TRUE(stays_as_it_is(world));
}

}  // namespace
}  // namespace knm::test
