#include "controller/engine/progress_counts.hpp"

#include <gtest/gtest.h>

// The counts of the metrics follow each turn. The property tests compare them with a walk over all entries.
namespace knm {
namespace {

using contrail::Type;

Ids ids() { return {uuid_of_uid("uid"), identity_of("uid")}; }

class ProgressCountsTest : public testing::Test {
 protected:
  std::size_t networks(Progress progress) const { return counts_.count(Type::virtual_network, progress); }
  std::size_t all_networks() const {
    std::size_t out = 0;
    for (int i = 0; i < progress_count; ++i) out += networks(static_cast<Progress>(i));
    return out;
  }
  void desire() { table_[id_].want({}, {{}, ids(), {}}); }
  void decide(Step step) {
    Action action;
    action.step = step;
    counts_.decided(id_, action);
  }

  Table table_;
  ProgressCounts counts_{table_};
  SlotId id_ = table_.slot(Type::virtual_network, "d:p:n");
};

TEST_F(ProgressCountsTest, AnEntryIsCountedOnceWithItsLastProgress) {
  desire();
  counts_.changed(id_);
  counts_.changed(id_);
  EXPECT_EQ(networks(Progress::due), 1U);
  decide(Step::wait_for);
  EXPECT_EQ(networks(Progress::waiting), 1U);
  decide(Step::create);
  EXPECT_EQ(networks(Progress::due), 1U);
  table_[id_].sent();
  counts_.changed(id_);
  EXPECT_EQ(networks(Progress::in_flight), 1U);
  table_[id_].answered();
  decide(Step::nothing);
  EXPECT_EQ(networks(Progress::settled), 1U);
  EXPECT_EQ(all_networks(), 1U);
}

TEST_F(ProgressCountsTest, AnUnownedUndesiredEntryIsNotCounted) {
  counts_.changed(id_);
  decide(Step::nothing);
  EXPECT_EQ(all_networks(), 0U);
}

TEST_F(ProgressCountsTest, AnEntryThatIsNoLongerDesiredIsNotCounted) {
  desire();
  counts_.changed(id_);
  table_[id_].release({});
  counts_.changed(id_);
  EXPECT_EQ(all_networks(), 0U);
}

TEST_F(ProgressCountsTest, AHeldDeletionIsCountedByItsReason) {
  table_[id_].identify({ids(), Ownership::owned});
  table_.set_observed(id_, true, {});
  table_[id_].hold(DeletionHold::guard);
  decide(Step::hold);
  EXPECT_EQ(networks(Progress::held), 1U);
  EXPECT_EQ(counts_.held(DeletionHold::guard), 1U);
  table_[id_].end_hold();
  table_[id_].hold(DeletionHold::occupied);
  decide(Step::hold);
  EXPECT_EQ(networks(Progress::held), 1U);
  EXPECT_EQ(counts_.held(DeletionHold::guard), 0U);
  EXPECT_EQ(counts_.held(DeletionHold::occupied), 1U);
}

TEST_F(ProgressCountsTest, AFailureCountsAsBackingOff) {
  desire();
  table_[id_].failed("refused", Time{1});
  decide(Step::later);
  EXPECT_EQ(networks(Progress::backing_off), 1U);
}

}  // namespace
}  // namespace knm
