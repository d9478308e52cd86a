#include "k8sclient/leader/lease_machine.hpp"

#include <gtest/gtest.h>

#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

using namespace std::chrono_literals;

LeaseSettings settings_of(const std::string& identity) {
  LeaseSettings settings;
  settings.identity = identity;
  return settings;
}

// Each step has a time of its own: seconds since the start.
struct LeaseMachineTest : testing::Test {
  static LeaseMachine::Time at(std::chrono::milliseconds time) { return LeaseMachine::Time(time); }
  void step(std::chrono::milliseconds time, const LeaseInput& input, double random = 0) {
    machine.step(input, {at(time), WallTime(1000h) + wall_skew + time}, random);
  }
  static Lease held_by(const std::string& holder, std::uint64_t version, const std::string& renewed = "r") {
    return {{holder, 15s, 3, "a", renewed}, version};
  }
  template <class Command>
  const Command& command() const {
    EXPECT_TRUE(std::holds_alternative<Command>(machine.command())) << machine.command().index();
    static const Command none{};
    const auto* found = std::get_if<Command>(&machine.command());
    return found ? *found : none;
  }
  bool reads() const { return std::holds_alternative<ReadLease>(machine.command()); }
  bool waits() const { return std::holds_alternative<WaitUntil>(machine.command()); }
  // Leader of a lease that it created at 0 s, as of version 1.
  void elect() {
    step(0s, LeaseMissing{});
    step(0s, LeaseWritten{1});
    ASSERT_EQ(machine.leader_until(), at(10s));
  }

  WallTime::duration wall_skew{};
  LeaseMachine machine{settings_of("me")};
};

TEST_F(LeaseMachineTest, CreatesAMissingLeaseAndLeads) {
  EXPECT_TRUE(reads());
  EXPECT_FALSE(machine.leader_until());
  step(1s, LeaseMissing{});
  const auto& spec = command<CreateLease>().spec;
  EXPECT_EQ(spec.holder, "me");
  EXPECT_EQ(spec.duration, 15s);
  EXPECT_EQ(spec.transitions, 0u);
  EXPECT_EQ(spec.renew_time, "1970-02-11T16:00:01.000000Z");
  EXPECT_EQ(spec.acquire_time, spec.renew_time);
  EXPECT_FALSE(machine.leader_until()) << "not before the answer";
  step(2s, LeaseWritten{7});
  EXPECT_EQ(machine.leader_until(), at(11s)) << "counted from the begin of the write";
  EXPECT_TRUE(machine.is_leader(at(11s) - 1ns));
  EXPECT_FALSE(machine.is_leader(at(11s)));
  EXPECT_EQ(command<WaitUntil>().time, at(4s));
}

TEST_F(LeaseMachineTest, RenewsWithoutAReadAndKeepsTheTimeOfAcquisition) {
  elect();
  const auto acquired = machine.lease()->spec.acquire_time;
  step(2s, LeaseWaited{});
  const auto renewal = command<UpdateLease>().lease;
  EXPECT_EQ(renewal.resource_version, 1u);
  EXPECT_EQ(renewal.spec.acquire_time, acquired);
  EXPECT_GT(renewal.spec.renew_time, acquired);
  EXPECT_EQ(renewal.spec.transitions, 0u);
  step(3s, LeaseWritten{2});
  EXPECT_EQ(machine.leader_until(), at(12s));
  step(5s, LeaseWaited{});
  EXPECT_EQ(command<UpdateLease>().lease.resource_version, 2u);
}

TEST_F(LeaseMachineTest, TheJitterIsAFifthOfTheRetryPeriod) {
  step(0s, LeaseRead{held_by("other", 1)}, 0.5);
  EXPECT_EQ(command<WaitUntil>().time, at(2200ms));
}

TEST_F(LeaseMachineTest, TakesAFreeLeaseAtOnce) {
  step(0s, LeaseRead{held_by("", 8)});
  const auto& taken = command<UpdateLease>().lease;
  EXPECT_EQ(taken.resource_version, 8u);
  EXPECT_EQ(taken.spec.holder, "me");
  EXPECT_EQ(taken.spec.transitions, 4u);
  EXPECT_NE(taken.spec.acquire_time, "a");
}

TEST_F(LeaseMachineTest, TakesOverWhatDidNotChangeForItsDuration) {
  step(100s, LeaseRead{held_by("other", 8)});
  step(102s, LeaseWaited{});
  EXPECT_TRUE(reads());
  step(114s, LeaseRead{held_by("other", 8)});
  EXPECT_TRUE(waits());
  step(116s, LeaseWaited{});
  step(116s, LeaseRead{held_by("other", 8)});
  const auto& taken = command<UpdateLease>().lease;
  EXPECT_EQ(taken.spec.holder, "me");
  EXPECT_EQ(taken.spec.transitions, 4u);
  EXPECT_EQ(taken.spec.acquire_time, taken.spec.renew_time);
  step(117s, LeaseWritten{9});
  EXPECT_EQ(machine.leader_until(), at(126s));
}

