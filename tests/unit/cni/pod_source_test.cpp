#include "controller/cni/node/pod_source.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "controller/cni/core/errc.hpp"
#include "tests/unit/cni/samples.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace knm::cni {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::test::ReadRequest, ::test::Script, ::test::ScriptedServer, ::test::Send, ::test::Stall;

const std::string json_type = "Content-Type: application/json\r\n";

json pod(const std::string& version, const std::string& annotation) {
  json object{
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"namespace", "shop"}, {"name", "web-1"}, {"uid", test::pod_uid}, {"resourceVersion", version}}}};
  if (!annotation.empty()) object["metadata"]["annotations"] = {{pod_state_annotation, annotation}};
  return object;
}

Send list_of(const std::vector<json>& pods) {
  return {::test::ok(
      json{{"apiVersion", "v1"}, {"kind", "PodList"}, {"metadata", {{"resourceVersion", "10"}}}, {"items", pods}}
          .dump(),
      json_type)};
}

Send watch_event(const json& object) {
  return {"HTTP/1.1 200 OK\r\n" + json_type + "Transfer-Encoding: chunked\r\n\r\n" +
          ::test::chunk(json{{"type", "MODIFIED"}, {"object", object}}.dump() + "\n")};
}

class PodSource : public testing::Test {
 protected:
  void serve(const Script& script) { server_.emplace(context_, std::vector<Script>{script}); }

  base::Result<PodState> await_with(std::chrono::seconds limit) {
    auto config = test::config();
    config.kubeconfig = folder_.write("kubeconfig", "{clusters: [{name: c, cluster: {server: '" + server_->url() +
                                                        "'}}], users: [{name: u, user: {}}], contexts: [{name: x, "
                                                        "context: {cluster: c, user: u}}], current-context: x}");
    config.time_limit = limit;
    return ::test::run(context_, await_pod_state(config, test::arguments().pod));
  }

  void expect_error(const base::Result<PodState>& state, errc code, const std::string& word) {
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, code) << state.error().message;
    EXPECT_NE(state.error().message.find(word), std::string::npos) << state.error().message;
  }

  boost::asio::io_context context_{1};
  ::test::TempFolder folder_;
  std::optional<ScriptedServer> server_;
};

TEST_F(PodSource, ReadsTheAnnotationThatIsThere) {
  serve({ReadRequest{}, list_of({pod("9", test::annotation)}), Stall{}});
  const auto state = await_with(60s);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->interface.text(), test::interface_uuid);
  // The Node authorizer allows this request for Pods of the node.
  EXPECT_EQ(server_->log().requests.at(0).find("GET /api/v1/namespaces/shop/pods?"), 0U);
  EXPECT_NE(server_->log().requests.at(0).find("fieldSelector=metadata.name%3Dweb-1"), std::string::npos);
}

TEST_F(PodSource, WatchesUntilTheAnnotationComes) {
  serve({ReadRequest{}, list_of({pod("9", "")}), ReadRequest{}, watch_event(pod("11", test::annotation)), Stall{}});
  const auto state = await_with(60s);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->addresses, std::vector{test::ip("10.0.0.7")});
  EXPECT_NE(server_->log().requests.at(1).find("watch=1"), std::string::npos);
}

TEST_F(PodSource, EndsAtOnceForAStaticPod) {
  auto mirror = pod("9", "");
  mirror["metadata"]["annotations"] = {{"kubernetes.io/config.mirror", "0123"}};
  serve({ReadRequest{}, list_of({mirror}), Stall{}});
  expect_error(await_with(60s), errc::not_served, "hostNetwork");
}

TEST_F(PodSource, SaysThatTheApiServerDidNotAnswer) {
  serve({Stall{}});
  expect_error(await_with(0s), errc::try_again, "the API server did not answer");
}

TEST_F(PodSource, SaysWhatItWaitedForAndTheLastFailure) {
  // The limit must be longer than a request on loopback takes, and is waited for.
  serve({ReadRequest{}, list_of({}), Stall{}});
  expect_error(await_with(1s), errc::try_again, "Pod shop/web-1: the API server has no Pod of that name");
}

TEST_F(PodSource, AKubeconfigThatCannotBeUsedIsAnErrorOfTheConfiguration) {
  auto config = test::config();
  config.kubeconfig = folder_.path("none");
  const auto state = ::test::run(context_, await_pod_state(config, test::arguments().pod));
  expect_error(state, errc::bad_config, folder_.path("none"));
}

TEST_F(PodSource, TheApiServerIsCheckedByItsVersion) {
  serve({ReadRequest{}, Send{::test::ok("{}", json_type)}, Stall{}});
  auto config = test::config();
  config.kubeconfig = folder_.write("kubeconfig", "{clusters: [{name: c, cluster: {server: '" + server_->url() +
                                                      "'}}], contexts: [{name: x, context: {cluster: c}}], "
                                                      "current-context: x}");
  EXPECT_TRUE(::test::run(context_, check_api_server(config)));
  EXPECT_EQ(server_->log().requests.at(0).find("GET /version "), 0U);
  server_->stop();
  EXPECT_FALSE(::test::run(context_, check_api_server(config)));
}

}  // namespace
}  // namespace knm::cni
