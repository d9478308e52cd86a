#include "k8sclient/watch/machine.hpp"

#include <gtest/gtest.h>

namespace k8s {
namespace {

using namespace std::chrono_literals;

struct MachineTest : testing::Test {
  static WatchSettings settings() {
    WatchSettings s;
    s.page_size = 100;
    s.watch_timeout = 60s;
    s.retries_before_list = 3;
    s.backoff = {1000ms, 8000ms, 2};
    s.older_list_pause = 0s;
    return s;
  }
  // Random value 1 gives back-off steps without jitter.
  Reaction step(const WatchMachineInput& input) { return machine.step(input, 1.0); }
  Reaction page(std::uint64_t version, const std::string& next = "", std::size_t items = 1) {
    return step(PageListed{{version, next}, items});
  }
  void list(std::uint64_t version) {
    if (std::holds_alternative<WaitCommand>(machine.command())) step(Waited{});
    ASSERT_TRUE(std::holds_alternative<ListCommand>(machine.command()));
    ASSERT_EQ(page(version).store, StoreAction::commit);
  }
  bool lists(const std::string& token = "", std::size_t limit = 100) const {
    return machine.command() == WatchMachineCommand(ListCommand{limit, token});
  }
  bool watches(std::uint64_t version) const {
    const auto* watch = std::get_if<WatchCommand>(&machine.command());
    return watch && watch->resource_version == version;
  }
  bool waits(std::chrono::milliseconds time) const {
    return machine.command() == WatchMachineCommand(WaitCommand{time});
  }
  Reaction fail(Trouble trouble, std::optional<std::chrono::seconds> after = {}) {
    return step(RequestFailed{trouble, after});
  }

