#include "k8sclient/client/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/client/credentials.hpp"
#include "k8sclient/client/write.hpp"
#include "net/errc.hpp"
#include "tests/unit/k8sclient/support/manual_clock.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::ReadRequest, test::ScriptedServer, test::Send, test::Stall;

TEST(Credentials, FollowARotatedFile) {
  const test::TempFolder folder;
  test::ManualClock clock;
  Credentials credentials("", folder.write("token", "one\n"), clock);
  EXPECT_EQ(credentials.authorization().value(), "Bearer one");
  folder.write("token", "two");
  EXPECT_EQ(credentials.authorization().value(), "Bearer one");
  clock.time += 1min;
  EXPECT_EQ(credentials.authorization().value(), "Bearer two");
  folder.write("token", "three");
  credentials.refused();
  EXPECT_EQ(credentials.authorization().value(), "Bearer three");
}

TEST(Credentials, KeepTheLastTokenWhileTheFileIsInvalid) {
  const test::TempFolder folder;
  test::ManualClock clock;
  const auto path = folder.write("token", "one");
  Credentials credentials("", path, clock);
  ASSERT_TRUE(credentials.authorization());
  folder.write("token", "");
  clock.time += 1h;
  EXPECT_EQ(credentials.authorization().value(), "Bearer one");
}

TEST(Credentials, AnInvalidFileAtTheStartIsAnErrorWithoutItsContent) {
  const test::TempFolder folder;
  const test::ManualClock clock;
  for (const char* content : {"", "  \n", "s3cret and more"}) {
    Credentials credentials("", folder.write("token", content), clock);
    const auto authorization = credentials.authorization();
    ASSERT_FALSE(authorization);
    EXPECT_EQ(authorization.error().code, errc::bad_credentials);
    EXPECT_NE(authorization.error().message.find(folder.path("token")), std::string::npos);
    EXPECT_EQ(authorization.error().message.find("s3cret"), std::string::npos);
  }
  EXPECT_FALSE(Credentials("", folder.path("none"), clock).authorization());
  EXPECT_EQ(Credentials("", "", clock).authorization().value(), "");
  EXPECT_EQ(Credentials("fixed", "", clock).authorization().value(), "Bearer fixed");
}

TEST(Patches, ContainOnlyTheChange) {
  EXPECT_EQ(annotation_patch("u-1", "a/b", "x\"y"), R"({"metadata":{"annotations":{"a/b":"x\"y"},"uid":"u-1"}})");
  EXPECT_EQ(annotation_patch("u-1", "a/b", std::nullopt), R"({"metadata":{"annotations":{"a/b":null},"uid":"u-1"}})");
  EXPECT_EQ(load_balancer_patch("u", {"1.2.3.4"}),
            R"({"metadata":{"uid":"u"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}})");
  EXPECT_EQ(load_balancer_patch("u", {}), R"({"metadata":{"uid":"u"},"status":{"loadBalancer":{"ingress":null}}})");
  EXPECT_EQ(load_balancer_removal("u", {"1.2.3.4", "lb.example.org", "1.2.3.5"}, {"1.2.3.5", "1.2.3.4", "1.1.1.1"}),
            R"([{"op":"test","path":"/metadata/uid","value":"u"},)"
            R"({"op":"test","path":"/status/loadBalancer/ingress/2/ip","value":"1.2.3.5"},)"
            R"({"op":"remove","path":"/status/loadBalancer/ingress/2"},)"
            R"({"op":"test","path":"/status/loadBalancer/ingress/0/ip","value":"1.2.3.4"},)"
            R"({"op":"remove","path":"/status/loadBalancer/ingress/0"}])");
  EXPECT_NO_THROW(annotation_patch("u", "k", "\xff"));
}

