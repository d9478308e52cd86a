#include "controller/plan/uuid_index.hpp"

#include <gtest/gtest.h>

#include "controller/plan/table.hpp"

namespace knm::test {
namespace {

TEST(UuidIndexTest, FindsEachSlotUntilItHasAnotherUuid) {
  std::vector<contrail::Uuid> uuids;
  for (int i = 0; i < 5000; ++i) uuids.push_back(contrail::uuid_v5({}, std::to_string(i)));
  Table table;
  const auto set = [&](int i, bool exists) {
    const auto id = table.slot(contrail::Type::virtual_machine, std::to_string(i));
    if (exists) table[id].identify({{uuids[static_cast<std::size_t>(i)], 0}, Ownership::owned});
    table.set_observed(id, exists, {});
    return id;
  };
  for (int i = 0; i < 100; ++i) set(i, true);
  EXPECT_EQ(table.find(uuids[7]), no_slot) << "no index was asked for";
  table.index_uuids();
  for (int i = 100; i < 5000; ++i) set(i, true);
  for (int i = 0; i < 5000; ++i) {
    const auto id = table.find(uuids[static_cast<std::size_t>(i)]);
    ASSERT_NE(id, no_slot);
    EXPECT_EQ(table[id].name().view(), std::to_string(i));
  }
  EXPECT_EQ(table.find(contrail::uuid_v5({}, "another")), no_slot);
  // Deleted, and the slots used again.
  for (int i = 0; i < 5000; ++i) set(i, false);
  table.free_unused({}, ~std::uint64_t{0});
  EXPECT_EQ(table.find(uuids[7]), no_slot);
  for (int round = 0; round < 20; ++round) {
    set(7, true);
    EXPECT_NE(table.find(uuids[7]), no_slot);
    set(7, false);
    table.free_unused({}, ~std::uint64_t{0});
  }
}

}  // namespace
}  // namespace knm::test
