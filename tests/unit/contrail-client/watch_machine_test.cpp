#include <gtest/gtest.h>

#include "contrail-client/watch/machine.hpp"

namespace contrail::watch {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Command connect = ConnectCommand{};

Machine following() {
  Machine machine;
  machine.step(OpenedInput{}, 0);
  machine.step(CompletedInput{}, 0);
  return machine;
}

milliseconds pause_of(const Machine& machine) {
  const auto* wait = std::get_if<WaitCommand>(&machine.command());
  EXPECT_NE(wait, nullptr);
  return wait ? wait->time : milliseconds{-1};
}

milliseconds pause_after(Trouble trouble, double random) {
  Machine machine;
  machine.step(EndedInput{trouble}, random);
  return pause_of(machine);
}

TEST(WatchMachine, FollowsAfterTheLists) {
  Machine machine;
  EXPECT_EQ(machine.phase(), Phase::connecting);
  EXPECT_EQ(machine.command(), connect);
  machine.step(OpenedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::listing);
  machine.step(CompletedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::following);
}

TEST(WatchMachine, AStreamThatEndsIsBegunAgainAfterAPause) {
  auto machine = following();
  machine.step(EndedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::pausing);
  EXPECT_EQ(pause_of(machine), 250ms);
  machine.step(WaitedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::connecting);
  EXPECT_EQ(machine.command(), connect);
}

TEST(WatchMachine, PausesGrowAndHaveJitter) {
  Machine machine;
  milliseconds last{0};
  for (int i = 0; i < 6; ++i) {
    machine.step(EndedInput{}, 0.5);
    EXPECT_GT(pause_of(machine), last);
    last = pause_of(machine);
    EXPECT_EQ(machine.failures(), i + 1);
    machine.step(WaitedInput{}, 0.5);
  }
  for (int i = 0; i < 10; ++i) {
    machine.step(EndedInput{}, 1);
    machine.step(WaitedInput{}, 1);
  }
  machine.step(EndedInput{}, 1);
  EXPECT_EQ(pause_of(machine), 30s);
}

// Each stream costs the server all lists: one that it ends soon after them is no success.
TEST(WatchMachine, OnlyASteadyStreamEndsASeriesOfFailures) {
  for (const bool steady : {false, true}) {
    auto machine = following();
    machine.step(EndedInput{}, 0);
    machine.step(WaitedInput{}, 0);
    machine.step(OpenedInput{}, 0);
    machine.step(CompletedInput{}, 0);
    machine.step(EndedInput{.followed = steady ? 60'000ms : 59'999ms}, 0);
    EXPECT_EQ(pause_of(machine), steady ? 250ms : 500ms);
    EXPECT_EQ(machine.failures(), steady ? 1 : 2);
  }
}

// A server that ends each stream soon must not spend its time on lists.
TEST(WatchMachine, ThePauseAfterAShortStreamDependsOnItsLists) {
  const auto pause = [](milliseconds listed, milliseconds followed) {
    auto machine = following();
    machine.step(EndedInput{.followed = followed, .listed = listed}, 0);
    return pause_of(machine);
  };
  EXPECT_EQ(pause(1ms, 1s), 250ms);
  EXPECT_EQ(pause(3s, 1s), 60s);
  EXPECT_EQ(pause(1h, 59'999ms), 10min);
  EXPECT_EQ(pause(3s, 60s), 250ms);
}

// They cost the server as much.
TEST(WatchMachine, ThePauseAfterListsThatWereCutDependsOnThem) {
  const auto pause = [](milliseconds listed) {
    Machine machine;
    machine.step(OpenedInput{}, 0);
    machine.step(EndedInput{.listed = listed}, 0);
    return pause_of(machine);
  };
  EXPECT_EQ(pause(1ms), 250ms);
  EXPECT_EQ(pause(3s), 60s);
  EXPECT_EQ(pause(5min), 10min);
}

// A stream without complete lists has not followed, however long they took.
TEST(WatchMachine, ListsAreNoSteadyStream) {
  Machine machine;
  machine.step(EndedInput{}, 0);
  machine.step(WaitedInput{}, 0);
  machine.step(OpenedInput{}, 0);
  machine.step(EndedInput{.followed = 1h}, 0);
  EXPECT_EQ(machine.failures(), 2);
}

TEST(WatchMachine, AsksRarelyWhereNotificationsAreNotOffered) {
  for (const int status : {400, 404, 405, 501}) EXPECT_EQ(trouble_of(status), Trouble::not_offered) << status;
  EXPECT_EQ(pause_after(Trouble::not_offered, 0), 10min);
  EXPECT_EQ(pause_after(Trouble::not_offered, 1), 15min);
  Machine machine;
  machine.step(EndedInput{Trouble::not_offered}, 0);
  EXPECT_EQ(machine.phase(), Phase::not_offered);
}

TEST(WatchMachine, AsksAgainAfterAWhileIfItIsRefused) {
  for (const int status : {401, 403}) EXPECT_EQ(trouble_of(status), Trouble::refused) << status;
  EXPECT_EQ(pause_after(Trouble::refused, 0), 60s);
  Machine machine;
  machine.step(EndedInput{Trouble::refused}, 0);
  EXPECT_EQ(machine.phase(), Phase::refused);
}

TEST(WatchMachine, OtherAnswersAreFailures) {
  for (const int status : {200, 204, 302, 408, 409, 429, 500, 502, 503, 504})
    EXPECT_EQ(trouble_of(status), Trouble::broken) << status;
}

TEST(WatchMachine, AnInputThatDoesNotFitChangesNothing) {
  Machine machine;
  machine.step(CompletedInput{}, 0);
  machine.step(WaitedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::connecting);
  machine.step(EndedInput{}, 0);
  const auto pause = pause_of(machine);
  machine.step(EndedInput{}, 0);
  machine.step(OpenedInput{}, 0);
  machine.step(CompletedInput{}, 0);
  EXPECT_EQ(machine.phase(), Phase::pausing);
  EXPECT_EQ(pause_of(machine), pause);
}

TEST(WatchMachine, EachPhaseHasAName) {
  EXPECT_EQ(name(Phase::connecting), "connecting");
  EXPECT_EQ(name(Phase::listing), "listing");
  EXPECT_EQ(name(Phase::following), "following");
  EXPECT_EQ(name(Phase::pausing), "pausing");
  EXPECT_EQ(name(Phase::refused), "refused");
  EXPECT_EQ(name(Phase::not_offered), "not offered");
}

}  // namespace
}  // namespace contrail::watch