TEST(Writes, EveryAnswerHasAnOutcome) {
  const auto json = [](int status, const std::string& body, const std::string& header = "") {
    net::Headers headers{{"Content-Type", "application/json"}};
    if (!header.empty()) headers.emplace_back("Retry-After", header);
    return write_result(net::HttpResponse{status, headers, body}, "annotating pod a/b");
  };
  const auto done = json(200, R"({"metadata":{"resourceVersion":"77"}})");
  EXPECT_EQ(done.outcome, WriteOutcome::done);
  EXPECT_EQ(done.resource_version, 77u);
  EXPECT_EQ(json(200, "garbage").outcome, WriteOutcome::unknown);
  EXPECT_EQ(json(200, R"({"metadata":{"resourceVersion":7}})").outcome, WriteOutcome::unknown);
  EXPECT_EQ(json(401, "").outcome, WriteOutcome::unauthorized);
  EXPECT_EQ(json(403, "").outcome, WriteOutcome::forbidden);
  EXPECT_EQ(json(404, "").outcome, WriteOutcome::gone);
  EXPECT_EQ(json(409, "").outcome, WriteOutcome::conflict);
  EXPECT_EQ(json(422, "").outcome, WriteOutcome::invalid);
  EXPECT_EQ(json(500, "").outcome, WriteOutcome::unknown);
  EXPECT_EQ(json(302, "").outcome, WriteOutcome::unknown);
  const auto busy = json(429, "", "7");
  EXPECT_EQ(busy.outcome, WriteOutcome::busy);
  EXPECT_EQ(busy.retry_after, 7s);
  EXPECT_EQ(json(503, R"({"kind":"Status","apiVersion":"v1","details":{"retryAfterSeconds":3}})").retry_after, 3s);
  EXPECT_FALSE(json(429, "", "Wed, 21 Oct 2026 07:28:00 GMT").retry_after);
  const auto wrong_uid = json(
      422,
      R"({"kind":"Status","apiVersion":"v1","reason":"Invalid","details":{"causes":[{"field":"metadata.uid","message":"field is immutable"}]}})");
  EXPECT_EQ(wrong_uid.outcome, WriteOutcome::gone);
  const auto ending = json(
      403,
      R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden","details":{"causes":[{"reason":"NamespaceTerminating"}]}})");
  EXPECT_EQ(ending.outcome, WriteOutcome::ending);
  EXPECT_EQ(write_result(net::Failure{{}, net::Delivery::not_sent}, "x").outcome, WriteOutcome::not_sent);
  EXPECT_EQ(write_result(net::Failure{{}, net::Delivery::stale}, "x").outcome, WriteOutcome::unknown);
  EXPECT_EQ(write_result(net::Failure{{}, net::Delivery::unknown}, "x").outcome, WriteOutcome::unknown);
}

// An admission policy may drop a change while the answer is 200.
TEST(Writes, AChangeThatTheObjectDoesNotShowIsDropped) {
  const auto answer = [](const std::string& body, const Shows& shows) {
    return write_result(net::HttpResponse{200, {{"Content-Type", "application/json"}}, body}, "x", shows).outcome;
  };
  const auto pod = [](const std::string& annotations) {
    return R"({"metadata":{"resourceVersion":"7","annotations":)" + annotations + "}}";
  };
  EXPECT_EQ(answer(pod(R"({"k":"v"})"), shows_annotation("k", "v")), WriteOutcome::done);
  EXPECT_EQ(answer(pod(R"({"k":"w"})"), shows_annotation("k", "v")), WriteOutcome::dropped);
  EXPECT_EQ(answer(pod("{}"), shows_annotation("k", "v")), WriteOutcome::dropped);
  EXPECT_EQ(answer(R"({"metadata":{"resourceVersion":"7"}})", shows_annotation("k", "v")), WriteOutcome::dropped);
  EXPECT_EQ(answer(pod("7"), shows_annotation("k", "v")), WriteOutcome::dropped);
  EXPECT_EQ(answer(pod("{}"), shows_annotation("k", std::nullopt)), WriteOutcome::done);
  EXPECT_EQ(answer(pod(R"({"k":""})"), shows_annotation("k", std::nullopt)), WriteOutcome::dropped);

  const auto service = [](const std::string& ingress) {
    return R"({"metadata":{"resourceVersion":"7"},"status":{"loadBalancer":{"ingress":)" + ingress + "}}}";
  };
  const auto two = service(R"([{"ip":"1.2.3.4","ipMode":"VIP"},{"hostname":"a"}])");
  EXPECT_EQ(answer(service(R"([{"ip":"1.2.3.4"}])"), shows_load_balancer({"1.2.3.4"})), WriteOutcome::done);
  EXPECT_EQ(answer(two, shows_load_balancer({"1.2.3.4"})), WriteOutcome::dropped);
  EXPECT_EQ(answer(R"({"metadata":{"resourceVersion":"7"}})", shows_load_balancer({})), WriteOutcome::done);
  EXPECT_EQ(answer(two, shows_no_load_balancer({"1.2.3.4"})), WriteOutcome::dropped);
  EXPECT_EQ(answer(two, shows_no_load_balancer({"1.2.3.5"})), WriteOutcome::done);
}

