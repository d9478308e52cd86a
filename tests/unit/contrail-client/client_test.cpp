#include "contrail-client/rest/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "contrail-client/error.hpp"
#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::Reset, test::ScriptedServer, test::Script, test::Send, test::Stall;
using ::testing::HasSubstr;
using ::testing::Not;

// Only scripts make these servers slow. The time-outs are never reached if an answer is expected.
constexpr auto ample = 20s;
constexpr auto short_time = 30ms;

const Uuid id = *Uuid::parse("b0000039-3900-4000-8000-000000000000");
const Request a_read = read(Type::project, id);
const Request a_write = remove(Type::project, id);
const Request a_list = list(Type::project, {}, {});

const std::string two_projects =
    R"({"projects": [{"uuid": "b0000001-0000-4000-8000-000000000000", "fq_name": ["d", "a"]},)"
    R"( {"uuid": "b0000002-0000-4000-8000-000000000000", "fq_name": ["d", "b"]}]})";

Script answering(int times, const std::string& body = "{}") {
  Script script;
  for (int i = 0; i < times; ++i) {
    script.push_back(ReadRequest{});
    script.push_back(Send{test::ok(body)});
  }
  script.push_back(Stall{});
  return script;
}

struct ClientTest : testing::Test {
  net::Endpoint at(const ScriptedServer& server) { return net::parse_endpoint(server.url()).value(); }

  Client client_of(const ScriptedServer& server, ClientOptions options = {}) {
    return Client(context.get_executor(), {at(server)}, std::move(options));
  }

  Answer exchange(Client& client, const Request& request, std::chrono::milliseconds timeout = ample) {
    return test::run(context, client.exchange(request, timeout));
  }

  Answer list(Client& client, std::chrono::milliseconds timeout = ample, ListParser::Filter filter = {}) {
    names.clear();
    return test::run(context, client.list(
                                  Type::project, a_list, [this](Object&& object) { names.push_back(object.fq_name); },
                                  timeout, std::move(filter)));
  }

  asio::io_context context;
  std::vector<FqName> names;  // of the objects of the last list
};

TEST_F(ClientTest, SendsNothingThatTheProgramDoesNotPermit) {
  ScriptedServer server{context, {answering(1)}};
  auto client = client_of(server, {.may_send = [] { return false; }});
  for (const auto& request : {a_read, a_write}) {
    const auto refused = exchange(client, request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reached, Reached::not_sent);
  }
  EXPECT_FALSE(list(client));
  EXPECT_TRUE(server.log().requests.empty());
}

TEST_F(ClientTest, SendsTheExpectedHeadersAndBody) {
  ScriptedServer server{context, {answering(3)}};
  auto client = client_of(server, {.user_agent = "kube-network-manager/1.2.3"});
  const auto answer = exchange(client, name_to_id(Type::project, "d:p"));
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{}");
  const auto& request = server.log().requests.at(0);
  EXPECT_THAT(request, HasSubstr("POST /fqname-to-id HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nUser-Agent: kube-network-manager/1.2.3\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Length: 38\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("chunked")));

  Request empty = a_write;
  empty.method = "PUT";
  ASSERT_TRUE(exchange(client, empty));
  EXPECT_THAT(server.log().requests.at(1), HasSubstr("\r\nContent-Length: 0\r\n"));
  EXPECT_EQ(server.log().connections, 1U);
}

TEST_F(ClientTest, AResponseOfAnyStatusIsAnAnswer) {
  ScriptedServer server{context,
                        {{ReadRequest{}, Send{"HTTP/1.1 409 Conflict\r\nContent-Type: text/html\r\n"
                                              "Content-Length: 15\r\n\r\nalready exists!"}}}};
  auto client = client_of(server);
  const auto answer = exchange(client, a_write);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->body, "already exists!");
}

TEST_F(ClientTest, SharesFewConnections) {
  ScriptedServer server{context, {answering(100)}};
  auto client = client_of(server, {.max_connections = 3});
  int done = 0;
  for (int i = 0; i < 30; ++i)
    asio::co_spawn(context, client.exchange(a_write, ample), [&](std::exception_ptr e, Answer answer) {
      EXPECT_FALSE(e);
      EXPECT_TRUE(answer);
      ++done;
    });
  while (done < 30) {
    context.run_one();
    EXPECT_LE(client.in_use(), 3U);
  }
  EXPECT_EQ(server.log().connections, 3U);
  EXPECT_EQ(client.idle(), 3U);
  EXPECT_EQ(client.waiting(), 0U);
}

TEST_F(ClientTest, ATimeOutWhileWaitingForAConnectionSendsNothing) {
  ScriptedServer server{context, {{ReadRequest{}, Stall{}}}};
  auto client = client_of(server, {.max_connections = 1});
  asio::cancellation_signal stop;
  bool stopped = false;
  asio::co_spawn(context, client.exchange(a_write, ample),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, Answer) { stopped = true; }));
  const auto second = exchange(client, a_write, short_time);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reached, Reached::not_sent);
  EXPECT_THAT(second.error().error.message, HasSubstr("none became free"));
  stop.emit(asio::cancellation_type::terminal);
  while (!stopped) context.run_one();
  EXPECT_EQ(client.in_use(), 0U);
  EXPECT_EQ(client.waiting(), 0U);
}

