#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "contrail-client/error.hpp"
#include "controller/run/dispatcher.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"

// How the driver handles the answer of an API server to a patch.
namespace knm::test {
namespace {

namespace asio = boost::asio;
using ::test::ReadRequest, ::test::Send;

// Fails on any request.
class SilentApi : public contrail::Api {
 public:
  asio::awaitable<contrail::Answer> exchange(contrail::Request request, std::chrono::milliseconds) override {
    ADD_FAILURE() << request.method << " " << request.target;
    co_return contrail::Failure{};
  }
  asio::awaitable<contrail::Answer> list(contrail::Type, contrail::Request, contrail::ListParser::Sink,
                                         std::chrono::milliseconds, contrail::ListParser::Filter,
                                         contrail::ListParser::UnreadableSink) override {
    ADD_FAILURE();
    co_return contrail::Failure{};
  }
  asio::awaitable<contrail::Answer> follow(contrail::Request, contrail::Follower&, std::chrono::milliseconds) override {
    ADD_FAILURE();
    co_return contrail::Failure{};
  }
};

std::string answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Everything is in sync except for the forged annotation of one Pod.
class PatchOfAPod : public testing::Test {
 protected:
  PatchOfAPod() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
    auto pod = world_.pods().at("gb/redis-master-0");
    pod.meta.annotations = {{"opencontrail.org/pod-state", "{}"}};
    world_.apply(pod);
  }

  static Settings short_retries() {
    auto out = demo_settings();
    out.retry_delay = out.retry_delay_max = std::chrono::milliseconds(1);
    return out;
  }
  // The number of patches until nothing is left to do, if the server answers the first one with `first` and carries out
  // the others.
  std::size_t patches_after(const std::string& first) {
    ::test::ScriptedServer server(context_, {{ReadRequest{}, Send{first}, ReadRequest{}, Send{shown()}}});
    k8s::ClientConfig config;
    config.server = net::parse_endpoint(server.url()).value();
    const auto client = k8s::Client::create(context_.get_executor(), config).value();
    Dispatcher driver(context_.get_executor(), world_.engine(), api_, *client, tasks_);
    driver.schedule();
    while (server.log().requests.empty() || !world_.engine().idle()) context_.run_one();
    for (const auto& request : server.log().requests) {
      EXPECT_EQ(request.find("PATCH /api/v1/namespaces/gb/pods/redis-master-0/status?"), 0U) << request;
      EXPECT_NE(request.find(world_.pods().at("gb/redis-master-0").meta.uid), std::string::npos) << request;
    }
    tasks_.cancel();
    context_.poll();
    return server.log().requests.size();
  }

  // The answer to a patch that shows the annotation.
  std::string shown() {
    const auto& engine = world_.engine();
    const auto id =
        const_cast<Table&>(engine.table()).slot(TargetApi::pod_state, contrail::Type::project, "gb/redis-master-0");
    const nlohmann::json object{
        {"metadata",
         {{"resourceVersion", "4711"},
          {"annotations", {{"opencontrail.org/pod-state", engine.binder().bodies().text(id)}}}}}};
    return answer(200, object.dump());
  }

  World world_{short_retries()};
  SilentApi api_;
  asio::io_context context_;
  base::TaskGroup tasks_{context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); }};
};

// Answers each list with this status; 0: not at all.
class UnlistableApi final : public SilentApi {
 public:
  explicit UnlistableApi(int status) : status_(status) {}
  asio::awaitable<contrail::Answer> list(contrail::Type, contrail::Request, contrail::ListParser::Sink,
                                         std::chrono::milliseconds, contrail::ListParser::Filter,
                                         contrail::ListParser::UnreadableSink) override {
    if (status_ == 0) co_return contrail::Failure{{contrail::errc::no_token, "no token"}, contrail::Reached::not_sent};
    co_return contrail::Response{status_, "no"};
  }

 private:
  int status_;
};

// The pause before the next attempt to read the inventory, with pauses of a minute in the configuration.
std::chrono::seconds pause_after_lists_with(int status) {
  asio::io_context context;
  auto settings = demo_settings();
  settings.api_notifications = false;
  settings.retry_delay = settings.retry_delay_max = std::chrono::minutes(1);
  World world(settings);
  Guestbook::apply_all(world);
  world.start();
  EXPECT_TRUE(converges(world));
  UnlistableApi api(status);
  ::test::ScriptedServer kubernetes(context, {{ReadRequest{}}});
  k8s::ClientConfig config;
  config.server = net::parse_endpoint(kubernetes.url()).value();
  const auto client = k8s::Client::create(context.get_executor(), config).value();
  base::TaskGroup tasks(context.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); });
  Dispatcher driver(context.get_executor(), world.engine(), api, *client, tasks);
  std::optional<std::chrono::nanoseconds> pause;
  driver.after_audit([&](bool complete, auto, auto next) {
    EXPECT_FALSE(complete);
    pause = next;
  });
  tasks.spawn("inventory", driver.keep_inventory());
  while (!pause) context.run_one();
  asio::post(context, [&] { tasks.cancel(); });
  context.poll();
  return std::chrono::duration_cast<std::chrono::seconds>(*pause);
}

TEST(InventoryOfAnOutage, IsTriedAgainSoon) {
  for (const int status : {0, 502, 503, 504})
    EXPECT_EQ(pause_after_lists_with(status), std::chrono::seconds(5)) << status;
  for (const int status : {400, 403, 500}) EXPECT_EQ(pause_after_lists_with(status), std::chrono::minutes(1)) << status;
}

TEST_F(PatchOfAPod, IsNotRepeatedOnceItIsDone) { EXPECT_EQ(patches_after(shown()), 1U); }

// The answer is a success without the annotation.
TEST_F(PatchOfAPod, IsRepeatedIfTheAnswerDoesNotShowIt) {
  EXPECT_EQ(patches_after(answer(200, R"({"metadata":{"resourceVersion":"4711"}})")), 2U);
}

// Another client wrote to the Pod at the same moment: the Pod exists, and its annotation must still be repaired.
TEST_F(PatchOfAPod, IsRepeatedAfterAConflict) {
  EXPECT_EQ(patches_after(answer(409, R"({"kind":"Status","apiVersion":"v1","reason":"Conflict","code":409})")), 2U);
}

TEST_F(PatchOfAPod, IsRepeatedAfterAFailure) { EXPECT_EQ(patches_after(answer(500, "")), 2U); }

// The watch will report the deletion.
TEST_F(PatchOfAPod, IsNotRepeatedIfThePodIsDeleted) {
  EXPECT_EQ(patches_after(answer(404, R"({"kind":"Status","apiVersion":"v1","reason":"NotFound","code":404})")), 1U);
}

}  // namespace
}  // namespace knm::test
