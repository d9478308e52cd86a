// Several handlers for one reflector, indexes, and the wait for several first lists.
#include "k8sclient/cache/handlers.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "k8sclient/cache/index.hpp"
#include "tests/unit/k8sclient/support/reflecting.hpp"

namespace k8s {
namespace {

Pod pod(const std::string& ns, const std::string& name, const std::string& node, const std::string& uid = "u") {
  Pod out;
  out.meta.ns = ns;
  out.meta.name = name;
  out.meta.uid = uid;
  out.meta.resource_version = 1;
  out.node = node;
  return out;
}

struct Recorder final : Handler<Pod> {
  explicit Recorder(std::vector<std::string>& calls, std::string own_name, Worth own_worth = {}, std::size_t left = 0)
      : log(calls), name(std::move(own_name)), worth(own_worth), still(left) {}
  void note(const std::string& what) { log.push_back(name + " " + what); }
  void on_upsert(const Pod& object) override { note("+" + object.meta.name); }
  void on_delete(const Pod& object) override { note("-" + object.meta.name); }
  void on_synced() override { note("synced"); }
  void on_restored() override { note("restored"); }
  void on_relisted(std::uint64_t version) override { note("relisted " + std::to_string(version)); }
  void on_unreadable(const Unreadable& object) override { note("?" + object.name); }
  void on_readable(const Unreadable& object) override { note("!" + object.name); }
  void on_withheld(const Withheld& now) override { note("withheld " + std::to_string(now.objects)); }
  Worth worth_of(const Pod& /*known*/) const override { return worth; }
  std::size_t still_carried(const Pod& /*shown*/) const override { return still; }

