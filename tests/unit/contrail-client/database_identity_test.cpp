// A server with another database: an empty one, or one of another installation.
#include "contrail-client/rest/database_identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/client.hpp"
#include "tests/unit/k8sclient/support/log_lines.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::Reset, test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;
using ::testing::HasSubstr, ::testing::Not, ::testing::StartsWith;

const std::string ours = R"({"uuid": "b0000001-0000-4000-8000-000000000000"})";
const std::string theirs = R"({"uuid": "b0000002-0000-4000-8000-000000000000"})";
const std::string gone =
    "HTTP/1.1 404 X\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: 12\r\n\r\nNo project 1";

TEST(DatabaseIdentity, TheFirstDatabaseIsTheOne) {
  DatabaseIdentity identity;
  EXPECT_FALSE(identity.compare({200, ours}, "a"));
  EXPECT_FALSE(identity.compare({200, ours}, "b"));
  const auto other = identity.compare({200, theirs}, "http://c:8082");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->code, make_error_code(errc::other_database));
  EXPECT_THAT(other->message, HasSubstr("http://c:8082 has another database"));
  EXPECT_THAT(other->message, HasSubstr("restart this program"));
  EXPECT_EQ(identity.fault(), other->message);
  EXPECT_FALSE(identity.compare({200, ours}, "a"));
  EXPECT_EQ(identity.fault(), "");
}

TEST(DatabaseIdentity, AnAnswerOfAnythingElseIsForeign) {
  for (const auto& answer : {Response{200, "{}"}, Response{200, "<html>"}, Response{404, "not found"}}) {
    DatabaseIdentity identity;
    const auto error = identity.compare(answer, "a");
    ASSERT_TRUE(error) << answer.body;
    EXPECT_EQ(error->code, make_error_code(errc::foreign_answer));
    EXPECT_FALSE(identity.compare({200, ours}, "a")) << "nothing was learnt";
  }
}

// A role of RBAC may not have this right, and need not.
TEST(DatabaseIdentity, AServerThatRefusesToTellIsNotCompared) {
  DatabaseIdentity identity;
  EXPECT_FALSE(identity.compare({200, ours}, "a"));
  EXPECT_TRUE(identity.compare({200, theirs}, "a"));
  EXPECT_FALSE(identity.compare({403, "403 Permission Denied"}, "a"));
  EXPECT_EQ(identity.fault(), "");
}

struct DatabaseTest : testing::Test {
  static Script answering(const std::vector<std::string>& answers) {
    Script script;
    for (const auto& answer : answers) {
      script.push_back(ReadRequest{});
      script.push_back(Send{answer});
    }
    return script;
  }
  static Script kept(Script script) {
    script.push_back(Stall{});
    return script;
  }
  Client client_of(const std::vector<const ScriptedServer*>& servers) {
    std::vector<net::Endpoint> endpoints;
    for (const auto* server : servers) endpoints.push_back(net::parse_endpoint(server->url()).value());
    return Client(context.get_executor(), endpoints, {.check_database = true, .log = log.log()});
  }
  Answer exchange(Client& client, const std::string& method = "DELETE") {
    return test::run(context, client.exchange({method, "/project/1", ""}, 20s));
  }
  static std::string sent(const ScriptedServer& server, std::size_t request) {
    return server.log().requests.at(request);
  }

  asio::io_context context;
  test::LogLines log;
};

TEST_F(DatabaseTest, EachConnectionBeginsWithTheQuestion) {
  ScriptedServer api{context, {kept(answering({test::ok(ours), test::ok(""), test::ok("")}))}};
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  ASSERT_TRUE(exchange(client));
  ASSERT_EQ(api.log().requests.size(), 3U) << "one question for many requests";
  EXPECT_THAT(sent(api, 0), StartsWith("POST /fqname-to-id HTTP/1.1\r\n"));
  EXPECT_THAT(sent(api, 0), HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(sent(api, 1), StartsWith("DELETE /project/1 "));
}

TEST_F(DatabaseTest, NothingIsSentToAServerThatCameBackEmpty) {
  ScriptedServer api{context,
                     {answering({test::ok(ours), test::ok("")}), answering({test::ok(theirs)}),
                      answering({test::ok(theirs)}), kept(answering({test::ok(ours), test::ok("")}))}};
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  for (int i = 0; i < 2; ++i) {
    const auto refused = exchange(client, "GET");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reached, Reached::not_sent);
    EXPECT_EQ(refused.error().error.code, make_error_code(errc::other_database));
    EXPECT_THAT(client.access_fault(), HasSubstr("another database"));
  }
  ASSERT_TRUE(exchange(client, "GET"));
  EXPECT_EQ(client.access_fault(), "");
  for (std::size_t i = 2; i < 4; ++i) EXPECT_THAT(sent(api, i), StartsWith("POST /fqname-to-id "));
  EXPECT_THAT(log.text(), HasSubstr("has the database of before again"));
}

