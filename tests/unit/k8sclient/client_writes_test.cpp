#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "k8sclient/client/client.hpp"
#include "k8sclient/client/write.hpp"
#include "tests/unit/k8sclient/support/encode.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using test::ReadRequest, test::ScriptedServer, test::Send, test::Stall;

constexpr const char* json_type = "application/json";
constexpr const char* protobuf_type = "application/vnd.kubernetes.protobuf";
constexpr const char* metadata_accept =
    "Accept: application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json\r\n";

// An object in protobuf with one annotation and an entry of managedFields.
std::string annotated(const std::string& kind, const std::string& key, const std::string& value) {
  using test::field;
  const auto annotation = field(12, field(1, key) + field(2, value));
  const auto managed = field(17, field(1, "tester") + field(2, "Update") +
                                     field(7, field(1, R"({"f:metadata":{"f:annotations":{"f:k":{}}}})")));
  const auto meta = field(1, "p") + field(5, "u") + field(6, "8") + annotation + managed;
  return test::envelope(kind == "Pod" ? "v1" : "meta.k8s.io/v1", kind, field(1, meta) + field(2, "spec"));
}

WriteOutcome outcome(const std::string& type, const std::string& body, const Shows& shows = {}) {
  return write_result(net::HttpResponse{200, {{"Content-Type", type}}, body}, "x", shows).outcome;
}

TEST(ObjectPath, NamesTheObjectAndTheSubresource) {
  EXPECT_EQ(object_path(resource_name<Pod>, "a b", "p", "status"), "/api/v1/namespaces/a%20b/pods/p/status");
  EXPECT_EQ(object_path(resource_name<Namespace>, "ignored", "n"), "/api/v1/namespaces/n");
  EXPECT_EQ(object_path({"apps/v1", "Deployment", "/apis/apps/v1", "deployments"}, "a", "d"),
            "/apis/apps/v1/namespaces/a/deployments/d");
}

TEST(DeleteOptions, HaveThePreconditionsThatAreGiven) {
  EXPECT_EQ(delete_options("", 0), R"({"apiVersion":"v1","kind":"DeleteOptions"})");
  EXPECT_EQ(delete_options("u", 7),
            R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"resourceVersion":"7","uid":"u"}})");
}

// A server answers with the metadata in either encoding, or with the whole object if it does not know the request.
TEST(MetadataAnswers, AreUnderstoodInEachForm) {
  const auto json = [](const std::string& annotations) {
    return R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"8",)"
           R"("annotations":)" +
           annotations + R"(,"managedFields":[{"manager":"tester","fieldsV1":{"f:metadata":{}}}]}})";
  };
  for (const auto& [type, same, other] :
       {std::tuple(json_type, json(R"({"k":"v"})"), json(R"({"k":"w"})")),
        std::tuple(protobuf_type, annotated("PartialObjectMetadata", "k", "v"),
                   annotated("PartialObjectMetadata", "k", "w")),
        std::tuple(protobuf_type, annotated("Pod", "k", "v"), annotated("Pod", "k", "w"))}) {
    EXPECT_EQ(write_result(net::HttpResponse{200, {{"Content-Type", type}}, same}, "x").resource_version, 8U) << type;
    EXPECT_EQ(outcome(type, same, shows_annotation("k", "v")), WriteOutcome::done) << type;
    EXPECT_EQ(outcome(type, other, shows_annotation("k", "v")), WriteOutcome::dropped) << type;
    EXPECT_EQ(outcome(type, same, shows_annotation("other", std::nullopt)), WriteOutcome::done) << type;
    EXPECT_EQ(outcome(type, same, shows_annotation("k", std::nullopt)), WriteOutcome::dropped) << type;
  }
}