TEST(Writes, ADenialIsNotAMissingRight) {
  const auto refused = [](const std::string& message) {
    return write_result(
               net::HttpResponse{403,
                                 {{"Content-Type", "application/json"}},
                                 R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden","code":403,"message":")" +
                                     message + "\"}"},
               "x")
        .outcome;
  };
  EXPECT_EQ(refused(R"(pods \"p\" is forbidden: User \"u\" cannot patch resource \"pods\" in API group \"\")"),
            WriteOutcome::forbidden);
  EXPECT_EQ(refused(R"(admission webhook \"w\" denied the request: no)"), WriteOutcome::invalid);
  EXPECT_EQ(refused(R"(pods \"p\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no)"),
            WriteOutcome::invalid);
}

TEST(Writes, TheLastOtherManagerOfAFieldIsNamed) {
  const auto entry = [](const std::string& manager, const std::string& time, const std::string& fields) {
    return R"({"manager":")" + manager + R"(","operation":"Update","time":")" + time + R"(","fieldsV1":)" + fields +
           "}";
  };
  const std::string annotation = R"({"f:metadata":{"f:annotations":{"f:k":{}}}})";
  const std::vector<std::string> path{"f:metadata", "f:annotations", "f:k"};
  const auto pod = R"({"metadata":{"managedFields":[)" + entry("early", "2026-01-01T00:00:00Z", annotation) + "," +
                   entry("late", "2026-01-01T00:00:02Z", annotation) + "," +
                   entry("us", "2026-01-01T00:00:03Z", annotation) + "," +
                   entry("elsewhere", "2026-01-01T00:00:04Z", R"({"f:spec":{}})") + "]}}";
  EXPECT_EQ(manager_of(pod, path, "us"), "late");
  EXPECT_EQ(manager_of(R"({"metadata":{}})", path, "us"), "");
  EXPECT_EQ(manager_of("garbage", path, "us"), "");
}

struct ClientTest : testing::Test {
  std::unique_ptr<Client> client_for(const ScriptedServer& server) {
    ClientConfig config;
    config.server = net::parse_endpoint(server.url()).value();
    config.token = "t0ken";
    return Client::create(context.get_executor(), config, {.user_agent = "tester"}).value();
  }
  asio::io_context context;
};

TEST_F(ClientTest, PatchesAnAnnotation) {
  ScriptedServer server(context, {{ReadRequest{},
                                   Send{test::ok(R"({"metadata":{"resourceVersion":"8","annotations":{"k":"v"}}})",
                                                 "Content-Type: application/json\r\n")},
                                   Stall{}}});
  const auto client = client_for(server);
  const auto result = test::run(context, client->patch_annotation({"a b", "p", "u"}, "k", "v"));
  EXPECT_EQ(result.outcome, WriteOutcome::done);
  EXPECT_EQ(result.resource_version, 8u);
  const auto& request = server.log().requests.at(0);
  EXPECT_EQ(request.find("PATCH /api/v1/namespaces/a%20b/pods/p/status?fieldManager=tester HTTP/1.1\r\n"), 0u)
      << request;
  EXPECT_NE(request.find("Authorization: Bearer t0ken\r\n"), std::string::npos);
  EXPECT_NE(request.find("Content-Type: application/merge-patch+json\r\n"), std::string::npos);
  EXPECT_NE(request.find("User-Agent: tester\r\n"), std::string::npos);
}