TEST_F(LeaseMachineTest, EveryRenewalThatItSeesStartsTheDurationAgain) {
  step(0s, LeaseRead{held_by("other", 1, "r1")});
  step(2s, LeaseWaited{});
  step(14s, LeaseRead{held_by("other", 2, "r2")});
  step(16s, LeaseWaited{});
  step(28s, LeaseRead{held_by("other", 2, "r2")});
  EXPECT_TRUE(waits()) << "28 s after the first sight, 14 s after the change";
  step(30s, LeaseWaited{});
  step(30s, LeaseRead{held_by("other", 2, "r2")});
  EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "me");
}

TEST_F(LeaseMachineTest, AChangeOfAnotherFieldIsNoRenewal) {
  step(0s, LeaseRead{held_by("other", 1)});
  step(2s, LeaseWaited{});
  step(16s, LeaseRead{held_by("other", 2)});
  EXPECT_EQ(command<UpdateLease>().lease.resource_version, 2u);
}

TEST_F(LeaseMachineTest, TheDurationInTheLeaseCounts) {
  auto lease = held_by("other", 1);
  lease.spec.duration = 60s;
  step(0s, LeaseRead{lease});
  step(2s, LeaseWaited{});
  step(59s, LeaseRead{lease});
  EXPECT_TRUE(waits());
  step(61s, LeaseWaited{});
  step(61s, LeaseRead{lease});
  EXPECT_EQ(command<UpdateLease>().lease.spec.duration, 15s);
}

TEST_F(LeaseMachineTest, ALeaseWithoutADurationHasTheConfiguredOne) {
  auto lease = held_by("other", 1);
  lease.spec.duration = 0s;
  step(0s, LeaseRead{lease});
  EXPECT_TRUE(waits());
  step(2s, LeaseWaited{});
  step(15s, LeaseRead{lease});
  EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "me");
}

// The holder's wall clock is far behind or ahead: neither makes the lease expired or valid.
TEST_F(LeaseMachineTest, TheTimesInTheLeaseAreNotComparedWithAClock) {
  for (const char* renewed : {"1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z", "garbage", ""}) {
    machine = LeaseMachine(settings_of("me"));
    step(0s, LeaseRead{held_by("other", 1, renewed)});
    EXPECT_TRUE(waits()) << renewed;
    step(2s, LeaseWaited{});
    step(15s, LeaseRead{held_by("other", 1, renewed)});
    EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "me") << renewed;
  }
}

TEST_F(LeaseMachineTest, AWallClockThatGoesBackDoesNotEndALeadership) {
  elect();
  wall_skew = -500h;
  step(2s, LeaseWaited{});
  EXPECT_LT(command<UpdateLease>().lease.spec.renew_time, machine.lease()->spec.renew_time);
  step(2s, LeaseWritten{2});
  EXPECT_EQ(machine.leader_until(), at(12s));
}

TEST_F(LeaseMachineTest, ARenewalChangesTheLeaseEvenIfTheWallClockStandsStill) {
  elect();
  wall_skew = -2s;
  step(2s, LeaseWaited{});
  EXPECT_NE(command<UpdateLease>().lease.spec.renew_time, machine.lease()->spec.renew_time);
}

TEST_F(LeaseMachineTest, ACandidateThatLosesTheRaceWaits) {
  step(0s, LeaseRead{held_by("", 8)});
  step(1s, LeaseWriteFailure::conflict);
  EXPECT_FALSE(machine.leader_until());
  EXPECT_TRUE(waits());
  step(3s, LeaseWaited{});
  EXPECT_TRUE(reads());
}

TEST_F(LeaseMachineTest, ALeaderWithAConflictReadsAtOnceAndStopsIfAnotherHoldsTheLease) {
  elect();
  step(2s, LeaseWaited{});
  step(3s, LeaseWriteFailure::conflict);
  EXPECT_TRUE(reads());
  EXPECT_TRUE(machine.leader_until());
  step(3s, LeaseRead{held_by("other", 5)});
  EXPECT_FALSE(machine.leader_until());
  EXPECT_TRUE(waits());
}

TEST_F(LeaseMachineTest, ALeaderStopsIfTheLeaseWasFreedByAnother) {
  elect();
  step(2s, LeaseWaited{});
  step(3s, LeaseWriteFailure::conflict);
  step(3s, LeaseRead{held_by("", 5)});
  EXPECT_FALSE(machine.leader_until()) << "another instance may take it at this moment";
  EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "me");
}