TEST_F(DatabaseTest, AServerOfAnotherInstallationIsLeftForTheNext) {
  ScriptedServer first{context, {answering({test::ok(ours), "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"})}};
  ScriptedServer other{context, {kept(answering({test::ok(theirs)}))}};
  ScriptedServer third{context, {kept(answering({test::ok(ours), test::ok("")}))}};
  auto client = client_of({&first, &other, &third});
  ASSERT_TRUE(exchange(client));
  EXPECT_FALSE(exchange(client));
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(client.address(), third.url());
  EXPECT_EQ(other.log().requests.size(), 1U);
}

// Some gateways close each connection. They go on working, and the log says what that costs.
TEST_F(DatabaseTest, AServerThatClosesAfterEachAnswerIsUsedWithAWarning) {
  const std::string close = "Connection: close\r\n";
  ScriptedServer api{context,
                     {answering({test::ok(ours, close)}), answering({test::ok("", close)}),
                      answering({test::ok(ours, close)}), answering({test::ok("", close)})}};
  auto client = client_of({&api});
  for (int i = 0; i < 2; ++i) {
    const auto answer = exchange(client);
    ASSERT_TRUE(answer) << answer.error().error.message;
  }
  ASSERT_EQ(api.log().requests.size(), 4U);
  EXPECT_THAT(sent(api, 1), StartsWith("DELETE /project/1 "));
  EXPECT_EQ(api.log().connections, 4U);
  ASSERT_EQ(log.lines().size(), 1U) << log.text();
  EXPECT_THAT(log.text(), HasSubstr("closes the connection after each answer"));
}

TEST_F(DatabaseTest, TheQuestionOfAStreamAsksForJson) {
  ScriptedServer api{context, {kept(answering({test::ok(ours), test::ok("")}))}};
  auto client = client_of({&api});
  struct : Follower {
    void opened(const std::string&) override {}
    base::Result<void> take(std::string_view) override { return {}; }
    std::chrono::milliseconds patience() const override { return 20s; }
  } follower;
  test::run(context, client.follow({"GET", "/watch", ""}, follower, 20s));
  EXPECT_THAT(sent(api, 0), HasSubstr("\r\nAccept: application/json\r\n"));
  EXPECT_THAT(sent(api, 1), HasSubstr("\r\nAccept: text/event-stream\r\n"));
}

TEST_F(DatabaseTest, TheLogHasAFaultOnce) {
  ScriptedServer api{context, {answering({test::ok(ours), test::ok("")}), answering({test::ok(theirs)})}};
  auto client = client_of({&api});
  ASSERT_TRUE(exchange(client));
  int ended = 0;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(context, client.exchange({"DELETE", "/project/1", ""}, 20s), [&](std::exception_ptr, Answer answer) {
      EXPECT_FALSE(answer);
      ++ended;
    });
  context.restart();
  while (ended < 3) context.run_one();
  EXPECT_EQ(log.lines().size(), 1U) << log.text();
}

// A load balancer has put another server behind an open connection.
TEST_F(DatabaseTest, AnAbsenceIsBelievedAfterTheQuestionOnly) {
  ScriptedServer api{context, {kept(answering({test::ok(ours), gone, test::ok(ours), gone, test::ok(theirs)}))}};
  auto client = client_of({&api});
  const auto really = exchange(client);
  ASSERT_TRUE(really) << really.error().error.message;
  EXPECT_EQ(really->status, 404);
  const auto elsewhere = exchange(client);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().reached, Reached::unknown);
  EXPECT_EQ(elsewhere.error().error.code, make_error_code(errc::other_database));
}

TEST_F(DatabaseTest, AnEmptyListIsBelievedAfterTheQuestionOnly) {
  const auto none = test::ok(R"({"projects": []})");
  const auto one =
      test::ok(R"({"projects": [{"uuid": "b0000001-0000-4000-8000-000000000000", "fq_name": ["d", "a"]}]})");
  ScriptedServer api{context, {kept(answering({test::ok(ours), one, none, test::ok(ours), none, test::ok(theirs)}))}};
  auto client = client_of({&api});
  const auto read = [&] {
    return test::run(context, client.list(Type::project, list(Type::project, {}, {}), [](Object&&) {}, 20s));
  };
  EXPECT_TRUE(read());
  EXPECT_EQ(api.log().requests.size(), 2U);
  EXPECT_TRUE(read());
  const auto foreign = read();
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().error.code, make_error_code(errc::other_database));
}

// A load balancer that has no server left accepts connections and closes them.
TEST_F(DatabaseTest, AServerThatClosesConnectionsAtOnceIsLeft) {
  ScriptedServer closing{context, {{Reset{}}}};
  ScriptedServer good{context, {kept(answering({test::ok(ours), test::ok("")}))}};
  auto client = client_of({&closing, &good});
  const auto refused = exchange(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reached, Reached::not_sent);
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(client.address(), good.url());
}

TEST_F(DatabaseTest, AnUnavailableServerIsAnsweredForTheRequest) {
  const std::string unavailable = "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n";
  ScriptedServer first{context, {kept(answering({unavailable}))}};
  ScriptedServer second{context, {kept(answering({test::ok(ours), test::ok("")}))}};
  auto client = client_of({&first, &second});
  const auto answer = exchange(client);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  ASSERT_TRUE(exchange(client));
  EXPECT_EQ(client.address(), second.url());
}

}  // namespace
}  // namespace contrail