TEST_F(ClientTest, WritesAnEventAndIncreasesItsCount) {
  const auto json = [](const std::string& body) { return Send{test::ok(body, "Content-Type: application/json\r\n")}; };
  ScriptedServer server(
      context, {{ReadRequest{}, json(R"({"kind":"Event","metadata":{"resourceVersion":"1"}})"), ReadRequest{},
                 json(R"({"kind":"Event","metadata":{"resourceVersion":"1"},"series":{"count":4}})"), ReadRequest{},
                 json(R"({"kind":"Event","metadata":{"resourceVersion":"2"},"series":{"count":5}})"), ReadRequest{},
                 Send{"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"}, ReadRequest{},
                 Send{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}, Stall{}}});
  const auto client = client_for(server);
  Event event;
  event.name = "a.1";
  event.regarding = {"v1", "Namespace", "", "a", "u"};
  EXPECT_EQ(test::run(context, client->create_event(event)).outcome, WriteOutcome::done);
  const auto count = test::run(context, client->count_of_event(event));
  EXPECT_EQ(count.result.outcome, WriteOutcome::done);
  EXPECT_EQ(count.count, 4u);
  EXPECT_EQ(test::run(context, client->patch_event_series(event, {5, {}})).outcome, WriteOutcome::done);
  EXPECT_EQ(test::run(context, client->create_event(event)).outcome, WriteOutcome::conflict);
  EXPECT_EQ(test::run(context, client->count_of_event(event)).result.outcome, WriteOutcome::gone);
  const auto& requests = server.log().requests;
  const std::string path = "/apis/events.k8s.io/v1/namespaces/default/events";
  EXPECT_EQ(requests.at(0).find("POST " + path + "?fieldManager=tester HTTP/1.1\r\n"), 0u) << requests.at(0);
  EXPECT_NE(requests.at(0).find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(requests.at(1).find("PATCH " + path + "/a.1?fieldManager=tester HTTP/1.1\r\n"), 0u) << requests.at(1);
  EXPECT_NE(requests.at(1).find("\r\n\r\n{}"), std::string::npos) << "it must change nothing";
  EXPECT_NE(requests.at(2).find("Content-Type: application/merge-patch+json\r\n"), std::string::npos);
}

TEST_F(ClientTest, AWriteWithALostAnswerHasAnUnknownOutcomeAndIsNotRepeated) {
  ScriptedServer server(context, {{ReadRequest{}}});
  const auto client = client_for(server);
  EXPECT_EQ(test::run(context, client->patch_load_balancer({"a", "s", "u"}, {})).outcome, WriteOutcome::unknown);
  EXPECT_EQ(server.log().requests.size(), 1u);
}

TEST_F(ClientTest, CreatesAndReplacesAnObject) {
  const std::string object = R"({"metadata":{"name":"b","resourceVersion":"8"}})";
  const Send done{test::ok(object, "Content-Type: application/json\r\n")};
  ScriptedServer server(context, {{ReadRequest{}, done, ReadRequest{}, done, ReadRequest{},
                                   Send{"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}"}, Stall{}}});
  const auto client = client_for(server);
  const auto created = test::run(context, client->create_object("/api/v1/namespaces/a/pods", R"({"a":1})"));
  EXPECT_EQ(created.result.outcome, WriteOutcome::done);
  EXPECT_EQ(created.result.resource_version, 8u);
  EXPECT_EQ(created.object, object);
  const auto updated = test::run(
      context, client->update_object("/api/v1/namespaces/a/pods/b", R"({"a":2})", [](const auto&) { return false; }));
  EXPECT_EQ(updated.result.outcome, WriteOutcome::dropped);
  EXPECT_EQ(updated.object, "");
  const auto refused = test::run(context, client->update_object("/api/v1/namespaces/a/pods/b", R"({"a":3})"));
  EXPECT_EQ(refused.result.outcome, WriteOutcome::conflict);
  EXPECT_EQ(refused.object, "");
  const auto& requests = server.log().requests;
  EXPECT_EQ(requests.at(0).find("POST /api/v1/namespaces/a/pods?fieldManager=tester HTTP/1.1\r\n"), 0u);
  EXPECT_NE(requests.at(0).find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(requests.at(0).find("\r\n\r\n{\"a\":1}"), std::string::npos);
  EXPECT_EQ(requests.at(1).find("PUT /api/v1/namespaces/a/pods/b?fieldManager=tester HTTP/1.1\r\n"), 0u);
}

TEST_F(ClientTest, ARequestMayHaveATimeOutOfItsOwn) {
  ScriptedServer server(context, {{ReadRequest{}, Stall{}}});
  const auto client = client_for(server);
  EXPECT_EQ(test::run(context, client->get("/x", 1ms)).error().code, net::errc::timed_out);
  EXPECT_NE(test::run(context, client->create_object("/x", "{}", {}, 1ms)).result.outcome, WriteOutcome::done);
}

// As for an instance that is no leader.
TEST_F(ClientTest, WithoutPermissionOfTheProgramOnlyReadsAreSent) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, Stall{}}});
  ClientConfig config;
  config.server = net::parse_endpoint(server.url()).value();
  bool may_write = false;
  ClientOptions options;
  options.may_write = [&] { return may_write; };
  const auto client = Client::create(context.get_executor(), config, options).value();
  EXPECT_EQ(test::run(context, client->patch_annotation({"a", "p", "u"}, "k", "v")).outcome, WriteOutcome::not_sent);
  EXPECT_EQ(test::run(context, client->create_event({})).outcome, WriteOutcome::not_sent);
  EXPECT_EQ(test::run(context, client->create_object("/x", "{}")).result.outcome, WriteOutcome::not_sent);
  EXPECT_TRUE(server.log().requests.empty());
  may_write = true;
  EXPECT_EQ(test::run(context, client->create_object("/x", "{}")).result.outcome, WriteOutcome::unknown);
  EXPECT_EQ(server.log().requests.size(), 1u);
}