TEST_F(LeaseMachineTest, ConflictsInARowDoNotLoop) {
  elect();
  step(2s, LeaseWaited{});
  step(2s, LeaseWriteFailure::conflict);
  step(2s, LeaseRead{held_by("me", 5)});
  EXPECT_EQ(command<UpdateLease>().lease.resource_version, 5u);
  step(2s, LeaseWriteFailure::conflict);
  EXPECT_TRUE(waits());
  step(4s, LeaseWaited{});
  EXPECT_TRUE(reads()) << "the known version is not the present one";
}

TEST_F(LeaseMachineTest, ALeaderThatCannotRenewStopsAtTheRenewDeadline) {
  elect();
  step(2s, LeaseWaited{});
  step(6s, LeaseWriteFailure::unknown);
  EXPECT_TRUE(reads());
  step(9s, ReadFailed{});
  EXPECT_EQ(command<WaitUntil>().time, at(10s)) << "not beyond the end of the term";
  EXPECT_TRUE(machine.leader_until());
  step(10s, LeaseWaited{});
  EXPECT_FALSE(machine.leader_until()) << "5 s before another instance may follow";
  EXPECT_TRUE(reads());
}

TEST_F(LeaseMachineTest, ALostAnswerIsNotBelievedUntilTheLeaseIsRead) {
  step(0s, LeaseMissing{});
  step(4s, LeaseWriteFailure::unknown);
  EXPECT_FALSE(machine.leader_until());
  step(6s, LeaseWaited{});
  EXPECT_TRUE(reads());
  // It was carried out.
  step(7s, LeaseRead{held_by("me", 3)});
  EXPECT_FALSE(machine.leader_until()) << "its write may be old; only the next one counts";
  EXPECT_EQ(command<UpdateLease>().lease.resource_version, 3u);
  step(8s, LeaseWritten{4});
  EXPECT_EQ(machine.leader_until(), at(17s));
}

TEST_F(LeaseMachineTest, ALostAnswerToARenewalDoesNotExtendTheTerm) {
  elect();
  step(2s, LeaseWaited{});
  step(6s, LeaseWriteFailure::unknown);
  step(6s, LeaseRead{held_by("me", 2)});
  EXPECT_EQ(machine.leader_until(), at(10s));
  step(7s, LeaseWritten{3});
  EXPECT_EQ(machine.leader_until(), at(16s));
}

// The process was stopped, or starved, for longer than the term.
TEST_F(LeaseMachineTest, APauseEndsTheTermBeforeAnythingElse) {
  elect();
  step(2s, LeaseWaited{});
  EXPECT_FALSE(machine.is_leader(at(60s))) << "even before the next step";
  step(60s, LeaseWritten{2});
  EXPECT_FALSE(machine.leader_until());
  step(62s, LeaseWaited{});
  EXPECT_TRUE(reads());
  step(62s, LeaseRead{held_by("other", 9)});
  EXPECT_TRUE(waits());
}

TEST_F(LeaseMachineTest, AStepDoesNotEndATermAndBeginAnother) {
  elect();
  step(9s, LeaseWaited{});
  step(11s, LeaseWritten{2});
  EXPECT_FALSE(machine.leader_until()) << "the term ended at 10 s, and its end must be noticed";
  step(13s, LeaseWaited{});
  step(13s, LeaseRead{held_by("me", 2)});
  step(13s, LeaseWritten{3});
  EXPECT_EQ(machine.leader_until(), at(23s));
}

TEST_F(LeaseMachineTest, AnAnswerAfterTheDeadlineBeginsNoTerm) {
  step(0s, LeaseMissing{});
  step(10s, LeaseWritten{1});
  EXPECT_FALSE(machine.leader_until());
  EXPECT_EQ(machine.lease()->resource_version, 1u);
}

TEST_F(LeaseMachineTest, AnInstanceThatFindsItsOwnIdentityRenewsAtOnce) {
  step(0s, LeaseRead{held_by("me", 4)});
  const auto& renewal = command<UpdateLease>().lease;
  EXPECT_EQ(renewal.spec.transitions, 3u);
  EXPECT_EQ(renewal.spec.acquire_time, "a");
  EXPECT_FALSE(machine.leader_until());
}

TEST_F(LeaseMachineTest, ADeletedLeaseIsCreatedAgainByTheLeader) {
  elect();
  step(2s, LeaseWaited{});
  step(2s, LeaseWriteFailure::failed);
  EXPECT_TRUE(reads());
  step(3s, LeaseMissing{});
  EXPECT_TRUE(machine.is_leader(at(3s)));
  EXPECT_EQ(command<CreateLease>().spec.holder, "me");
  step(3s, LeaseWritten{9});
  EXPECT_EQ(machine.leader_until(), at(13s));
}