  WatchMachine machine{settings()};
};

TEST_F(MachineTest, BeginsWithAListOfTheMostRecentState) { EXPECT_TRUE(lists()); }

TEST_F(MachineTest, PagesAreStoredUntilTheLastOne) {
  EXPECT_EQ(page(10, "next").store, StoreAction::keep);
  EXPECT_TRUE(lists("next"));
  EXPECT_EQ(page(10, "more").store, StoreAction::keep);
  EXPECT_TRUE(lists("more"));
  EXPECT_EQ(page(10).store, StoreAction::commit);
  EXPECT_TRUE(watches(10));
  EXPECT_EQ(machine.last_seen(), 10u);
}

TEST_F(MachineTest, TheServerEndsAWatchBetweenOnceAndTwiceTheTime) {
  machine.step(PageListed{{10, ""}, 1}, 0.0);
  EXPECT_EQ(std::get<WatchCommand>(machine.command()).timeout, 60s);
  machine.step(WatchEnded{}, 0.5);
  EXPECT_EQ(std::get<WatchCommand>(machine.command()).timeout, 90s);
}

TEST_F(MachineTest, EventsAndBookmarksMoveTheVersionOn) {
  list(10);
  EXPECT_EQ(step(ObjectSeen{12}).store, StoreAction::apply);
  EXPECT_EQ(step(BookmarkSeen{20}).store, StoreAction::none);
  EXPECT_EQ(step(ObjectSeen{21}).store, StoreAction::apply);
  EXPECT_EQ(step(WatchEnded{}), Reaction{});
  EXPECT_TRUE(watches(21));
}

TEST_F(MachineTest, AnInterruptedWatchResumesFromTheLastVersion) {
  list(10);
  step(ObjectSeen{12});
  EXPECT_TRUE(fail(Trouble::busy).abandon);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(watches(12));
}

TEST_F(MachineTest, AfterExpiryAListFollowsAtOnceOrAfterAPauseWithoutProgress) {
  list(10);
  step(ObjectSeen{12});
  fail(Trouble::expired);
  EXPECT_TRUE(lists());
  list(30);
  fail(Trouble::expired);
  EXPECT_TRUE(waits(1000ms));
  list(40);
  fail(Trouble::expired);
  EXPECT_TRUE(waits(2000ms));
}

TEST_F(MachineTest, AListThatExpiresBetweenPagesIsRepeatedInOnePage) {
  page(10, "next");
  EXPECT_EQ(fail(Trouble::expired).store, StoreAction::discard);
  EXPECT_TRUE(lists("", 0));
  EXPECT_EQ(page(15).store, StoreAction::commit);
  fail(Trouble::expired);
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, AFailedPageDiscardsTheStoredPages) {
  page(10, "next");
  EXPECT_EQ(fail(Trouble::busy).store, StoreAction::discard);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, BackOffGrowsToItsLimitAndIsResetByProgress) {
  list(10);
  for (const auto time : {1000ms, 2000ms, 4000ms}) {
    fail(Trouble::busy);
    EXPECT_TRUE(waits(time));
    step(Waited{});
    EXPECT_TRUE(watches(10));
  }
  step(BookmarkSeen{11});
  fail(Trouble::busy);
  EXPECT_TRUE(waits(1000ms));
}

TEST_F(MachineTest, JitterReducesThePauseByUpToHalf) {
  machine.step(RequestFailed{Trouble::busy, {}}, 0.0);
  EXPECT_TRUE(waits(500ms));
}

TEST_F(MachineTest, RetryAfterIsALowerBoundWithinReason) {
  fail(Trouble::busy, 5s);
  EXPECT_TRUE(waits(5s));
  step(Waited{});
  fail(Trouble::busy, 1s);
  EXPECT_TRUE(waits(2s));
  step(Waited{});
  fail(Trouble::busy, 24h);
  EXPECT_TRUE(waits(300s));
}

TEST_F(MachineTest, ManyFailedWatchesLeadToAList) {
  list(10);
  for (int i = 0; i < 3; ++i) {
    fail(Trouble::refused);
    step(Waited{});
    EXPECT_TRUE(watches(10));
  }
  fail(Trouble::refused);
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, ASilentWatchResumesAndASecondOneLeadsToAList) {
  list(10);
  step(ObjectSeen{12});
  EXPECT_TRUE(fail(Trouble::silent).abandon);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(watches(12));
  fail(Trouble::silent);
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, AnySignOfLifeEndsARowOfSilentWatches) {
  list(10);
  const WatchMachineInput signs[] = {BookmarkSeen{10}, ObjectSeen{11}};
  for (const auto& sign : signs) {
    fail(Trouble::silent);
    step(Waited{});
    EXPECT_TRUE(watches(machine.last_seen()));
    step(sign);
  }
  fail(Trouble::silent);
  step(Waited{});
  EXPECT_TRUE(watches(11));
  fail(Trouble::silent);
  step(Waited{});
  list(11);
  fail(Trouble::silent);
  step(Waited{});
  EXPECT_TRUE(watches(11)) << "a list ends the row, too";
}

TEST_F(MachineTest, AWatchThatEndsInTimeWithoutASignOfLifeIsSilentToo) {
  list(10);
  step(WatchEnded{});
  EXPECT_TRUE(watches(10));
  step(BookmarkSeen{10});
  step(WatchEnded{});
  EXPECT_TRUE(watches(10));
  step(WatchEnded{});
  EXPECT_TRUE(watches(10));
  step(WatchEnded{});
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, InvalidContentLeadsToAList) {
  list(10);
  step(ObjectSeen{12});
  fail(Trouble::malformed);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, AnEventWithAnOlderVersionEndsTheWatch) {
  list(10);
  step(ObjectSeen{12});
  const auto reaction = step(ObjectSeen{11});
  EXPECT_TRUE(reaction.abandon);
  EXPECT_NE(reaction.store, StoreAction::apply);
  EXPECT_TRUE(reaction.why);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, ABookmarkWithAnOlderVersionEndsTheWatch) {
  list(10);
  EXPECT_TRUE(step(BookmarkSeen{9}).abandon);
}

// The version goes back between two watches, as after a restore of etcd.
TEST_F(MachineTest, SeveralOlderListsInARowAreAccepted) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  for (const std::uint64_t version : {20, 20}) {
    if (std::holds_alternative<WaitCommand>(machine.command())) step(Waited{});
    const auto reaction = page(version);
    EXPECT_EQ(reaction.store, StoreAction::discard);
    EXPECT_TRUE(reaction.why);
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
    EXPECT_EQ(machine.last_seen(), 50u);
  }
  step(Waited{});
  EXPECT_EQ(page(21, "more").store, StoreAction::keep);
  EXPECT_EQ(machine.last_seen(), 50u);
  const auto reaction = page(21);
  EXPECT_EQ(reaction.store, StoreAction::commit);
  EXPECT_FALSE(reaction.abandon);
  EXPECT_TRUE(reaction.restored);
  EXPECT_NE(reaction.why.value_or("").find("the older state of the server is believed"), std::string::npos);
  EXPECT_TRUE(watches(21));
  EXPECT_EQ(machine.last_seen(), 21u);
  EXPECT_EQ(step(ObjectSeen{22}).store, StoreAction::apply);
}

TEST_F(MachineTest, EachOlderListWaitsLonger) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  page(20);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  page(20);
  EXPECT_TRUE(waits(2000ms));
}

TEST_F(MachineTest, AServerThatLagsHasTimeToCatchUp) {
  auto s = settings();
  s.older_list_pause = 5s;
  machine = WatchMachine(s);
  list(50);
  fail(Trouble::malformed);
  step(Waited{});
  page(20);
  EXPECT_TRUE(waits(5s));
}

