#include "controller/plan/table.hpp"

#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

// Unused slots are reused, but never a slot that anything still refers to.
namespace knm::test {
namespace {

using contrail::Type;

constexpr auto no_audit = ~std::uint64_t{0};

SlotId network(Table& table, const std::string& name) { return table.slot(Type::virtual_network, name); }

TEST(Table, AnUnusedSlotIsReused) {
  Table table;
  const auto a = network(table, "d:p:a");
  network(table, "d:p:b");
  table[a].want({}, {});
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 1U);
  EXPECT_EQ(table.find(Type::virtual_network, "d:p:b"), no_slot);
  EXPECT_EQ(table.find(Type::virtual_network, "d:p:a"), a);
  const auto c = table.slot(Type::network_policy, "d:p:c");
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table[c].name().view(), "d:p:c");
  EXPECT_EQ(table[c].type(), Type::network_policy);
  table.free_unused({}, no_audit);
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 1U);
}

// A pair found among 600 million names that have the same hash under the key of the tests. Such a pair can exist under
// any key.
TEST(Table, TwoNamesWithTheSameHashAreTwoEntries) {
  const std::string one = "a:b:01dac4d0", other = "a:b:23a20558";
  ASSERT_EQ(name_hash(Type::virtual_network, one), name_hash(Type::virtual_network, other));
  Table table;
  const auto a = network(table, one), b = network(table, other);
  ASSERT_NE(a, b);
  EXPECT_EQ(table[a].name(), one);
  EXPECT_EQ(table[b].name(), other);
  table[b].want({}, {});
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.find(Type::virtual_network, one), no_slot);
  EXPECT_EQ(table.find(Type::virtual_network, other), b);
}

TEST(Table, AnEntryThatIsReferredToKeepsItsSlot) {
  Table table;
  const auto keeper = network(table, "d:p:keeper");
  const auto dependency = network(table, "d:p:dependency"), reserved = network(table, "d:p:reserved"),
             queued = network(table, "d:p:queued"), in_flight = network(table, "d:p:in-flight"),
             verified = network(table, "d:p:looked-for"), external = network(table, "d:p:external"),
             outliving = network(table, "d:p:outliving"), project = table.slot(Type::project, "d:p");
  table[keeper].want({}, {{}, {{}, 1}, {{dependency, false}}});
  table[keeper].reserve_for(reserved);
  table[queued].queued();
  table[in_flight].sent();
  table[verified].verify(Verify::by_uuid);
  table.retain(outliving, project);
  std::vector<bool> needed(table.size());
  needed[external] = true;
  table.free_unused(needed, no_audit);
  EXPECT_EQ(table.in_use(), table.size());
  table[keeper].want({}, {{}, {{}, 2}, {}});
  table[keeper].reserve_for(no_slot);
  table[queued].dequeued();
  table[in_flight].answered();
  table[verified].verified();
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 3U);  // the keeper, and the entries that the configuration names
}

TEST(Table, AnUnusedEntryDoesNotWait) {
  Table table;
  const auto awaited = network(table, "d:p:awaited"), waiter = network(table, "d:p:waiter"),
             former = network(table, "d:p:former");
  table[awaited].want({}, {});
  table[waiter].want({}, {});
  table.wait_for(awaited, former);
  table.wait_for(awaited, waiter);
  table.free_unused({}, no_audit);
  EXPECT_EQ(table.in_use(), 2U);
  EXPECT_EQ(table.take_waiters(awaited), SlotList{waiter});
}

// A reused slot must not keep anything of its former entry.
TEST(Table, NoEntryWaitsForAnErasedEntry) {
  Table table;
  const auto awaited = network(table, "d:p:awaited"), waiter = network(table, "d:p:waiter");
  table[waiter].want({}, {});
  table.wait_for(awaited, waiter);
  table.wait_for(awaited, waiter);
  table.free_unused({}, no_audit);
  ASSERT_EQ(network(table, "d:p:another"), awaited);
  EXPECT_TRUE(table.take_waiters(awaited).empty());
  table.wait_for(awaited, waiter);
  EXPECT_EQ(table.take_waiters(awaited), SlotList{waiter});
  EXPECT_TRUE(table.take_waiters(awaited).empty());
}

TEST(Table, AnEntryWrittenDuringAnAuditKeepsItsSlot) {
  Table table;
  const auto id = network(table, "d:p:a");
  table[id].confirm(7);
  table.free_unused({}, 7);
  EXPECT_EQ(table.in_use(), 1U);
  table.free_unused({}, 8);
  EXPECT_EQ(table.in_use(), 0U);
}

// Each Pod has entries with its own names; they are erased with it.
TEST(Table, TheSizeFollowsTheExistingObjects) {
  auto setup = demo_setup();
  setup.settings.address_cool_down = std::chrono::milliseconds(1);
  World world(setup.settings);
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
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
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(is_as_desired(world, setup));
  EXPECT_TRUE(audits_and_restart_write_nothing(world));
}

}  // namespace
}  // namespace knm::test