// A waiter that is cancelled after it was given a slot, but before it takes it, must pass the slot on.
TEST_F(ClientTest, CancelledWaitersLoseNoSlot) {
  ScriptedServer server{context, {answering(10)}};
  auto client = client_of(server, {.max_connections = 1});
  std::array<asio::cancellation_signal, 4> stop;
  int answered = 0, ended = 0;
  for (auto& signal : stop)
    asio::co_spawn(context, client.exchange(a_write, ample),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, Answer answer) {
                     ++ended;
                     if (!e && answer) ++answered;
                     // The first exchange cancels the next waiter at the moment when it releases its slot.
                     if (ended == 1) stop[1].emit(asio::cancellation_type::terminal);
                   }));
  while (ended < 4) context.run_one();
  EXPECT_GE(answered, 3);
  EXPECT_TRUE(exchange(client, a_write));
  EXPECT_EQ(client.in_use(), 0U);
}

TEST_F(ClientTest, AReadIsRepeatedAfterAStaleConnection) {
  ScriptedServer server{context, {{ReadRequest{}, Send{test::ok("1")}, ReadRequest{}}, answering(2, "2")}};
  auto client = client_of(server);
  ASSERT_TRUE(exchange(client, a_read));
  const auto answer = exchange(client, a_read);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(answer->body, "2");
  EXPECT_EQ(server.log().connections, 2U);
  EXPECT_EQ(server.log().requests.size(), 3U);
}

TEST_F(ClientTest, AListIsRepeatedAfterAStaleConnection) {
  ScriptedServer server{context,
                        {{ReadRequest{}, Send{test::ok("1")}, ReadRequest{}, Reset{}}, answering(1, two_projects)}};
  auto client = client_of(server);
  ASSERT_TRUE(exchange(client, a_read));
  const auto answer = list(client);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(names, (std::vector<FqName>{"d:a", "d:b"}));
}

TEST_F(ClientTest, TheOutcomeOfAWriteOnAStaleConnectionIsUnknown) {
  ScriptedServer server{context, {{ReadRequest{}, Send{test::ok("1")}, ReadRequest{}}, answering(1)}};
  auto client = client_of(server);
  ASSERT_TRUE(exchange(client, a_write));
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::unknown);
  EXPECT_THAT(answer.error().error.message, HasSubstr("DELETE /project/" + id.text()));
  EXPECT_EQ(server.log().requests.size(), 2U);
  EXPECT_TRUE(exchange(client, a_write));
}

TEST_F(ClientTest, NothingIsRepeatedAfterAFreshConnection) {
  ScriptedServer server{context, {{ReadRequest{}, Reset{}}, answering(1)}};
  auto client = client_of(server);
  const auto answer = exchange(client, a_read);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::unknown);
  EXPECT_EQ(server.log().requests.size(), 1U);
}

TEST_F(ClientTest, TheOutcomeIsUnknownAfterHalfAnAnswer) {
  ScriptedServer server{context, {{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"pro"}}}};
  auto client = client_of(server);
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::unknown);
  EXPECT_EQ(answer.error().error.code, make_error_code(net::errc::closed));
  const auto listed = list(client);
  ASSERT_FALSE(listed);
  EXPECT_TRUE(names.empty());
}

TEST_F(ClientTest, TheOutcomeIsUnknownAfterATimeOut) {
  ScriptedServer server{context, {{ReadRequest{}, Stall{}}, answering(1)}};
  auto client = client_of(server);
  const auto answer = exchange(client, a_write, short_time);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::unknown);
  EXPECT_EQ(answer.error().error.code, make_error_code(net::errc::timed_out));
  EXPECT_TRUE(exchange(client, a_write));
}