TEST(MetadataAnswers, ThatAreDamagedLeaveTheOutcomeUnknown) {
  const auto whole = annotated("PartialObjectMetadata", "k", "v");
  EXPECT_EQ(outcome(protobuf_type, whole.substr(0, whole.size() / 2)), WriteOutcome::unknown);
  EXPECT_EQ(outcome(protobuf_type, "{}"), WriteOutcome::unknown);
  EXPECT_EQ(outcome(protobuf_type, annotated("PartialObjectMetadata", "k", "\xff"), shows_annotation("k", "v")),
            WriteOutcome::unknown);
  EXPECT_EQ(outcome(protobuf_type, test::envelope("v1", "Status", test::status(200, "", ""))), WriteOutcome::unknown);
  EXPECT_EQ(outcome(json_type, R"({"kind":"Status","status":"Success"})"), WriteOutcome::unknown);
}

struct ClientWrites : testing::Test {
  // A server with these answers, each to one request.
  void serve(const std::vector<std::string>& answers) {
    test::Script script;
    for (const auto& answer : answers) {
      script.emplace_back(ReadRequest{});
      script.emplace_back(Send{answer});
    }
    script.emplace_back(Stall{});
    server = std::make_unique<ScriptedServer>(context, std::vector<test::Script>{script});
    ClientConfig config;
    config.server = net::parse_endpoint(server->url()).value();
    client = Client::create(context.get_executor(), config, {.user_agent = "tester"}).value();
  }
  WriteResult run(asio::awaitable<WriteResult> operation) { return test::run(context, std::move(operation)); }
  const std::string& request(std::size_t index) { return server->log().requests.at(index); }

  asio::io_context context;
  std::unique_ptr<ScriptedServer> server;
  std::unique_ptr<Client> client;
};