TEST_F(ClientTest, GetsAnObject) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, ReadRequest{},
                                   Send{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}, Stall{}}});
  const auto client = client_for(server);
  EXPECT_EQ(test::run(context, client->get("/x")).value(), "{}");
  EXPECT_EQ(test::run(context, client->get("/x")).error().code, errc::not_found);
}

TEST_F(ClientTest, ImpersonatesAUserInEveryRequest) {
  ScriptedServer server(context, {{ReadRequest{}, Send{test::ok("{}")}, Stall{}}});
  ClientConfig config;
  config.server = net::parse_endpoint(server.url()).value();
  config.token = "t0ken";
  config.impersonation = {"jane", "", {"dev", "ops"}, {{"example.org/scope", {"one"}}}};
  const auto client = Client::create(context.get_executor(), config).value();
  ASSERT_TRUE(test::run(context, client->get("/x")));
  const auto& request = server.log().requests.at(0);
  for (const char* field : {"Impersonate-User: jane\r\n", "Impersonate-Group: dev\r\nImpersonate-Group: ops\r\n",
                            "Impersonate-Extra-example.org%2Fscope: one\r\n", "Authorization: Bearer t0ken\r\n"})
    EXPECT_NE(request.find(field), std::string::npos) << field << request;
  EXPECT_EQ(request.find("Impersonate-Uid"), std::string::npos);
  const auto headers = test::run(context, client->headers());
  EXPECT_TRUE(net::find_header(*headers, "Impersonate-User")) << "for reflectors, too";
}

TEST_F(ClientTest, InvalidCertificatesAreRefusedBeforeAnyConnection) {
  ClientConfig config;
  config.server = {true, "h", 1, ""};
  config.tls.ca_file = "/nowhere/ca.crt";
  config.source = "context 'x'";
  const auto client = Client::create(context.get_executor(), config);
  ASSERT_FALSE(client);
  EXPECT_NE(client.error().message.find("context 'x': the certificate authority /nowhere/ca.crt"), std::string::npos);
}

}  // namespace
}  // namespace k8s