TEST_F(ClientTest, ARefusedConnectionSendsNothing) {
  ScriptedServer server{context, {answering(1)}};
  auto client = client_of(server);
  const auto url = server.url();
  server.stop();
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::not_sent);
  EXPECT_THAT(answer.error().error.message, HasSubstr(url.substr(std::string_view{"http://"}.size())));
}

TEST_F(ClientTest, BodiesAreBounded) {
  ScriptedServer server{context, {answering(1, std::string(1001, 'x'))}};
  auto client = client_of(server, {.max_body_bytes = 1000});
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, make_error_code(errc::too_large));
  EXPECT_EQ(answer.error().reached, Reached::unknown);
}

TEST_F(ClientTest, ListsAreBounded) {
  ScriptedServer server{context, {answering(1, two_projects)}};
  auto client = client_of(server, {.max_body_bytes = 10, .max_list_bytes = 100});
  const auto answer = list(client);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, make_error_code(errc::too_large));
}

TEST_F(ClientTest, AListArrivesInPieces) {
  ScriptedServer server{context,
                        {{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
                          Send{test::chunk(two_projects.substr(0, 50))}, Send{test::chunk(two_projects.substr(50))},
                          Send{"0\r\n\r\n"}, ReadRequest{}, Send{test::ok(two_projects)}, Stall{}}}};
  auto client = client_of(server, {.max_body_bytes = 10});  // limits only bodies of errors
  const auto answer = list(client);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(*answer, (Response{.status = 200, .body = ""}));
  EXPECT_EQ(names, (std::vector<FqName>{"d:a", "d:b"}));
  ASSERT_TRUE(list(client, ample, [](const Uuid& uuid, const Annotations&) { return uuid.bytes[3] == 2; }));
  EXPECT_EQ(names, std::vector<FqName>{"d:b"});
  EXPECT_EQ(server.log().connections, 1U);
}

TEST_F(ClientTest, AListThatIsAnErrorKeepsTheTextOfItsBody) {
  ScriptedServer server{context,
                        {{ReadRequest{}, Send{"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n"
                                              "Content-Length: 17\r\n\r\n<html>busy</html>"}}}};
  auto client = client_of(server);
  const auto answer = list(client);
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, (Response{.status = 503, .body = "busy"}));
  EXPECT_TRUE(names.empty());
}

TEST_F(ClientTest, AnInvalidListIsAnErrorWithAnExcerpt) {
  ScriptedServer server{context,
                        {answering(1, "proxy login"), answering(1, R"({"projects": [{"uuid": 1}]})"),
                         answering(1, R"({"projects": [)"), answering(1, two_projects)}};
  auto client = client_of(server);
  for (const auto* message : {"proxy login", "projects[0].uuid: text expected", "cut short after 14 bytes"}) {
    const auto answer = list(client);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().error.message, HasSubstr("POST /list-bulk-collection: list of projects: "));
    EXPECT_THAT(answer.error().error.message, HasSubstr(message));
  }
}

TEST_F(ClientTest, UsesTheNextServerAfterARefusal) {
  ScriptedServer first{context, {answering(1)}}, second{context, {answering(3)}};
  const auto stopped = at(first);
  first.stop();
  Client client{context.get_executor(), {stopped, at(second)}};
  EXPECT_EQ(client.server(), stopped);
  for (int i = 0; i < 3; ++i) {
    const auto answer = exchange(client, a_write);
    ASSERT_TRUE(answer) << answer.error().error.message;
    EXPECT_EQ(client.server(), at(second));
  }
  EXPECT_EQ(second.log().connections, 1U);
}

TEST_F(ClientTest, UsesAnotherServerWhenTheCurrentOneStops) {
  ScriptedServer first{context, {{ReadRequest{}, Send{test::ok("1")}}}};  // closes after one answer
  ScriptedServer refusing{context, {answering(1)}}, third{context, {answering(1)}};
  Client client{context.get_executor(), {at(first), at(refusing), at(third)}};
  ASSERT_EQ(exchange(client, a_write)->body, "1");
  first.stop();
  refusing.stop();
  const auto answer = exchange(client, a_read);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(client.server(), at(third));
}

