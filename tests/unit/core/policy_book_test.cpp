#include "controller/bind/policy_book.hpp"

#include <gtest/gtest.h>

#include "controller/plan/field_digests.hpp"

// The known policies, from sets that are made by hand.
namespace knm::test {
namespace {

constexpr std::size_t roomy = 900'000;
const Unit unit{UnitKind::service_tier, "a/db"}, other{UnitKind::external_network, "a/db"};
const PolicyUsers::Names users{"d:a:one", "d:a:two", "d:a:three"}, destinations{"d:a:service-db"};

TierSet tiers(const std::vector<std::string>& keys) {
  TierSet out;
  for (const auto& key : keys) out.insert(PackedText(key));
  return out;
}

TEST(PolicyBook, APolicyWithFewUsersIsNotRemembered) {
  EXPECT_FALSE(PolicyBook::is_worth_remembering(2));
  EXPECT_TRUE(PolicyBook::is_worth_remembering(3));
}

TEST(PolicyBook, APolicyIsKnownUntilItIsForgotten) {
  PolicyBook book(roomy);
  EXPECT_FALSE(book.knows(unit));
  book.remember(unit, users, destinations, false, 1);
  EXPECT_TRUE(book.knows(unit));
  EXPECT_FALSE(book.knows(other)) << "a key belongs to one kind";
  book.forget(unit);
  EXPECT_FALSE(book.knows(unit));
}

TEST(PolicyBook, TheChangesOfARoundAreAppliedOnce) {
  PolicyBook book(roomy);
  book.remember(unit, users, destinations, false, 7);
  EXPECT_FALSE(book.begin_round(unit, 7)) << "this round bound the whole policy";
  EXPECT_TRUE(book.begin_round(unit, 8));
  EXPECT_FALSE(book.begin_round(unit, 8));
}

TEST(PolicyBook, ANewUserAddsARule) {
  PolicyBook book(roomy);
  book.remember(unit, users, destinations, false, 1);
  const auto change = book.move(unit, {{"d:a:four", true}, {"d:a:one", false}}, destinations);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->in, FieldDigests({rule_digest("d:a:four", "d:a:service-db")}));
  EXPECT_EQ(change->out, (std::vector{rule_digest("d:a:one", "d:a:service-db").key}));
  EXPECT_EQ(change->addresses, 0);
}

TEST(PolicyBook, AChangeBeyondTheLimitBindsTheWholePolicy) {
  const auto size = size_one_by_one(3, 3 * size_in_rules("d:a:three"), destinations);
  PolicyBook book(size * 18 / 17);
  book.remember(unit, users, destinations, false, 1);
  EXPECT_EQ(book.move(unit, {{"d:a:four", true}, {"d:a:five", true}}, destinations), std::nullopt);
  PolicyBook roomier(roomy);
  roomier.remember(unit, users, destinations, false, 1);
  EXPECT_NE(roomier.move(unit, {{"d:a:four", true}, {"d:a:five", true}}, destinations), std::nullopt);
}

TEST(PolicyBook, PairsWithoutARuleAreCounted) {
  PolicyBook book(roomy);
  EXPECT_EQ(book.left_out(unit), 0U);
  // Three users reach two tiers and one more network; a tier needs no rule for itself.
  book.note_left_out(unit, tiers({"a/x", "a/y", "a/z"}), tiers({"a/x", "a/w"}), 1, 5);
  EXPECT_EQ(book.left_out(unit), 3U);
  EXPECT_EQ(book.left_out(other), 0U);
  book.forget_left_out(unit);
  EXPECT_EQ(book.left_out(unit), 0U);
  book.note_left_out(unit, tiers({"a/x", "a/y", "a/z"}), tiers({"a/x", "a/w"}), 1, 8);
  EXPECT_EQ(book.left_out(unit), 0U) << "every pair has a rule";
}

}  // namespace
}  // namespace knm::test