TEST_F(MachineTest, OlderListsWithDecreasingVersionsAreNotAccepted) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  for (int i = 0; i < 20; ++i) {  // two lagging servers alternate
    if (std::holds_alternative<WaitCommand>(machine.command())) step(Waited{});
    EXPECT_EQ(page(i % 2 == 0 ? 49 : 48).store, StoreAction::discard);
  }
  step(Waited{});
  EXPECT_EQ(page(50).store, StoreAction::commit);
  EXPECT_TRUE(watches(50));
}

TEST_F(MachineTest, ACurrentListRestartsTheCountOfOlderOnes) {
  list(10);
  step(ObjectSeen{50});
  for (int i = 0; i < 10; ++i) {
    fail(Trouble::malformed);
    for (int old = 0; old < 2; ++old) {
      step(Waited{});
      EXPECT_EQ(page(49).store, StoreAction::discard);
    }
    step(Waited{});
    EXPECT_EQ(page(50).store, StoreAction::commit);
  }
}

TEST_F(MachineTest, FailuresBetweenOlderListsDoNotCount) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  page(20);
  for (int i = 0; i < 5; ++i) {
    step(Waited{});
    fail(Trouble::busy);
  }
  step(Waited{});
  EXPECT_EQ(page(20).store, StoreAction::discard);
  step(Waited{});
  EXPECT_EQ(page(20, "more").store, StoreAction::keep);
  EXPECT_EQ(fail(Trouble::busy).store, StoreAction::discard);  // in the middle of an accepted list
  step(Waited{});
  EXPECT_EQ(page(20).store, StoreAction::commit);
}

// A bookmark with a version that the server never had: the next watch ends at once or shows older versions.
TEST_F(MachineTest, AVersionThatWasTooHighEndsInAList) {
  list(10);
  step(BookmarkSeen{1'000'000});
  EXPECT_TRUE(step(ObjectSeen{11}).abandon);
  for (int i = 0; i < 2; ++i) {
    step(Waited{});
    EXPECT_EQ(page(12).store, StoreAction::discard);
  }
  step(Waited{});
  EXPECT_EQ(page(12).store, StoreAction::commit);
  EXPECT_TRUE(watches(12));
}

TEST_F(MachineTest, PagesOfTwoVersionsAreDiscarded) {
  page(10, "next");
  EXPECT_EQ(page(11).store, StoreAction::discard);
  step(Waited{});
  EXPECT_TRUE(lists("", 0));
}

TEST_F(MachineTest, AnEmptyPageBeforeTheLastIsAllowed) {
  EXPECT_EQ(page(10, "a", 0).store, StoreAction::keep);
  EXPECT_TRUE(lists("a"));
  EXPECT_EQ(page(10, "b").store, StoreAction::keep);
  EXPECT_EQ(page(10, "c", 0).store, StoreAction::keep);
  EXPECT_EQ(page(10, "", 0).store, StoreAction::commit);
}

TEST_F(MachineTest, AnEndlessListOfEmptyPagesIsAborted) {
  page(10, "next");
  std::size_t pages = 0;
  while (page(10, "next", 0).store == StoreAction::keep) ASSERT_LT(++pages, 1000u);
  EXPECT_EQ(pages, settings().empty_pages);
  EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
}

TEST_F(MachineTest, WatchesThatEndAtOnceCauseNoHotLoop) {
  list(10);
  for (std::uint64_t version = 11; version < 20; ++version) {
    step(ObjectSeen{version});
    step(WatchEnded{true});
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
    step(Waited{});
  }
}

TEST_F(MachineTest, AnUnexpectedInputLeadsToAPause) {
  for (const WatchMachineInput& input :
       {WatchMachineInput(Waited{}), WatchMachineInput(ObjectSeen{3}), WatchMachineInput(WatchEnded{})}) {
    WatchMachine fresh(settings());
    EXPECT_TRUE(fresh.step(input, 0).abandon);
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(fresh.command()));
  }
}

TEST_F(MachineTest, ARequestedListReplacesTheWatch) {
  list(10);
  EXPECT_EQ(step(ListAsked{true}), Reaction{});
  EXPECT_TRUE(lists());
  list(11);
  EXPECT_TRUE(watches(11));
  step(ListAsked{false});
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, ARequestedListWaitsAsLongAsTheWatch) {
  list(10);
  fail(Trouble::busy);
  EXPECT_TRUE(waits(1000ms));
  step(ListAsked{true});
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, AListInProgressServesARequestForAList) {
  page(10, "next");
  step(ListAsked{true});
  EXPECT_TRUE(lists("next"));
}

