#include "controller/run/pod_state_policy.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "k8sclient/api/errc.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

namespace knm {
namespace {

using State = Protection::State;
using Text = base::Result<std::string>;

const std::string policy = R"({"spec":{"failurePolicy":"Fail"}})";
const std::string binding = R"({"spec":{"policyName":"pod-state.opencontrail.org","validationActions":["Deny"]}})";

Text failure(k8s::errc code) { return base::Error{code, "HTTP says no"}; }

TEST(PodStatePolicy, IsInForceIfItDenies) {
  EXPECT_EQ(protection_of(policy, binding), Protection{State::in_force});
  EXPECT_EQ(protection_of(policy, R"({"spec":{"policyName":"pod-state.opencontrail.org",)"
                                  R"("validationActions":["Audit","Deny"]}})"),
            Protection{State::in_force});
}

TEST(PodStatePolicy, IsNotInForceIfAPartIsMissingOrTooLax) {
  const auto missing = failure(k8s::errc::not_found);
  const std::pair<Text, Text> cases[] = {
      {missing, missing},
      {policy, missing},
      {missing, binding},
      {R"({"spec":{"failurePolicy":"Ignore"}})", binding},
      {policy, R"({"spec":{"policyName":"another","validationActions":["Deny"]}})"},
      {policy, R"({"spec":{"policyName":"pod-state.opencontrail.org","validationActions":["Warn","Audit"]}})"},
      {policy, R"({"spec":{"policyName":"pod-state.opencontrail.org"}})"},
      {policy, R"({"spec":{"policyName":"pod-state.opencontrail.org","validationActions":["Deny"],)"
               R"("matchResources":{"namespaceSelector":{"matchLabels":{"a":"b"}}}}})"},
  };
  for (const auto& [one, other] : cases) {
    const auto found = protection_of(one, other);
    EXPECT_EQ(found.state, State::not_in_force) << found.why;
    EXPECT_NE(found.why.find("apply manifests/policy"), std::string::npos) << found.why;
  }
}

TEST(PodStatePolicy, IsUnknownIfItCannotBeRead) {
  for (const auto code : {k8s::errc::forbidden, k8s::errc::server_error}) {
    EXPECT_EQ(protection_of(failure(code), binding).state, State::unknown);
    EXPECT_EQ(protection_of(policy, failure(code)).state, State::unknown);
  }
  EXPECT_NE(protection_of(failure(k8s::errc::forbidden), binding).why.find("manifests/rbac"), std::string::npos);
  for (const char* garbage : {"", "[]", "{}", R"({"spec":1})", "null", R"({"spec":[]})"}) {
    EXPECT_EQ(protection_of(Text(garbage), binding).state, State::unknown) << garbage;
    EXPECT_EQ(protection_of(policy, Text(garbage)).state, State::unknown) << garbage;
  }
}

TEST(PodStatePolicy, ReadsThePolicyAndTheBindingByName) {
  using namespace ::test;
  boost::asio::io_context context;
  const auto answer = [](const std::string& body) { return Send{ok(body, "Content-Type: application/json\r\n")}; };
  ScriptedServer server(context, {{ReadRequest{}, answer(policy), ReadRequest{}, answer(binding), Stall{}}});
  k8s::ClientConfig config;
  config.server = net::parse_endpoint(server.url()).value();
  const auto client = k8s::Client::create(context.get_executor(), config).value();
  base::TaskGroup tasks(context.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); });
  PodStatePolicy watched(context.get_executor(), *client);
  EXPECT_EQ(watched.found().state, State::unknown);
  tasks.spawn("policy", watched.keep_watch());
  while (watched.found().state == State::unknown) ASSERT_GT(context.run_one(), 0U);
  EXPECT_EQ(watched.found().state, State::in_force);
  const std::string group = "GET /apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
  EXPECT_EQ(server.log().requests.at(0).find(group + "ies/pod-state.opencontrail.org "), 0U);
  EXPECT_EQ(server.log().requests.at(1).find(group + "ybindings/pod-state.opencontrail.org "), 0U);
  tasks.cancel();
  context.poll();
}

}  // namespace
}  // namespace knm