TEST_F(ClientTest, NamesEveryServerThatRefused) {
  ScriptedServer first{context, {answering(1)}}, second{context, {answering(1)}};
  const auto one = at(first), two = at(second);
  first.stop();
  second.stop();
  Client client{context.get_executor(), {one, two}};
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::not_sent);
  EXPECT_THAT(answer.error().error.message, HasSubstr(one.authority()));
  EXPECT_THAT(answer.error().error.message, HasSubstr(two.authority()));
  EXPECT_EQ(client.server(), one);
}

// --- Answers without an end

const Request a_stream{.method = "GET", .target = "/watch", .body = ""};
const std::string stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

// Follows in the background.
struct Following : Follower {
  void opened(const std::string& url) override {
    server = url;
    if (on_open) on_open();
  }
  base::Result<void> take(std::string_view) override { return {}; }
  std::chrono::milliseconds patience() const override { return ample; }

  void begin(asio::io_context& context, Client& client) {
    asio::co_spawn(context, client.follow(a_stream, *this, ample),
                   asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr e, Answer end) {
                     thrown = e != nullptr;
                     answer.emplace(std::move(end));
                   }));
  }

  std::string server;  // of the stream; empty: it has not begun
  std::function<void()> on_open;
  asio::cancellation_signal stop;
  std::optional<Answer> answer;
  bool thrown = false;
};

TEST_F(ClientTest, ARefusedStreamDelaysNoOtherRequest) {
  ScriptedServer server{
      context, {{ReadRequest{}, Send{"HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"}}, answering(1)}};
  auto client = client_of(server);
  Following follower;
  const auto refused = test::run(context, client.follow(a_stream, follower, ample));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  const auto answer = exchange(client, a_read);
  EXPECT_TRUE(answer) << answer.error().error.message;
}

TEST_F(ClientTest, AnswersToAFollowerThatAreNoStreamAreForeign) {
  const std::pair<std::string, bool> cases[] = {{"{}", false}, {"  <html></html>", true}};
  for (const auto& [body, is_page] : cases) {
    ScriptedServer server{context, {answering(1, body)}};
    auto client = client_of(server);
    Following follower;
    const auto foreign = test::run(context, client.follow(a_stream, follower, ample));
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().error.code, make_error_code(errc::foreign_answer));
    EXPECT_EQ(foreign.error().error.message.find("an HTML page") != std::string::npos, is_page) << body;
  }
}

TEST_F(ClientTest, AStreamEndsAFault) {
  ScriptedServer server{context, {{ReadRequest{}, Send{stream_head}, Stall{}}}};
  const std::shared_ptr<Access> access = Access::create(context.get_executor(), {}, {}).value();
  auto client = client_of(server, {.access = access});
  access->refusal(at(server));
  ASSERT_NE(client.access_fault(), "");
  Following follower;
  std::string fault = "the stream has not begun";
  follower.on_open = [&] { fault = client.access_fault(); };
  follower.begin(context, client);
  while (follower.server.empty()) context.run_one();
  EXPECT_EQ(fault, "");
  follower.stop.emit(asio::cancellation_type::terminal);
  while (!follower.answer) context.run_one();
}

// The stream was the first that found the server in use.
TEST_F(ClientTest, AStreamThatWentOnToTheNextServerStays) {
  ScriptedServer first{context, {answering(1)}};
  ScriptedServer second{context, {{ReadRequest{}, Send{stream_head}, Stall{}}, answering(1)}};
  const auto stopped = at(first);
  first.stop();
  test::LogLines log;
  Client client{context.get_executor(), {stopped, at(second)}, {.log = log.log()}};
  Following follower;
  follower.begin(context, client);
  while (follower.server.empty()) context.run_one();
  EXPECT_EQ(follower.server, second.url());
  EXPECT_THAT(log.text(), HasSubstr("another server of the config API"));
  ASSERT_TRUE(exchange(client, a_read));
  context.restart();
  context.poll();
  EXPECT_FALSE(follower.answer);
  context.restart();
  follower.stop.emit(asio::cancellation_type::terminal);
  while (!follower.answer) context.run_one();
  EXPECT_TRUE(follower.thrown || follower.answer->error().error.code == make_error_code(net::errc::cancelled));
}

// --- Several servers

// The first server may have carried out the write.
TEST_F(ClientTest, NeverSendsAWriteToTwoServers) {
  ScriptedServer first{context, {{ReadRequest{}, Reset{}}}}, second{context, {answering(1)}};
  Client client{context.get_executor(), {at(first), at(second)}};
  const auto answer = exchange(client, a_write);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reached, Reached::unknown);
  EXPECT_EQ(second.log().connections, 0U);
}

}  // namespace
}  // namespace contrail
