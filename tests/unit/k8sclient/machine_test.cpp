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
    return s;
  }
  // Backoff steps without jitter: random = 1 gives the whole step.
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

TEST_F(MachineTest, begins_with_a_list_of_the_most_recent_state) { EXPECT_TRUE(lists()); }

TEST_F(MachineTest, pages_are_put_aside_until_the_last) {
  EXPECT_EQ(page(10, "next").store, StoreAction::keep);
  EXPECT_TRUE(lists("next"));
  EXPECT_EQ(page(10, "more").store, StoreAction::keep);
  EXPECT_TRUE(lists("more"));
  EXPECT_EQ(page(10).store, StoreAction::commit);
  EXPECT_TRUE(watches(10));
  EXPECT_EQ(machine.last_seen(), 10u);
}

TEST_F(MachineTest, the_server_ends_a_watch_between_once_and_twice_the_time) {
  machine.step(PageListed{{10, ""}, 1}, 0.0);
  EXPECT_EQ(std::get<WatchCommand>(machine.command()).timeout, 60s);
  machine.step(WatchEnded{}, 0.5);
  EXPECT_EQ(std::get<WatchCommand>(machine.command()).timeout, 90s);
}

TEST_F(MachineTest, events_and_bookmarks_move_the_version_on) {
  list(10);
  EXPECT_EQ(step(ObjectSeen{12}).store, StoreAction::apply);
  EXPECT_EQ(step(BookmarkSeen{20}).store, StoreAction::none);
  EXPECT_EQ(step(ObjectSeen{21}).store, StoreAction::apply);
  EXPECT_EQ(step(WatchEnded{}), Reaction{});
  EXPECT_TRUE(watches(21));
}

TEST_F(MachineTest, a_cut_resumes_from_the_last_version) {
  list(10);
  step(ObjectSeen{12});
  EXPECT_TRUE(fail(Trouble::busy).abandon);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(watches(12));
}

