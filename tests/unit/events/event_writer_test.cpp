#include "controller/run/event_writer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
using ::test::ReadRequest, ::test::ScriptedServer, ::test::Send, ::test::Stall;

Notice ready(int pod) {
  const auto name = std::to_string(pod);
  return {{SubjectKind::pod, "shop/p" + name}, "u" + name, false, "NetworkReady", "has 10.0.0.1"};
}

class EventWriterTest : public testing::Test {
 protected:
  std::unique_ptr<k8s::Client> client_for(const ScriptedServer& server) {
    k8s::ClientConfig config;
    config.server = net::parse_endpoint(server.url()).value();
    return k8s::Client::create(context_.get_executor(), config).value();
  }
  // Runs the loop until nothing is ready or `done` is true.
  template <class Condition>
  void run_until(Condition done) {
    while (!done() && context_.run_one() > 0) {
    }
  }

  asio::io_context context_;
  base::TaskGroup tasks_{context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); }};
};

TEST_F(EventWriterTest, WritesTheEventsOfTheRecorder) {
  const Send created{
      ::test::ok(R"({"kind":"Event","metadata":{"resourceVersion":"1"}})", "Content-Type: application/json\r\n")};
  ScriptedServer server(context_, {{ReadRequest{}, created, Stall{}}});
  const auto client = client_for(server);
  EventWriter writer(context_.get_executor(), *client, tasks_, true);
  writer.notice(ready(1));
  run_until([&] { return writer.counts().sent == 1; });
  ASSERT_EQ(server.log().requests.size(), 1U);
  const auto& request = server.log().requests[0];
  EXPECT_EQ(request.find("POST /apis/events.k8s.io/v1/namespaces/shop/events?"), 0U) << request;
  EXPECT_NE(request.find(R"("reason":"NetworkReady")"), std::string::npos) << request;
}

TEST_F(EventWriterTest, AMissingAnswerIsCountedAndDelaysNoOther) {
  ScriptedServer server(context_, {{ReadRequest{}}});
  const auto client = client_for(server);
  EventWriter writer(context_.get_executor(), *client, tasks_, true);
  for (int i = 0; i < 6; ++i) writer.notice(ready(i));
  EXPECT_EQ(writer.counts().sent + writer.counts().failed, 0U) << "notice() returns before any answer";
  run_until([&] { return writer.counts().failed == 6; });
  EXPECT_EQ(writer.counts().failed, 6U);
}

TEST_F(EventWriterTest, ADisabledWriterWritesNothing) {
  ScriptedServer server(context_, {{ReadRequest{}, Stall{}}});
  const auto client = client_for(server);
  EventWriter writer(context_.get_executor(), *client, tasks_, false);
  writer.notice(ready(1));
  context_.poll();
  EXPECT_EQ(writer.counts().sent + writer.counts().failed, 0U);
  // Only the enabled writer contacts the server.
  EventWriter other(context_.get_executor(), *client, tasks_, true);
  other.notice(ready(2));
  run_until([&] { return server.log().requests.size() == 1; });
  EXPECT_NE(server.log().requests.at(0).find("p2."), std::string::npos);
}

}  // namespace
}  // namespace knm
