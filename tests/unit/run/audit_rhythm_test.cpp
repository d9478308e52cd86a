#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task_group.hpp"
#include "controller/run/dispatcher.hpp"
#include "net/as_result.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// How long the driver waits between two audits.
namespace knm::test {
namespace {

namespace asio = boost::asio;

// A stand-in in memory, whose streams say nothing after their lists until they are cut.
class ServingApi : public contrail::Api {
 public:
  ServingApi(asio::any_io_executor executor, standin::ConfigApi& api)
      : executor_(executor), api_(api), end_(executor, asio::steady_timer::time_point::max()) {}

  asio::awaitable<contrail::Answer> exchange(contrail::Request request, std::chrono::milliseconds) override {
    co_await asio::post(executor_, asio::use_awaitable);
    co_return handle(request);
  }
  asio::awaitable<contrail::Answer> list(contrail::Type type, contrail::Request request,
                                         contrail::ListParser::Sink sink, std::chrono::milliseconds,
                                         contrail::ListParser::Filter wanted,
                                         contrail::ListParser::UnreadableSink unreadable) override {
    ++lists;
    co_await asio::post(executor_, asio::use_awaitable);
    const auto answer = handle(request);
    contrail::ListParser parser(type, std::move(sink), std::move(wanted), std::move(unreadable));
    EXPECT_TRUE(parser.feed(answer.body));
    EXPECT_TRUE(parser.finish());
    co_return contrail::Response{answer.status, ""};
  }
  asio::awaitable<contrail::Answer> follow(contrail::Request request, contrail::Follower& follower,
                                           std::chrono::milliseconds) override {
    if (status != 200) co_return contrail::Response{status, ""};
    const auto watch = standin::ConfigApi::watch({request.method, request.target, "localhost:8082", "", {}});
    follower.opened("http://localhost:8082");
    for (const auto& list : api_.init(*watch.query)) EXPECT_TRUE(follower.take(list));
    co_await end_.async_wait(net::as_result);
    co_return contrail::Response{200, ""};
  }

  void cut() { end_.cancel(); }

  int lists = 0;
  int status = 200;  // of streams

 private:
  contrail::Response handle(const contrail::Request& request) {
    const auto answer = api_.handle({request.method, request.target, "localhost:8082", request.body, {}});
    return {answer.status, answer.body};
  }

  asio::any_io_executor executor_;
  standin::ConfigApi& api_;
  asio::steady_timer end_;
};

class AuditRhythm : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds interval{20};
  static constexpr int factor = 1'000'000;  // no audit comes while a stream is alive

  AuditRhythm() {
    Guestbook::apply_all(world_);
    world_.apply(make_namespace("shop"));
    world_.apply(make_pod("shop", "p", "web"));
    world_.start();
    EXPECT_TRUE(converges(world_));
    driver_.emplace(context_.get_executor(), world_.engine(), api_, *kubernetes_, tasks_);
    driver_->after_audit([this](bool complete, std::chrono::nanoseconds took, std::chrono::nanoseconds pause) {
      EXPECT_TRUE(complete);
      audits_.push_back({took, pause});
    });
    driver_->after_each([this] { wanted_ |= world_.engine().wants_audit(); });
    tasks_.spawn("inventory", driver_->keep_inventory());
    until([this] { return !audits_.empty(); });
  }
  ~AuditRhythm() override {
    asio::post(context_, [this] { tasks_.cancel(); });
    context_.restart();
    context_.poll();
    EXPECT_EQ(tasks_.size(), 0U);
  }

  static Settings rare_audits() {
    auto out = demo_settings();
    out.audit_interval = interval;
    out.watched_audit_factor = factor;
    out.retry_delay = out.retry_delay_max = std::chrono::milliseconds(1);
    return out;
  }
  // It is never connected to: every annotation is in place.
  static std::unique_ptr<k8s::Client> no_cluster(asio::io_context& context) {
    k8s::ClientConfig config;
    config.server = net::parse_endpoint("http://127.0.0.1:9").value();
    return k8s::Client::create(context.get_executor(), config).value();
  }
  void until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    context_.restart();
    while (!condition() && context_.run_one_until(limit) > 0) {
    }
    EXPECT_TRUE(condition());
  }
  void run_for(Time time) {
    context_.restart();
    context_.run_for(time);
  }

  struct Round {
    Time took, pause;
  };

  World world_{rare_audits()};
  asio::io_context context_;
  ServingApi api_{context_.get_executor(), world_.api()};
  std::unique_ptr<k8s::Client> kubernetes_ = no_cluster(context_);
  base::TaskGroup tasks_{context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); }};
  std::vector<Round> audits_;
  bool wanted_ = false;
  std::optional<Dispatcher> driver_;
};

TEST_F(AuditRhythm, AuditsAreRareWhileNotificationsArriveAndAsBeforeWithoutThem) {
  ASSERT_EQ(audits_.size(), 1U);
  EXPECT_EQ(api_.lists, 0) << "the lists came with the stream";
  const auto usual = Dispatcher::pause_after(audits_[0].took, interval);
  EXPECT_EQ(audits_[0].pause, usual * factor);
  run_for(3 * usual);
  EXPECT_EQ(api_.lists, 0);
  api_.status = 404;
  api_.cut();
  until([this] { return audits_.size() > 2; });
  EXPECT_GT(api_.lists, 0);
  EXPECT_EQ(audits_.back().pause, Dispatcher::pause_after(audits_.back().took, interval));
}

// No event ends the pause here: an answer of the config API shows that something waits for an audit.
TEST_F(AuditRhythm, APauseIsOverSoonerWhenAuditsBecomeFrequent) {
  OtherClient(world_.api())
      .create("virtual-network", {{"fq_name", {"default-domain", "shop", "theirs"}}, {"parent_type", "project"}});
  ASSERT_EQ(world_.engine().audit_factor(), factor);
  world_.remove_namespace("shop");
  driver_->schedule();
  until([this] { return api_.lists > 0; });
  EXPECT_FALSE(wanted_) << "that would be another reason";
  EXPECT_TRUE(OtherClient(world_.api()).has("project", "default-domain:shop"));
}

}  // namespace
}  // namespace knm::test
