#include "controller/plan/entry.hpp"

#include <gtest/gtest.h>

#include "controller/plan/table.hpp"

// The states of an entry (DESIGN.md), and their transitions.
namespace knm {
namespace {

using contrail::Type;

Ids ids(const char* uid) { return {uuid_of_uid(uid), identity_of(uid)}; }

class EntryTest : public testing::Test {
 protected:
  // A change of the desired object for a Kubernetes object with this UID.
  bool desire(const char* uid) { return entry().want({}, {{}, ids(uid), {}}); }
  void observe(const char* uid, Ownership ownership = Ownership::owned) {
    entry().identify({ids(uid), ownership});
    table_.set_observed(id_, true, {});
  }
  void vanish() { table_.set_observed(id_, false, {}); }
  Entry& entry() { return table_[id_]; }

  Table table_;
  SlotId id_ = table_.slot(Type::virtual_network, "d:p:n");
};

TEST_F(EntryTest, EqualDesiredAndObservedIdsAreStoredOnce) {
  desire("first");
  observe("first");
  EXPECT_FALSE(entry().has_cold_state());
  desire("second");
  EXPECT_EQ(entry().uuid(), ids("first").uuid);
  EXPECT_EQ(entry().identity(), ids("first").identity);
  EXPECT_EQ(entry().desired_ids(), ids("second"));
  observe("third");
  EXPECT_EQ(entry().uuid(), ids("third").uuid);
  EXPECT_EQ(entry().desired_ids(), ids("second"));
  observe("second");
  EXPECT_EQ(entry().desired_ids(), ids("second"));
  EXPECT_FALSE(entry().has_cold_state());
}

TEST_F(EntryTest, AChangeOfDesiredIdsKeepsTheUuidThatIsVerified) {
  desire("sent");
  entry().verify(Verify::by_uuid);
  desire("desired");
  EXPECT_EQ(entry().uuid(), ids("sent").uuid);
  EXPECT_EQ(entry().desired_ids(), ids("desired"));
}

TEST_F(EntryTest, AnObservedObjectKeepsItsIdsWhenItIsDesired) {
  observe("found");
  EXPECT_FALSE(entry().has_cold_state());
  desire("desired");
  EXPECT_EQ(entry().uuid(), ids("found").uuid);
  EXPECT_EQ(entry().desired_ids(), ids("desired"));
}

TEST_F(EntryTest, AnUnchangedDesireIsNoChange) {
  EXPECT_TRUE(desire("a"));
  EXPECT_FALSE(desire("a"));
  EXPECT_TRUE(desire("b"));
  entry().release({});
  EXPECT_TRUE(desire("b"));
}

TEST_F(EntryTest, ADesireEndsADeletionHold) {
  observe("a");
  entry().hold(DeletionHold::unexplained);
  EXPECT_TRUE(entry().is_held());
  desire("a");
  EXPECT_FALSE(entry().is_held());
}

TEST_F(EntryTest, ADesireThatEndsADeletionHoldIsAChange) {
  desire("successor");
  observe("predecessor");
  entry().hold(DeletionHold::occupied);
  EXPECT_TRUE(desire("successor"));
  EXPECT_FALSE(desire("successor"));
}

TEST_F(EntryTest, AMissingObjectHasNoOwnerNoHoldAndNoItems) {
  entry().identify({ids("a"), Ownership::owned, true, false});
  table_.set_observed(id_, true, {});
  EXPECT_TRUE(entry().is_adopted());
  EXPECT_TRUE(entry().is_of_former_cluster());
  entry().hold(DeletionHold::guard);
  entry().deletion_refused();
  entry().dependents_listed();
  entry().keep_items({1, 2});
  entry().set_foreign_rules({{uuid_of_uid("x"), {}, {}, false, "{}"}});
  vanish();
  EXPECT_TRUE(entry().is_consistent());
  EXPECT_EQ(entry().ownership(), Ownership::unowned);
  EXPECT_FALSE(entry().is_held());
  EXPECT_FALSE(entry().is_adopted());
  EXPECT_FALSE(entry().is_of_former_cluster());
  EXPECT_FALSE(entry().dependents_are_listed());
  EXPECT_FALSE(entry().deletion_was_refused());
  EXPECT_TRUE(entry().cold().kept.empty());
  EXPECT_TRUE(entry().cold().foreign_rules.empty());
}

TEST_F(EntryTest, ARepeatedReadKeepsTheAdoption) {
  entry().identify({ids("a"), Ownership::unowned, false, false});
  table_.set_observed(id_, true, {});
  desire("b");
  entry().owned(ids("b").identity, ids("b").uuid);
  EXPECT_TRUE(entry().is_adopted()) << "the uuid that was found is not the derived one";
  EXPECT_EQ(entry().ownership(), Ownership::owned);
  entry().identify({{ids("a").uuid, ids("b").identity}, Ownership::owned, false, true});
  EXPECT_TRUE(entry().is_adopted());
  entry().identify({ids("b"), Ownership::owned, false, true});
  EXPECT_FALSE(entry().is_adopted()) << "another object has the name";
}

TEST_F(EntryTest, AnObjectOfSeveralClustersIsSharedAfterAWrite) {
  entry().set_sharing(true, true);
  desire("a");
  entry().created(ids("a"));
  table_.set_observed(id_, true, {});
  EXPECT_EQ(entry().ownership(), Ownership::shared);
}

TEST_F(EntryTest, RepeatedReadsDetectADuplicateClusterName) {
  desire("a");
  entry().verify(Verify::by_uuid);
  EXPECT_FALSE(entry().is_duplicate());
  for (const auto by : {Verify::duplicate_by_uuid, Verify::duplicate_by_name, Verify::duplicate_by_found_uuid}) {
    entry().verify(by);
    EXPECT_TRUE(entry().is_duplicate());
    EXPECT_TRUE(entry().must_verify());
  }
  entry().verified();
  EXPECT_FALSE(entry().must_verify());
}

TEST_F(EntryTest, ARequestClosesTheBatchWindow) {
  desire("a");
  entry().open_batch(Time{7});
  entry().sent();
  EXPECT_EQ(entry().cold().batch_until, Time{0});
  EXPECT_TRUE(entry().is_in_flight());
  entry().answered();
  EXPECT_FALSE(entry().is_in_flight());
}

TEST_F(EntryTest, FailuresAreCountedUntilASuccess) {
  desire("a");
  EXPECT_EQ(entry().failed("HTTP 500", Time{5}), 1U);
  EXPECT_EQ(entry().failed("HTTP 503", Time{9}), 2U);
  EXPECT_EQ(entry().cold().error.view(), "HTTP 503");
  EXPECT_EQ(entry().cold().not_before, Time{9});
  entry().failed_often(5, "refused", Time{20});
  EXPECT_EQ(entry().failed("HTTP 500", Time{30}), 6U);
  entry().forget_failures();
  EXPECT_EQ(entry().cold().attempts, 0U);
  EXPECT_EQ(entry().cold().error.view(), "HTTP 500") << "the error stays readable until a success";
  entry().succeeded();
  EXPECT_TRUE(entry().cold().error.empty());
}

TEST_F(EntryTest, AReleasedEntryHasNoConflictAndIsNotDesired) {
  desire("a");
  entry().conflict_began();
  entry().give_way();
  entry().release({});
  EXPECT_TRUE(entry().is_consistent());
  EXPECT_FALSE(entry().is_in_conflict());
  EXPECT_FALSE(entry().gives_way());
  EXPECT_FALSE(entry().is_desired());
}

TEST_F(EntryTest, AKubernetesValueExistsWhileItIsDesired) {
  auto& text = table_[table_.slot(TargetApi::pod_state, Type::project, "ns/a")];
  EXPECT_TRUE(text.want_text({}, digests_of_text("x"), {}));
  EXPECT_FALSE(text.want_text({}, digests_of_text("x"), {}));
  EXPECT_TRUE(text.exists());
  EXPECT_TRUE(text.observe_text(digests_of_text("x")));
  EXPECT_FALSE(text.observe_text(digests_of_text("x")));
  text.release({});
  EXPECT_FALSE(text.exists());
  EXPECT_TRUE(text.is_consistent());
}

#ifndef NDEBUG
using EntryDeathTest = EntryTest;

TEST_F(EntryDeathTest, InconsistentStatesFailAnAssertion) {
  EXPECT_DEATH(entry().hold(DeletionHold::occupied), "is_consistent");
  EXPECT_DEATH(entry().conflict_began(), "is_consistent");
  EXPECT_DEATH(entry().dependents_listed(), "is_consistent");
  EXPECT_DEATH(entry().keep_items({1}), "is_consistent");
  auto& text = table_[table_.slot(TargetApi::pod_state, Type::project, "ns/a")];
  text.want_text({}, {}, {});
  EXPECT_DEATH(text.verify(Verify::by_uuid), "is_consistent");
}
#endif

}  // namespace
}  // namespace knm
