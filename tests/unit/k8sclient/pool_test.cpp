#include "net/pool.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::ScriptedServer, test::Send, test::Script, test::Stall;

Script answering(int times) {
  Script script;
  for (int i = 0; i < times; ++i) {
    script.push_back(ReadRequest{});
    script.push_back(Send{test::ok("x")});
  }
  script.push_back(Stall{});
  return script;
}

struct PoolTest : testing::Test {
  Pool pool_for(const ScriptedServer& server, std::size_t connections) {
    return Pool(context.get_executor(), {parse_endpoint(server.url()).value()}, nullptr,
                {.max_connections = connections});
  }
  // Starts a request; stores its outcome in `outcomes` under its number.
  void spawn(Pool& pool, int number, std::chrono::milliseconds timeout = 20s, asio::cancellation_slot slot = {}) {
    asio::co_spawn(context, pool.exchange({"PUT", "/" + std::to_string(number), {}, ""}, timeout),
                   asio::bind_cancellation_slot(slot, [this, number](std::exception_ptr e, Outcome<HttpResponse> r) {
                     order.push_back(number);
                     if (!e) outcomes.emplace(number, std::move(r));
                   }));
  }
  void run_until(std::size_t finished) {
    while (order.size() < finished) context.run_one();
  }
  asio::io_context context;
  std::map<int, Outcome<HttpResponse>> outcomes;
  std::vector<int> order;
};

TEST_F(PoolTest, SharesFewConnectionsInTheOrderOfTheRequests) {
  ScriptedServer server(context, {answering(100)});
  auto pool = pool_for(server, 2);
  for (int i = 0; i < 20; ++i) spawn(pool, i);
  run_until(20);
  EXPECT_EQ(server.log().connections, 2u);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(pool.idle(), 2u);
  ASSERT_EQ(server.log().requests.size(), 20u);
  // Two requests are in flight at a time, so only neighbours may change their order.
  for (int i = 0; i < 20; ++i) {
    const int number = std::stoi(server.log().requests[static_cast<std::size_t>(i)].substr(5));
    EXPECT_LE(std::abs(number - i), 1);
  }
}

TEST_F(PoolTest, AnIdleConnectionLetsTheContextStop) {
  asio::io_context servers;
  ScriptedServer server(servers, {answering(100)});
  auto pool = pool_for(server, 2);
  for (int i = 0; i < 3; ++i) spawn(pool, i);
  while (order.size() < 3) {
    servers.poll();
    context.poll();
  }
  EXPECT_EQ(pool.idle(), 2u);
  context.poll();
  EXPECT_TRUE(context.stopped());
}

TEST_F(PoolTest, ATimeOutWhileWaitingSendsNothing) {
  ScriptedServer server(context, {{ReadRequest{}, Stall{}}});
  auto pool = pool_for(server, 1);
  spawn(pool, 0, 60ms);
  spawn(pool, 1, 20ms);
  run_until(1);
  EXPECT_EQ(order[0], 1);
  EXPECT_EQ(outcomes.at(1).error().error.code, errc::timed_out);
  EXPECT_EQ(outcomes.at(1).error().delivery, Delivery::not_sent);
  EXPECT_EQ(pool.waiting(), 0u);
  run_until(2);
  EXPECT_EQ(outcomes.at(0).error().delivery, Delivery::unknown);
  EXPECT_EQ(pool.idle(), 0u);
}

TEST_F(PoolTest, CancelledRequestsReleaseTheirPlaces) {
  ScriptedServer server(context, {{ReadRequest{}, Stall{}}, answering(5)});
  auto pool = pool_for(server, 1);
  asio::cancellation_signal first, second;
  spawn(pool, 0, 20s, first.slot());
  spawn(pool, 1, 20s, second.slot());
  spawn(pool, 2);
  while (server.log().requests.empty()) context.run_one();
  EXPECT_EQ(pool.waiting(), 2u);
  second.emit(asio::cancellation_type::terminal);
  run_until(1);
  first.emit(asio::cancellation_type::terminal);
  run_until(3);
  EXPECT_TRUE(outcomes.at(2));
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_F(PoolTest, AReadIsRepeatedAfterAStaleConnectionAndAWriteIsNot) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("1")}, ReadRequest{}},
                                  {ReadRequest{}, Send{test::ok("2")}, ReadRequest{}},
                                  {ReadRequest{}, Send{test::ok("3")}, Stall{}}});
  auto pool = pool_for(server, 1);
  EXPECT_EQ(test::run(context, pool.exchange({"GET", "/", {}, ""}, 20s)).value().body, "1");
  EXPECT_EQ(test::run(context, pool.exchange({"GET", "/", {}, ""}, 20s)).value().body, "2");
  const auto write = test::run(context, pool.exchange({"POST", "/", {}, "x"}, 20s));
  ASSERT_FALSE(write);
  EXPECT_EQ(write.error().delivery, Delivery::stale);
  EXPECT_EQ(server.log().requests.size(), 4u);
}

// The first endpoint takes most of the time, and is unreachable then. The second one had too little.
TEST_F(PoolTest, EachEndpointIsJudgedByItsOwnTime) {
  struct : Pool::Exchange {
    asio::awaitable<std::optional<Failure>> over(Connection&) override {
      if (std::exchange(is_first, false)) {
        asio::steady_timer timer(co_await asio::this_coro::executor, until);
        co_await timer.async_wait(asio::use_awaitable);
        co_return Failure{{errc::connect_failed, "refused"}, Delivery::not_sent};
      }
      co_return Failure{{errc::timed_out, "no answer"}, Delivery::unknown};
    }
    bool is_first = true;
    Deadline until;
  } exchange;
  const auto one = parse_endpoint("http://127.0.0.1:1").value(), two = parse_endpoint("http://127.0.0.1:2").value();
  Pool pool(context.get_executor(), {one, two}, nullptr);
  const auto deadline = Deadline::clock::now() + 1h + 100ms;
  exchange.until = deadline - 1h + 1ms;
  EXPECT_TRUE(test::run(context, pool.use(exchange, false, deadline, 1h)));
  EXPECT_EQ(pool.endpoint(), two);
}

TEST_F(PoolTest, CanBeDestroyedWithActiveAndWaitingRequests) {
  auto own = std::make_unique<asio::io_context>();
  ScriptedServer server(*own, {{ReadRequest{}, Stall{}}});
  auto pool = std::make_unique<Pool>(own->get_executor(), std::vector{parse_endpoint(server.url()).value()}, nullptr,
                                     PoolOptions{.max_connections = 1});
  bool finished = false;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(*own, pool->exchange({"GET", "/", {}, ""}, 20s),
                   [&](std::exception_ptr, Outcome<HttpResponse>) { finished = true; });
  while (server.log().requests.empty()) own->run_one();
  EXPECT_EQ(pool->waiting(), 2u);
  EXPECT_FALSE(finished);
}

}  // namespace
}  // namespace net
