#include <gtest/gtest.h>

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/run/controller.hpp"
#include "tests/unit/k8sclient/support/answering_server.hpp"
#include "tests/unit/k8sclient/support/lease_object.hpp"

// A whole controller that takes part in a leader election: when it reads and writes.
namespace knm::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ::test::HttpAnswer, ::test::HttpCall;

// An empty config API that records the requests, and carries out none.
class RecordingApi : public contrail::Api {
 public:
  explicit RecordingApi(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::awaitable<contrail::Answer> exchange(contrail::Request request, std::chrono::milliseconds) override {
    requests.push_back(request.method + " " + request.target);
    co_await asio::post(executor_, asio::use_awaitable);
    co_return contrail::Failure{};
  }
  asio::awaitable<contrail::Answer> list(contrail::Type, contrail::Request, contrail::ListParser::Sink,
                                         std::chrono::milliseconds, contrail::ListParser::Filter,
                                         contrail::ListParser::UnreadableSink) override {
    requests.emplace_back("list");
    co_await asio::post(executor_, asio::use_awaitable);
    co_return contrail::Response{200, ""};
  }
  asio::awaitable<contrail::Answer> follow(contrail::Request, contrail::Follower&, std::chrono::milliseconds) override {
    requests.emplace_back("follow");
    co_await asio::post(executor_, asio::use_awaitable);
    co_return contrail::Response{404, ""};
  }
  // The first request that is no list.
  std::size_t first_write() const {
    const auto found = std::find_if(requests.begin(), requests.end(),
                                    [](const auto& request) { return request != "list" && request != "follow"; });
    return static_cast<std::size_t>(found - requests.begin());
  }

  std::vector<std::string> requests;

 private:
  asio::any_io_executor executor_;
};

// The Namespaces kube-system and shop, and a Pod whose annotation is missing.
HttpAnswer cluster(const HttpCall& call) {
  const auto meta = [](const std::string& name) {
    return R"({"metadata":{"name":")" + name + R"(","uid":"u-)" + name + R"(","resourceVersion":"7")";
  };
  const auto list = [](const std::string& version, const std::string& kind, const std::string& items) {
    return HttpAnswer{200, R"({"apiVersion":")" + version + R"(","kind":")" + kind +
                               R"(","metadata":{"resourceVersion":"9"},"items":[)" + items + "]}"};
  };
  const auto begins = [&](const std::string& path) { return call.target.find(path) == 0; };
  if (call.target.find("watch=1") != std::string::npos) return {.how = HttpAnswer::How::stall};
  if (begins("/api/v1/namespaces?"))
    return list("v1", "NamespaceList", meta("kube-system") + "}}," + meta("shop") + "}}");
  if (begins("/api/v1/pods?"))
    return list("v1", "PodList", meta("web-1") + R"(,"namespace":"shop","labels":{"name":"web"}}})");
  if (begins("/api/v1/services?")) return list("v1", "ServiceList", "");
  if (begins("/apis/discovery.k8s.io/v1/endpointslices?")) return list("discovery.k8s.io/v1", "EndpointSliceList", "");
  return {404, R"({"kind":"Status","apiVersion":"v1","reason":"NotFound","code":404})"};
}

bool is_lease(const HttpCall& call) { return call.target.find("/leases") != std::string::npos; }

k8s::ElectorOptions election() {
  k8s::ElectorOptions options;
  options.lease_name = {"kube-system", "kube-network-manager"};
  options.lease.identity = "me";
  options.lease.retry_period = 1ms;
  return options;
}

class Standby : public testing::Test {
 protected:
  Standby() { give_lease_to("other"); }
  void TearDown() override { stop(); }

  // As a signal does: inside of the event loop.
  void stop() {
    asio::post(context_, [this] { controller_.stop(); });
    run_until([&] { return ended_; });
  }