// --- Streaming lists

struct StreamingMachineTest : MachineTest {
  StreamingMachineTest() {
    auto s = settings();
    s.streaming_list = true;
    machine = WatchMachine(s);
  }
  bool streams() const {
    const auto* watch = std::get_if<WatchCommand>(&machine.command());
    return watch && watch->initial_events && watch->resource_version == 0 && machine.is_streaming();
  }
  Reaction end_of_initial_events(std::uint64_t version) { return step(BookmarkSeen{version, true}); }
};

TEST_F(StreamingMachineTest, AStreamingListBecomesTheWatch) {
  EXPECT_TRUE(streams());
  for (const std::uint64_t version : {30, 5, 12})  // in the order of their names
    EXPECT_EQ(step(ObjectSeen{version}), (Reaction{StoreAction::keep, false, std::nullopt}));
  EXPECT_EQ(machine.last_seen(), 0u) << "nothing is complete yet";
  EXPECT_EQ(end_of_initial_events(40), (Reaction{StoreAction::commit, false, std::nullopt}));
  EXPECT_EQ(machine.last_seen(), 40u);
  EXPECT_FALSE(machine.is_streaming());
  EXPECT_EQ(step(ObjectSeen{41}).store, StoreAction::apply);
  step(WatchEnded{});
  EXPECT_TRUE(watches(41));
  EXPECT_FALSE(std::get<WatchCommand>(machine.command()).initial_events);
}

TEST_F(StreamingMachineTest, ALaterListIsAStreamingListToo) {
  end_of_initial_events(10);
  step(ObjectSeen{11});
  fail(Trouble::expired);
  EXPECT_TRUE(streams());
  end_of_initial_events(12);
  step(ListAsked{true});
  EXPECT_TRUE(streams());
  end_of_initial_events(12);
  fail(Trouble::busy);
  step(ListAsked{true});
  step(Waited{});
  EXPECT_TRUE(streams());
}

TEST_F(StreamingMachineTest, ARefusalLeadsToAListAtOnceAndForGood) {
  const auto reaction = fail(Trouble::invalid);
  EXPECT_EQ(reaction.store, StoreAction::discard);
  EXPECT_TRUE(reaction.why);
  EXPECT_TRUE(lists());
  page(10);
  fail(Trouble::malformed);
  step(Waited{});
  EXPECT_TRUE(lists());
}

// Such a server sends the objects as well, and then bookmarks as in any watch.
TEST_F(StreamingMachineTest, AServerThatIgnoresTheParameterIsListed) {
  step(ObjectSeen{5});
  const auto reaction = step(BookmarkSeen{10});
  EXPECT_TRUE(reaction.abandon);
  EXPECT_EQ(reaction.store, StoreAction::discard);
  EXPECT_TRUE(lists());
  page(10);
  step(ListAsked{true});
  EXPECT_TRUE(lists());
}

TEST_F(StreamingMachineTest, AFailedStreamIsRepeatedAndThenAListIsTried) {
  const WatchMachineInput failures[] = {RequestFailed{Trouble::busy, {}}, WatchEnded{},
                                        RequestFailed{Trouble::silent, {}}};
  for (const auto& failure : failures) {
    EXPECT_TRUE(streams());
    const auto reaction = step(failure);
    EXPECT_EQ(reaction.store, StoreAction::discard);
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
    step(Waited{});
  }
  EXPECT_TRUE(lists());
  page(10);
  step(ListAsked{true});
  EXPECT_TRUE(streams()) << "the server may be well again";
}

TEST_F(StreamingMachineTest, AnOlderStreamingListIsNotBelievedAtOnce) {
  end_of_initial_events(50);
  fail(Trouble::malformed);
  for (int i = 0; i < 2; ++i) {
    step(Waited{});
    EXPECT_TRUE(streams());
    const auto reaction = end_of_initial_events(20);
    EXPECT_EQ(reaction.store, StoreAction::discard);
    EXPECT_TRUE(reaction.abandon);
    EXPECT_EQ(machine.last_seen(), 50u);
  }
  step(Waited{});
  const auto reaction = end_of_initial_events(20);
  EXPECT_EQ(reaction.store, StoreAction::commit);
  EXPECT_TRUE(reaction.why);
  EXPECT_EQ(machine.last_seen(), 20u);
}

TEST_F(StreamingMachineTest, AStreamingListWithoutAVersionIsRefused) {
  EXPECT_EQ(end_of_initial_events(0).store, StoreAction::discard);
  step(Waited{});
  EXPECT_TRUE(streams());
}

}  // namespace
}  // namespace k8s
