#include "net/connection.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::chunk, test::ReadRequest, test::Reset, test::Script, test::ScriptedServer, test::Send, test::Stall;

struct ConnectionTest : testing::Test {
  Connection connect(const ScriptedServer& server, ConnectionOptions options = {}) {
    return Connection(context.get_executor(), parse_endpoint(server.url()).value(), nullptr, options);
  }
  Outcome<HttpResponse> get(Connection& connection, const std::string& target = "/",
                            std::chrono::milliseconds time = 10s) {
    return test::run(context, connection.exchange({"GET", target, {}, ""}, Deadline::clock::now() + time));
  }
  asio::io_context context;
};

TEST_F(ConnectionTest, KeepsTheConnectionAfterAnExchange) {
  ScriptedServer server(context,
                        {{ReadRequest{}, Send{test::ok("one")}, ReadRequest{}, Send{test::ok("two")}, Stall{}}});
  auto connection = connect(server);
  EXPECT_EQ(get(connection, "/a?b=c").value().body, "one");
  EXPECT_TRUE(connection.reusable());
  const auto second = test::run(
      context, connection.exchange({"PUT", "/x", {{"Content-Type", "t"}}, "body"}, Deadline::clock::now() + 10s));
  EXPECT_EQ(second.value().body, "two");
  ASSERT_EQ(server.log().requests.size(), 2u);
  EXPECT_EQ(server.log().connections, 1u);
  const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
  EXPECT_EQ(server.log().requests[0], "GET /a?b=c HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_EQ(server.log().requests[1],
            "PUT /x HTTP/1.1\r\n" + host + "Content-Type: t\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(ConnectionTest, AsksBeforeEachRequestWhetherItMayBeSent) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("one")}, Stall{}}});
  std::vector<std::string> asked;
  ConnectionOptions options;
  options.may_send = [&](const HttpRequest& request) {
    asked.push_back(request.target);
    return request.target != "/no";
  };
  auto connection = connect(server, options);
  const auto refused = get(connection, "/no");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, errc::withheld);
  EXPECT_EQ(refused.error().delivery, Delivery::not_sent);
  EXPECT_TRUE(server.log().requests.empty());
  EXPECT_FALSE(get(connection, "/no"));
  EXPECT_EQ(asked, (std::vector<std::string>{"/no", "/no"}));
}

TEST_F(ConnectionTest, ReadsBodiesWithEveryKindOfEnd) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const struct {
    const char* name;
    std::string bytes;
    const char* body;
    bool kept;
  } cases[] = {
      {"length", test::ok("abc"), "abc", true},
      {"empty", test::ok(""), "", true},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
      {"chunks", chunked + chunk("ab") + chunk("cdef") + "0\r\n\r\n", "abcdef", true},
      {"chunk extension and trailer", chunked + "2;x=y\r\nab\r\n0\r\nT: v\r\n\r\n", "ab", true},
      {"until the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", "abc", false},
      {"interim response", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + test::ok("abc"), "abc", true},
      {"asked to close", test::ok("abc", "Connection: close\r\n"), "abc", false},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", false},
  };
  for (const auto& c : cases) {
    Script script{ReadRequest{}, Send{c.bytes}};
    if (c.kept) script.push_back(Stall{});
    ScriptedServer server(context, {script});
    auto connection = connect(server);
    const auto response = get(connection);
    ASSERT_TRUE(response) << c.name << ": " << response.error().error.message;
    EXPECT_EQ(response->body, c.body) << c.name;
    EXPECT_EQ(connection.reusable(), c.kept) << c.name;
  }
}

TEST_F(ConnectionTest, TheResultDoesNotDependOnTheSegments) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n" + chunk("hello, ") + chunk("world") + "0\r\n\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ScriptedServer server(context, {{ReadRequest{}, Send{bytes.substr(0, cut)}, Send{bytes.substr(cut)}, Stall{}}});
    auto connection = connect(server);
    const auto response = get(connection);
    ASSERT_TRUE(response) << cut << ": " << response.error().error.message;
    EXPECT_EQ(response->body, "hello, world") << cut;
    EXPECT_EQ(*find_header(response->headers, "a"), "b");
  }
}

TEST_F(ConnectionTest, ATruncatedResponseIsAnErrorWithUnknownDelivery) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") + "0\r\n\r\n";
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    ScriptedServer server(context, {{ReadRequest{}, Send{bytes.substr(0, cut)}}});
    auto connection = connect(server);
    const auto response = get(connection);
    ASSERT_FALSE(response) << cut;
    EXPECT_EQ(response.error().error.code, errc::closed) << cut << response.error().error.message;
    EXPECT_EQ(response.error().delivery, Delivery::unknown) << cut;
  }
}