  void give_lease_to(const std::string& holder) {
    lease_.put({{"kind", "Lease"},
                {"metadata", {{"name", "kube-network-manager"}}},
                {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", 15}}}});
  }
  void start() {
    ASSERT_TRUE(controller_.listen({"127.0.0.1", 0}, {"127.0.0.1", 0}, {}));
    ended_ = false;
    asio::co_spawn(context_, controller_.run(), [this](std::exception_ptr failure) {
      EXPECT_FALSE(failure);
      ended_ = true;
    });
  }
  // Runs until it is known that the other instance holds the lease.
  void start_as_standby() {
    start();
    run_until([&] { return elector_.holder() == "other"; });
  }
  // Runs until something was written to the config API.
  void become_leader() {
    give_lease_to("");
    run_until([&] { return api_.first_write() < api_.requests.size(); });
  }
  template <class Condition>
  void run_until(Condition done) {
    while (!done() && context_.run_one() > 0) {
    }
    ASSERT_TRUE(done());
  }
  std::size_t calls(auto which) const {
    return static_cast<std::size_t>(std::count_if(server_.calls().begin(), server_.calls().end(), which));
  }
  std::size_t writes_to_kubernetes() const {
    return calls([](const auto& call) { return call.method != "GET" && !is_lease(call); });
  }
  std::unique_ptr<k8s::Client> client(std::function<bool()> may_write) {
    k8s::ClientConfig config;
    config.server = net::parse_endpoint(server_.url()).value();
    k8s::ClientOptions options;
    options.may_write = std::move(may_write);
    return k8s::Client::create(context_.get_executor(), config, options).value();
  }

  asio::io_context context_;
  ::test::LeaseObject lease_;
  ::test::AnsweringServer server_{
      context_, [this](const HttpCall& call) { return is_lease(call) ? lease_.answer(call) : cluster(call); }};
  RecordingApi api_{context_.get_executor()};
  std::unique_ptr<k8s::Client> elector_client_ = client({});
  k8s::Elector elector_{*elector_client_, election()};
  std::unique_ptr<k8s::Client> client_ = client([this] { return elector_.is_leader(); });
  Controller controller_{context_.get_executor(), Settings{}, *client_, api_, "http://config", &elector_};
  bool ended_ = true;
};

TEST_F(Standby, WritesNothingAndLeavesTheConfigApiAlone) {
  start_as_standby();
  const auto looks = calls(is_lease);
  run_until([&] { return calls(is_lease) == looks + 20; });
  EXPECT_EQ(api_.requests, std::vector<std::string>());
  EXPECT_EQ(writes_to_kubernetes(), 0U);
  EXPECT_EQ(lease_.holder(), "other");
  EXPECT_EQ(calls([](const auto& call) { return call.target.find("watch=1") != std::string::npos; }), 4U)
      << "it watches all four kinds";
}

// The other instance has written since: what is there is read before the first write.
TEST_F(Standby, ReadsTheConfigApiWhenItIsElectedAndWritesThen) {
  start_as_standby();
  become_leader();
  EXPECT_TRUE(elector_.is_leader());
  EXPECT_EQ(lease_.holder(), "me");
  EXPECT_GE(api_.first_write(), 2U) << "the lists of the inventory come first";
}

TEST_F(Standby, WritesNothingAfterItHasLostTheLease) {
  start_as_standby();
  become_leader();
  EXPECT_FALSE(controller_.lost_leadership());
  give_lease_to("other");
  run_until([&] { return controller_.lost_leadership(); });
  const auto requests = api_.requests.size();
  const auto writes = writes_to_kubernetes();
  run_until([&] { return ended_; });
  context_.poll();
  EXPECT_EQ(api_.requests.size(), requests);
  EXPECT_EQ(writes_to_kubernetes(), writes);
  EXPECT_EQ(lease_.holder(), "other") << "there is nothing to release";
}

TEST_F(Standby, ReleasesTheLeaseWhenItStops) {
  start_as_standby();
  become_leader();
  stop();
  EXPECT_EQ(lease_.holder(), "");
  EXPECT_FALSE(controller_.lost_leadership());
}

TEST_F(Standby, StopsWithoutTheLease) {
  start_as_standby();
  stop();
  EXPECT_EQ(lease_.holder(), "other");
}

}  // namespace
}  // namespace knm::test