TEST_F(MachineTest, expired_lists_at_once_and_with_a_pause_if_nothing_was_gained) {
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

TEST_F(MachineTest, a_list_that_expires_between_pages_is_taken_in_one_piece) {
  page(10, "next");
  EXPECT_EQ(fail(Trouble::expired).store, StoreAction::discard);
  EXPECT_TRUE(lists("", 0));
  EXPECT_EQ(page(15).store, StoreAction::commit);
  fail(Trouble::expired);
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, a_failed_page_discards_what_was_put_aside) {
  page(10, "next");
  EXPECT_EQ(fail(Trouble::busy).store, StoreAction::discard);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, backoff_grows_to_its_bound_and_is_reset_by_progress) {
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

TEST_F(MachineTest, jitter_takes_up_to_half_of_the_pause) {
  machine.step(RequestFailed{Trouble::busy, {}}, 0.0);
  EXPECT_TRUE(waits(500ms));
}

TEST_F(MachineTest, retry_after_is_a_lower_bound_within_reason) {
  fail(Trouble::busy, 5s);
  EXPECT_TRUE(waits(5s));
  step(Waited{});
  fail(Trouble::busy, 1s);
  EXPECT_TRUE(waits(2s));
  step(Waited{});
  fail(Trouble::busy, 24h);
  EXPECT_TRUE(waits(300s));
}

TEST_F(MachineTest, many_failed_watches_lead_to_a_list) {
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

TEST_F(MachineTest, content_that_cannot_be_trusted_leads_to_a_list) {
  list(10);
  step(ObjectSeen{12});
  fail(Trouble::malformed);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, an_event_from_the_past_ends_the_watch) {
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

TEST_F(MachineTest, a_bookmark_from_the_past_ends_the_watch) {
  list(10);
  EXPECT_TRUE(step(BookmarkSeen{9}).abandon);
}

// Gone back between two watches: an etcd that was restored.
TEST_F(MachineTest, several_older_lists_in_a_row_are_believed) {
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
  EXPECT_NE(reaction.why.value_or("").find("the older state of the server is believed"), std::string::npos);
  EXPECT_TRUE(watches(21));
  EXPECT_EQ(machine.last_seen(), 21u);
  EXPECT_EQ(step(ObjectSeen{22}).store, StoreAction::apply);
}

TEST_F(MachineTest, each_older_list_waits_longer) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  page(20);
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  page(20);
  EXPECT_TRUE(waits(2000ms));
}

TEST_F(MachineTest, older_lists_that_go_back_among_themselves_are_not_believed) {
  list(10);
  step(ObjectSeen{50});
  fail(Trouble::expired);
  for (int i = 0; i < 20; ++i) {  // two servers that lag, in turn
    if (std::holds_alternative<WaitCommand>(machine.command())) step(Waited{});
    EXPECT_EQ(page(i % 2 == 0 ? 49 : 48).store, StoreAction::discard);
  }
  step(Waited{});
  EXPECT_EQ(page(50).store, StoreAction::commit);
  EXPECT_TRUE(watches(50));
}

TEST_F(MachineTest, one_list_that_has_caught_up_makes_older_ones_lag) {
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

TEST_F(MachineTest, failures_between_older_lists_do_not_count) {
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
  EXPECT_EQ(fail(Trouble::busy).store, StoreAction::discard);  // in the middle of a list that is believed
  step(Waited{});
  EXPECT_EQ(page(20).store, StoreAction::commit);
}

// One bookmark with a version that the server never had: the watch from there ends at once, or shows what is older.
TEST_F(MachineTest, a_version_that_was_too_high_ends_in_a_list) {
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

TEST_F(MachineTest, pages_of_two_versions_are_no_list) {
  page(10, "next");
  EXPECT_EQ(page(11).store, StoreAction::discard);
  step(Waited{});
  EXPECT_TRUE(lists("", 0));
}

TEST_F(MachineTest, an_empty_page_that_is_not_the_last_is_legal) {
  EXPECT_EQ(page(10, "a", 0).store, StoreAction::keep);
  EXPECT_TRUE(lists("a"));
  EXPECT_EQ(page(10, "b").store, StoreAction::keep);
  EXPECT_EQ(page(10, "c", 0).store, StoreAction::keep);
  EXPECT_EQ(page(10, "", 0).store, StoreAction::commit);
}

TEST_F(MachineTest, an_endless_list_of_empty_pages_is_given_up) {
  page(10, "next");
  std::size_t pages = 0;
  while (page(10, "next", 0).store == StoreAction::keep) ASSERT_LT(++pages, 1000u);
  EXPECT_EQ(pages, settings().empty_pages);
  EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
}

TEST_F(MachineTest, no_hot_loop_where_watches_end_at_once) {
  list(10);
  for (std::uint64_t version = 11; version < 20; ++version) {
    step(ObjectSeen{version});
    step(WatchEnded{true});
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(machine.command()));
    step(Waited{});
  }
}

TEST_F(MachineTest, an_input_that_does_not_belong_here_is_survived) {
  for (const WatchMachineInput& input :
       {WatchMachineInput(Waited{}), WatchMachineInput(ObjectSeen{3}), WatchMachineInput(WatchEnded{})}) {
    WatchMachine fresh(settings());
    EXPECT_TRUE(fresh.step(input, 0).abandon);
    EXPECT_TRUE(std::holds_alternative<WaitCommand>(fresh.command()));
  }
}

TEST_F(MachineTest, a_list_that_is_asked_for_takes_the_place_of_the_watch) {
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

TEST_F(MachineTest, a_list_that_is_asked_for_waits_as_long_as_the_watch_would) {
  list(10);
  fail(Trouble::busy);
  EXPECT_TRUE(waits(1000ms));
  step(ListAsked{true});
  EXPECT_TRUE(waits(1000ms));
  step(Waited{});
  EXPECT_TRUE(lists());
}

TEST_F(MachineTest, a_list_under_way_is_the_one_that_is_asked_for) {
  page(10, "next");
  step(ListAsked{true});
  EXPECT_TRUE(lists("next"));
}

}  // namespace
}  // namespace k8s