std::string json_answer(const std::string& body) { return test::ok(body, "Content-Type: application/json\r\n"); }
std::string refusal(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " No\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string version_9 = R"({"metadata":{"resourceVersion":"9"}})";

TEST_F(ClientWrites, AnAnnotationAsksForTheMetadataAlone) {
  serve(
      {test::ok(annotated("PartialObjectMetadata", "k", "v"), "Content-Type: application/vnd.kubernetes.protobuf\r\n"),
       json_answer(R"({"metadata":{"resourceVersion":"9","managedFields":[)"
                   R"({"manager":"else","fieldsV1":{"f:metadata":{"f:annotations":{"f:k":{}}}}}]}})")});
  const ObjectRef pod{"a", "p", "u"};
  const auto result = run(client->patch_annotation(pod, "k", "v"));
  EXPECT_EQ(result.outcome, WriteOutcome::done);
  EXPECT_EQ(result.resource_version, 8U);
  EXPECT_NE(request(0).find(metadata_accept), std::string::npos) << request(0);
  EXPECT_EQ(test::run(context, client->writer_of_annotation(pod, "k")), "else");
  EXPECT_NE(
      request(1).find("Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json\r\n"),
      std::string::npos)
      << request(1);
}

TEST_F(ClientWrites, ALoadBalancerPatchAsksForTheWholeService) {
  serve({json_answer(
      R"({"metadata":{"resourceVersion":"9"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}})")});
  EXPECT_EQ(run(client->patch_load_balancer({"a", "s", "u"}, {"1.2.3.4"})).outcome, WriteOutcome::done);
  EXPECT_NE(request(0).find("Accept: application/json\r\n"), std::string::npos) << request(0);
}

TEST_F(ClientWrites, AnApplyNamesItsFieldManager) {
  serve(
      {json_answer(version_9), json_answer(version_9),
       refusal(
           409,
           R"({"kind":"Status","apiVersion":"v1","reason":"Conflict","message":"conflict with \"kubectl\": .data.k"})")});
  const std::string path = "/api/v1/namespaces/a/configmaps/c";
  const auto result = run(client->apply(path, "{}"));
  EXPECT_EQ(result.outcome, WriteOutcome::done);
  EXPECT_EQ(result.resource_version, 9U);
  EXPECT_EQ(request(0).find("PATCH " + path + "?fieldManager=tester HTTP/1.1\r\n"), 0U) << request(0);
  EXPECT_NE(request(0).find("Content-Type: application/apply-patch+yaml\r\n"), std::string::npos);
  EXPECT_NE(request(0).find(metadata_accept), std::string::npos);
  EXPECT_EQ(run(client->apply(path, "{}", Client::OnConflict::take_over, "a b")).outcome, WriteOutcome::done);
  EXPECT_EQ(request(1).find("PATCH " + path + "?fieldManager=a%20b&force=true HTTP/1.1\r\n"), 0U) << request(1);
  const auto conflict = run(client->apply(path, "{}"));
  EXPECT_EQ(conflict.outcome, WriteOutcome::conflict);
  EXPECT_NE(conflict.error.message.find("applying " + path + ": HTTP 409 Conflict: conflict with \"kubectl\": .data.k"),
            std::string::npos)
      << conflict.error.message;
}

TEST_F(ClientWrites, PatchesSayWhichKindTheyAre) {
  serve({json_answer(version_9), json_answer(version_9), json_answer(version_9)});
  const std::string path = "/api/v1/namespaces/a/status";
  EXPECT_EQ(run(client->merge_patch(path, R"({"status":{}})")).outcome, WriteOutcome::done);
  EXPECT_EQ(request(0).find("PATCH " + path + "?fieldManager=tester HTTP/1.1\r\n"), 0U) << request(0);
  EXPECT_NE(request(0).find("Content-Type: application/merge-patch+json\r\n"), std::string::npos);
  EXPECT_NE(request(0).find("\r\n\r\n{\"status\":{}}"), std::string::npos);
  EXPECT_EQ(run(client->json_patch(path, "[]")).outcome, WriteOutcome::done);
  EXPECT_NE(request(1).find("Content-Type: application/json-patch+json\r\n"), std::string::npos);
  EXPECT_NE(request(1).find(metadata_accept), std::string::npos);
  const Shows phase = [](const nlohmann::json& object) { return object.contains("status"); };
  EXPECT_EQ(run(client->merge_patch(path, "{}", phase)).outcome, WriteOutcome::dropped);
  EXPECT_NE(request(2).find("Accept: application/json\r\n"), std::string::npos) << "the metadata would not show it";
}

TEST_F(ClientWrites, ADeletionIsDoneWhenTheServerAcceptsIt) {
  serve({json_answer(R"({"kind":"Status","apiVersion":"v1","status":"Success"})"), json_answer(version_9),
         refusal(404, ""), refusal(409, R"({"kind":"Status","apiVersion":"v1","reason":"Conflict"})")});
  const std::string path = "/api/v1/namespaces/a/pods/p";
  EXPECT_EQ(run(client->remove(path, "u", 7)).outcome, WriteOutcome::done);
  EXPECT_EQ(request(0).find("DELETE " + path + " HTTP/1.1\r\n"), 0U) << request(0);
  EXPECT_NE(request(0).find("\r\n\r\n" + delete_options("u", 7)), std::string::npos) << request(0);
  const auto graceful = run(client->remove(path));
  EXPECT_EQ(graceful.outcome, WriteOutcome::done);
  EXPECT_EQ(graceful.resource_version, 0U);
  EXPECT_EQ(run(client->remove(path)).outcome, WriteOutcome::gone);
  const auto precondition = run(client->remove(path, "other"));
  EXPECT_EQ(precondition.outcome, WriteOutcome::conflict);
  EXPECT_NE(precondition.error.message.find("deleting " + path), std::string::npos);
}

TEST_F(ClientWrites, ADeletionWithALostAnswerIsNotRepeated) {
  ScriptedServer silent(context, {{ReadRequest{}}});
  ClientConfig config;
  config.server = net::parse_endpoint(silent.url()).value();
  const auto other = Client::create(context.get_executor(), config).value();
  EXPECT_EQ(run(other->remove("/api/v1/namespaces/a")).outcome, WriteOutcome::unknown);
  EXPECT_EQ(silent.log().requests.size(), 1U);
}

}  // namespace
}  // namespace k8s