  std::vector<std::string>& log;
  std::string name;
  Worth worth;
  std::size_t still;
};
using Calls = std::vector<std::string>;

TEST(HandlersTest, EachHandlerGetsEachCallInTheirOrder) {
  Calls calls;
  Recorder first(calls, "1"), second(calls, "2");
  Handlers<Pod> handlers;
  handlers.add(first);
  handlers.add(second);
  Unreadable damaged;
  damaged.name = "b";
  handlers.on_upsert(pod("ns", "a", "n"));
  handlers.on_synced();
  handlers.on_unreadable(damaged);
  handlers.on_readable(damaged);
  handlers.on_restored();
  handlers.on_delete(pod("ns", "a", "n"));
  handlers.on_relisted(7);
  handlers.on_withheld({.objects = 3});
  EXPECT_EQ(calls,
            (Calls{"1 +a", "2 +a", "1 synced", "2 synced", "1 ?b", "2 ?b", "1 !b", "2 !b", "1 restored", "2 restored",
                   "1 -a", "2 -a", "1 relisted 7", "2 relisted 7", "1 withheld 3", "2 withheld 3"}));
}

TEST(HandlersTest, TheGuardCountsForTheHandlerThatWouldLoseMost) {
  Calls calls;
  Recorder first(calls, "1", {1, 20}, 15), second(calls, "2", {2, 10}, 5);
  Handlers<Pod> handlers;
  EXPECT_EQ(handlers.worth_of(pod("ns", "a", "n")).objects, 1u);
  EXPECT_EQ(handlers.still_carried(pod("ns", "a", "n")), DeletionGuard::any);
  handlers.add(first);
  handlers.add(second);
  const auto worth = handlers.worth_of(pod("ns", "a", "n"));
  EXPECT_EQ(worth.objects, 2u);
  EXPECT_EQ(worth.carried, 20u);
  EXPECT_EQ(handlers.still_carried(pod("ns", "a", "n")), 5u);
}

TEST(HandlersTest, ALateHandlerFirstGetsThePresentObjects) {
  Calls calls;
  Recorder first(calls, "1"), late(calls, "2"), later(calls, "3");
  Handlers<Pod> handlers;
  Store<Pod> store;
  handlers.add(first);
  store.upsert(pod("ns", "a", "n"), handlers);
  handlers.add(late, store);
  Unreadable damaged;
  damaged.ns = "ns";
  damaged.name = "c";
  damaged.why = "bad bytes";
  damaged.named = true;
  store.keep(std::move(damaged), handlers);
  Unreadable nameless;
  nameless.name = "?";
  store.keep(std::move(nameless), handlers);
  handlers.on_synced();
  handlers.add(later, store);
  store.upsert(pod("ns", "b", "n"), handlers);
  EXPECT_EQ(calls, (Calls{"1 +a", "2 +a", "1 ?c", "2 ?c", "1 ??", "2 ??", "1 synced", "2 synced", "3 +a", "3 ?c",
                          "3 ??", "3 synced", "1 +b", "2 +b", "3 +b"}));
}

struct IndexTest : testing::TestWithParam<Keep> {
  using Keys = Index<Pod>::Keys;
  Index<Pod> by_node{
      [](const Pod& object) { return object.node.empty() ? std::vector<std::string>() : std::vector{object.node}; }};
  Store<Pod> store{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Stores, IndexTest, testing::Values(Keep::objects, Keep::digests));

TEST_P(IndexTest, FollowsTheStore) {
  store.upsert(pod("x", "a", "n1"), by_node);
  store.upsert(pod("x", "b", "n1"), by_node);
  store.upsert(pod("y", "a", "n2"), by_node);
  store.upsert(pod("y", "c", ""), by_node);
  EXPECT_EQ(by_node.find("n1"), (Keys{"x/a", "x/b"}));
  EXPECT_EQ(by_node.find("n2"), (Keys{"y/a"}));
  EXPECT_EQ(by_node.find(""), Keys{});
  store.upsert(pod("x", "a", "n2"), by_node);
  EXPECT_EQ(by_node.find("n1"), (Keys{"x/b"}));
  EXPECT_EQ(by_node.find("n2"), (Keys{"x/a", "y/a"}));
  store.upsert(pod("x", "b", "n3", "another"), by_node);
  EXPECT_EQ(by_node.find("n1"), Keys{});
  EXPECT_EQ(by_node.find("n3"), (Keys{"x/b"}));
  store.remove("x", "b", by_node);
  EXPECT_EQ(by_node.find("n3"), Keys{});
  EXPECT_EQ(by_node.size(), 1u);
}

TEST_P(IndexTest, AnObjectMayHaveSeveralValues) {
  Index<Pod> index(
      [](const Pod& object) { return std::vector<std::string>{object.meta.ns, object.node, object.node}; });
  store.upsert(pod("x", "a", "n1"), index);
  EXPECT_EQ(index.find("x"), (Keys{"x/a"}));
  EXPECT_EQ(index.find("n1"), (Keys{"x/a"}));
  store.remove("x", "a", index);
  EXPECT_EQ(index.size(), 0u);
}

// --- The first lists

asio::awaitable<bool> both(Reflector<Pod>& one, Reflector<Pod>& other) {
  co_await await_synced(one, other);
  co_return one.synced() && other.synced();
}

TEST_F(ReflectorTest, TheFirstListsOfSeveralReflectorsAreAwaited) {
  start({{ReadRequest{}, refusal(500, "InternalError"), ReadRequest{}, page(10, {object("a", 1)}), ReadRequest{},
          Send{stream_head}, Stall{}}});
  Calls others;
  Recorder recorder(others, "other");
  ReflectorOptions options;
  options.watch.backoff = {1ms, 4ms, 2};
  Reflector<Pod> other(*client, options, recorder);
  tasks->spawn("other", other.run());
  EXPECT_TRUE(test::run(context, both(*reflector, other)));
  EXPECT_TRUE(test::run(context, both(*reflector, other))) << "no wait, and no signal";
  EXPECT_EQ(others, (Calls{"other +a", "other synced"}));
  stop();
}

TEST_F(ReflectorTest, AWaitForAListCanBeCancelled) {
  start({{Stall{}}});
  bool ended = false;
  asio::cancellation_signal cancel_wait;
  asio::co_spawn(
      context, [&]() -> asio::awaitable<void> { co_await reflector->await_synced(); },
      asio::bind_cancellation_slot(cancel_wait.slot(), [&](std::exception_ptr) { ended = true; }));
  until([&] { return server->log().connections == 1; });
  EXPECT_FALSE(ended);
  cancel_wait.emit(asio::cancellation_type::terminal);
  until([&] { return ended; });
  EXPECT_FALSE(reflector->synced());
}

}  // namespace
}  // namespace k8s