TEST_F(ConnectionTest, AStaleConnectionIsRecognised) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("one")}, ReadRequest{}}});
  auto connection = connect(server);
  ASSERT_TRUE(get(connection));
  const auto second = get(connection);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().delivery, Delivery::stale);
  EXPECT_EQ(second.error().error.code, errc::closed);
}

TEST_F(ConnectionTest, AConnectionThatTheServerClosedWhileIdleIsOpenedAgain) {
  ScriptedServer server(context,
                        {{ReadRequest{}, Send{test::ok("one")}}, {ReadRequest{}, Send{test::ok("two")}, Stall{}}});
  auto connection = connect(server);
  ASSERT_TRUE(get(connection));
  while (connection.reusable()) context.run_one();
  EXPECT_EQ(get(connection).value().body, "two");
  EXPECT_EQ(server.log().connections, 2u);
}

TEST_F(ConnectionTest, AnUnsolicitedResponseIsNotUsedAsAnAnswer) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("one")}, Send{test::ok("unasked")}, Stall{}},
                                  {ReadRequest{}, Send{test::ok("two")}, Stall{}}});
  auto connection = connect(server);
  ASSERT_EQ(get(connection).value().body, "one");
  while (connection.reusable()) context.run_one();
  EXPECT_EQ(get(connection).value().body, "two");
}

TEST_F(ConnectionTest, ReportsARefusedConnection) {
  ScriptedServer server(context, {{Stall{}}});
  auto connection = connect(server);
  server.stop();
  const auto response = get(connection);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::connect_failed);
  EXPECT_EQ(response.error().delivery, Delivery::not_sent);
  EXPECT_NE(response.error().error.message.find("Connection refused"), std::string::npos)
      << response.error().error.message;
}

TEST_F(ConnectionTest, ReportsANameWithoutAddress) {
  Connection connection(context.get_executor(), parse_endpoint("http://no-such-host.invalid").value(), nullptr);
  const auto response = get(connection);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, errc::resolve_failed);
  EXPECT_NE(response.error().error.message.find("no-such-host.invalid"), std::string::npos);
}

TEST_F(ConnectionTest, ASilentServerMeetsTheDeadline) {
  ScriptedServer server(context, {{ReadRequest{}, Stall{}},
                                  {ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}, Stall{}}});
  auto connection = connect(server);
  for (int i = 0; i < 2; ++i) {
    const auto response = get(connection, "/", 20ms);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().error.code, errc::timed_out) << response.error().error.message;
    EXPECT_EQ(response.error().delivery, Delivery::unknown);
    EXPECT_FALSE(connection.reusable());
  }
}

TEST_F(ConnectionTest, ADeadlineCanBeExtendedBetweenReads) {
  ScriptedServer server(context, {{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"}, Stall{}}});
  auto connection = connect(server);
  const auto start = Deadline::clock::now();
  ASSERT_TRUE(test::run(context, connection.start({"GET", "/", {}, ""}, start + 30ms)));
  std::string got;
  const BodySink sink = [&got](std::string_view bytes) -> base::Result<void> {
    got += bytes;
    return {};
  };
  ASSERT_TRUE(test::run(context, connection.read_body(sink, start + 30ms)).value());
  const auto end = test::run(context, connection.read_body(sink, start + 80ms));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().error.code, errc::timed_out);
  EXPECT_GE(Deadline::clock::now(), start + 80ms);
  EXPECT_EQ(got, "ab");
}

TEST_F(ConnectionTest, LimitsHeaderAndBody) {
  const std::string big(3000, 'x');
  ScriptedServer server(
      context, {{ReadRequest{}, Send{test::ok("", "A: " + big + "\r\n")}, Stall{}},
                {ReadRequest{}, Send{test::ok(big)}, Stall{}},
                {ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(big)}, Stall{}},
                {ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + big}, Stall{}}});
  auto connection = connect(server, {.max_header_bytes = 2000, .max_body_bytes = 2000});
  EXPECT_EQ(get(connection).error().error.code, errc::header_too_large);
  EXPECT_EQ(get(connection).error().error.code, errc::body_too_large);
  EXPECT_EQ(get(connection).error().error.code, errc::body_too_large);
  EXPECT_EQ(get(connection).error().error.code, errc::body_too_large);
}

