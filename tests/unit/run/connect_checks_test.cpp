#include "controller/run/connect_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace knm {
namespace {

using test::ReadRequest, test::Script, test::ScriptedServer, test::Send, test::Stall;
using ::testing::HasSubstr, ::testing::Not;

Script answering(const std::string& first, const std::string& others) {
  Script script{ReadRequest{}, Send{first}};
  for (int i = 0; i < 20; ++i) {
    script.push_back(ReadRequest{});
    script.push_back(Send{others});
  }
  script.push_back(Stall{});
  return script;
}

struct ConnectChecks : testing::Test {
  Check check_config(const Script& script) {
    ScriptedServer server(context, {script});
    return check_config(server);
  }
  Check check_config(const ScriptedServer& server) {
    Settings settings;
    settings.api_server = {"127.0.0.1"};
    settings.api_port = server.port();
    const auto parts = config_client_parts(context.get_executor(), settings, {}, {}).value();
    contrail::DatabaseIdentity identity;
    return test::run(context, check_config_api(context.get_executor(), settings, parts, 0, identity)).at(0);
  }
  Check check_api_server(const std::string& version, const std::string& review) {
    ScriptedServer server(context, {answering(version, review), answering(review, review)});
    k8s::ClientConfig config;
    config.server = net::parse_endpoint(server.url()).value();
    const auto client = k8s::Client::create(context.get_executor(), config).value();
    Settings settings;
    settings.leader_election = true;
    return test::run(context, check_kubernetes(*client, settings, "controllers")).at(0);
  }

  boost::asio::io_context context;
};

// It says nothing of the database.
TEST_F(ConnectChecks, AServerWithoutTimeIsNamedAsSuch) {
  const std::string busy = "HTTP/1.1 429 X\r\nContent-Length: 4\r\n\r\nbusy";
  const auto check = check_config(answering(busy, busy));
  EXPECT_FALSE(check.good);
  EXPECT_EQ(check.found, "HTTP 429: busy");
}

// Answers to the question for the database, and then to one type after the other.
const std::string database = test::ok(R"({"uuid": "b0000001-0000-4000-8000-000000000000"})");
std::string refusal(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(ConnectChecks, TheFirstTypeThatTheServerFailsOnIsNamed) {
  Script script{ReadRequest{}, Send{database}, ReadRequest{}, Send{refusal(403, "no")}};
  for (const auto* body : {"first", "second"}) {
    script.push_back(ReadRequest{});
    script.push_back(Send{refusal(500, body)});
  }
  for (int i = 0; i < 10; ++i) {
    script.push_back(ReadRequest{});
    script.push_back(Send{test::ok("{}")});
  }
  const auto check = check_config(script);
  EXPECT_FALSE(check.good);
  EXPECT_THAT(check.found, HasSubstr("the user may not read projects (403)"));
  EXPECT_THAT(check.found, HasSubstr("; virtual-networks: HTTP 500 first"));
  EXPECT_THAT(check.found, Not(HasSubstr("second")));
}

TEST_F(ConnectChecks, AServerThatDoesNotAnswerIsAskedForOneTypeOnly) {
  ScriptedServer server(context, {{ReadRequest{}, Send{database}, ReadRequest{}, test::Reset{}}, {test::Reset{}}});
  const auto check = check_config(server);
  EXPECT_FALSE(check.good);
  EXPECT_THAT(check.found, HasSubstr("GET /projects"));
  EXPECT_LE(server.log().connections, 2U) << "a read is repeated once";
}

TEST_F(ConnectChecks, DatabasesThatAreNotComparedAreSaidSo) {
  const auto check = check_config(
      answering("HTTP/1.1 403 X\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno", test::ok("{}")));
  EXPECT_TRUE(check.good);
  EXPECT_THAT(check.found, HasSubstr("databases are not compared"));
  const auto other =
      check_config(answering(test::ok(R"({"uuid": "b0000001-0000-4000-8000-000000000000"})"), test::ok("{}")));
  EXPECT_TRUE(other.good);
  EXPECT_THAT(other.found, Not(HasSubstr("databases")));
}

TEST_F(ConnectChecks, AnswersOfAnotherFormAreNoPermissions) {
  for (const std::string allowed : {R"({"status": {"allowed": "true"}})", R"({"status": 7})", "[]"}) {
    const auto review = "HTTP/1.1 201 X\r\nContent-Length: " + std::to_string(allowed.size()) + "\r\n\r\n" + allowed;
    const auto check = check_api_server(test::ok(R"({"gitVersion": 7})"), review);
    EXPECT_FALSE(check.good);
    EXPECT_THAT(check.found, HasSubstr("create leases.coordination.k8s.io in controllers"));
  }
  const auto all = R"({"status": {"allowed": true}})";
  const auto check = check_api_server(
      test::ok(R"({"gitVersion": 7})"),
      "HTTP/1.1 201 X\r\nContent-Length: " + std::to_string(std::string_view(all).size()) + "\r\n\r\n" + all);
  EXPECT_TRUE(check.good) << check.found;
  EXPECT_THAT(check.found, HasSubstr("an unknown version"));
}

}  // namespace
}  // namespace knm