// The deletion is no release: the leader finds out at its next renewal only.
TEST_F(LeaseMachineTest, ADeletedLeaseIsNotTakenBeforeItsDurationIsOver) {
  step(0s, LeaseRead{held_by("other", 1)});
  step(2s, LeaseWaited{});
  step(14s, LeaseMissing{});
  EXPECT_TRUE(waits());
  step(16s, LeaseWaited{});
  step(28s, LeaseMissing{});
  EXPECT_TRUE(waits());
  step(30s, LeaseWaited{});
  step(30s, LeaseMissing{});
  EXPECT_EQ(command<CreateLease>().spec.transitions, 4u);
}

TEST_F(LeaseMachineTest, AnUnreadableLeaseIsNeverWritten) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(reads());
    step(std::chrono::seconds(2 * i), ReadFailed{});
    EXPECT_TRUE(waits());
    step(std::chrono::seconds(2 * i + 1), LeaseWaited{});
  }
}

TEST_F(LeaseMachineTest, ReleasesItsLease) {
  elect();
  step(3s, ReleaseAsked{});
  EXPECT_FALSE(machine.leader_until());
  const auto& freed = command<UpdateLease>().lease;
  EXPECT_EQ(freed.resource_version, 1u);
  EXPECT_EQ(freed.spec.holder, "");
  EXPECT_EQ(freed.spec.duration, 1s);
  EXPECT_EQ(freed.spec.transitions, 0u);
  step(4s, LeaseWritten{2});
  command<LeaseGivenUp>();
  EXPECT_FALSE(machine.leader_until());
}

TEST_F(LeaseMachineTest, AReleaseAfterAnUnfinishedWriteReadsFirst) {
  elect();
  step(2s, LeaseWaited{});
  step(3s, ReleaseAsked{});
  EXPECT_TRUE(reads());
  step(3s, LeaseRead{held_by("me", 2)});
  EXPECT_EQ(command<UpdateLease>().lease.resource_version, 2u);
  EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "");
  step(3s, LeaseWriteFailure::conflict);
  EXPECT_TRUE(reads());
  step(3s, LeaseRead{held_by("other", 3)});
  command<LeaseGivenUp>();
}

TEST_F(LeaseMachineTest, AReleaseAfterAWriteWithoutAnAnswerReadsFirst) {
  step(0s, LeaseMissing{});
  step(1s, LeaseWriteFailure::unknown);
  EXPECT_TRUE(waits());
  step(1s, ReleaseAsked{});
  EXPECT_TRUE(reads());
  step(1s, LeaseRead{held_by("me", 1)});
  EXPECT_EQ(command<UpdateLease>().lease.spec.holder, "");
}

TEST_F(LeaseMachineTest, AReleaseIsTriedThreeTimes) {
  elect();
  step(3s, ReleaseAsked{});
  int writes = 0;
  for (; writes < 10 && std::holds_alternative<UpdateLease>(machine.command()); ++writes) {
    step(4s, LeaseWriteFailure::unknown);
    if (reads()) step(4s, LeaseRead{held_by("me", 2)});
  }
  EXPECT_EQ(writes, 3);
  command<LeaseGivenUp>();
}

TEST_F(LeaseMachineTest, WithoutALeaseThereIsNothingToRelease) {
  step(0s, ReleaseAsked{});
  command<LeaseGivenUp>();
  machine = LeaseMachine(settings_of("me"));
  step(0s, LeaseRead{held_by("other", 1)});
  step(1s, ReleaseAsked{});
  command<LeaseGivenUp>();
}

TEST(LeaseSettings, MustFitTogether) {
  const auto refusal = [](auto change) {
    auto settings = settings_of("me");
    change(settings);
    const auto checked = check(settings);
    EXPECT_FALSE(!checked && checked.error().code != errc::bad_config);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_EQ(refusal([](auto& s) { s.identity = ""; }), "leader election: the identity of this instance is empty");
  EXPECT_EQ(refusal([](auto& s) { s.duration = 10s; }),
            "leader election: the lease duration (10000 ms) must be longer than the renew deadline (10000 ms)");
  EXPECT_EQ(refusal([](auto& s) { s.retry_period = 9s; }),
            "leader election: the renew deadline (10000 ms) must be longer than 1.2 retry periods (10800 ms)");
  EXPECT_EQ(refusal([](auto& s) { s.request_timeout = 5s; }),
            "leader election: the request time-out (5000 ms) must be shorter than the lease duration minus the renew "
            "deadline (5000 ms)");
  EXPECT_NE(refusal([](auto& s) { s.retry_period = 0s; }), "");
  EXPECT_NE(refusal([](auto& s) { s.request_timeout = 0s; }), "");
}

}  // namespace
}  // namespace k8s