// The header of a chunk and the trailers must be limited as well.
TEST_F(ConnectionTest, LimitsChunkHeadersAndTrailers) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string endless(100'000, 'x');
  ScriptedServer server(context, {{ReadRequest{}, Send{head + "5;" + endless}, Stall{}},
                                  {ReadRequest{}, Send{head + "2\r\nab\r\n2;" + endless}, Stall{}},
                                  {ReadRequest{}, Send{head + "0\r\nA: " + endless}, Stall{}}});
  auto connection = connect(server, {.max_header_bytes = 2000, .max_body_bytes = 1'000'000});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(connection).error().error.code, errc::header_too_large) << i;
}

TEST_F(ConnectionTest, InvalidHttpIsAnError) {
  for (const char* garbage : {"SSH-2.0-OpenSSH\r\n\r\n", "\x15\x03\x01\x02\x02\x50\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                              "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"}) {
    ScriptedServer server(context, {{ReadRequest{}, Send{garbage}, Stall{}}});
    auto connection = connect(server);
    const auto response = get(connection);
    ASSERT_FALSE(response) << garbage;
    EXPECT_EQ(response.error().error.code, errc::malformed_response) << response.error().error.message;
  }
}

TEST_F(ConnectionTest, RefusesARequestThatWouldContainAnother) {
  ScriptedServer server(context, {{Stall{}}});
  auto connection = connect(server);
  const HttpRequest bad[] = {{"GET", "/ HTTP/1.1\r\nX: y", {}, ""},
                             {"GET", "x", {}, ""},
                             {"GET", "/", {{"A", "b\nc"}}, ""},
                             {"GET", "/a b", {}, ""},
                             {"GET", "", {}, ""}};
  for (const auto& request : bad)
    EXPECT_EQ(test::run(context, connection.exchange(request, Deadline::max())).error().error.code, errc::bad_request);
  EXPECT_EQ(server.log().connections, 0u);
}

TEST_F(ConnectionTest, StreamsABodyAsItArrives) {
  ScriptedServer server(context, {{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
                                   Send{chunk("one")}, ReadRequest{}, Send{chunk("two") + "0\r\n\r\n"}, Stall{}}});
  auto connection = connect(server);
  const auto head = test::run(context, connection.start({"GET", "/", {}, ""}, Deadline::clock::now() + 10s));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  std::string got;
  const BodySink sink = [&got](std::string_view bytes) -> base::Result<void> {
    got += bytes;
    return {};
  };
  // The first piece arrives although the server has not sent the rest: it waits for another request.
  EXPECT_TRUE(test::run(context, connection.read_body(sink, Deadline::clock::now() + 10s)).value());
  EXPECT_EQ(got, "one");
  EXPECT_FALSE(connection.reusable());
}

TEST_F(ConnectionTest, AnErrorOfTheSinkEndsTheExchange) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("abc")}, Stall{}}});
  auto connection = connect(server);
  ASSERT_TRUE(test::run(context, connection.start({"GET", "/", {}, ""}, Deadline::max())));
  const BodySink sink = [](std::string_view) -> base::Result<void> {
    return base::Error{errc::body_too_large, "enough"};
  };
  const auto read = test::run(context, connection.read_body(sink, Deadline::max()));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().error.message, "enough");
  EXPECT_FALSE(connection.reusable());
}

TEST_F(ConnectionTest, AnEarlyAnswerToARefusedBodyIsReadOrUnknown) {
  ScriptedServer server(
      context, {{Send{"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"}}});
  auto connection = connect(server);
  const auto response = test::run(
      context, connection.exchange({"POST", "/", {}, std::string(64 * 1024, 'x')}, Deadline::clock::now() + 10s));
  // The kernel may drop the answer with the connection; the outcome must not be wrong in this case.
  if (response) {
    EXPECT_EQ(response->status, 413);
  } else {
    EXPECT_EQ(response.error().delivery, Delivery::unknown);
  }
}

TEST_F(ConnectionTest, CanBeCancelledAtAnyWait) {
  ScriptedServer server(context, {{ReadRequest{}, Stall{}}});
  auto connection = connect(server);
  asio::cancellation_signal cancel;
  std::optional<Outcome<HttpResponse>> response;
  std::exception_ptr failure;
  bool done = false;
  asio::co_spawn(context, connection.exchange({"GET", "/", {}, ""}, Deadline::max()),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e, Outcome<HttpResponse> r) {
                   failure = e;
                   response.emplace(std::move(r));
                   done = true;
                 }));
  while (server.log().requests.empty()) context.run_one();
  cancel.emit(asio::cancellation_type::terminal);
  while (!done) context.run_one();
  // Asio allows both ends after a cancellation: an exception at the next wait, or the own error.
  if (!failure) {
    EXPECT_EQ(response->error().error.code, errc::cancelled);
  }
  EXPECT_FALSE(connection.reusable());
}

}  // namespace
}  // namespace net
