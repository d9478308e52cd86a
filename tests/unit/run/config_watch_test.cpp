#include "controller/run/config_watch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <regex>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "net/as_result.hpp"
#include "tests/property/guestbook_setup.hpp"

// How notifications and audits take turns.
namespace knm::test {
namespace {

namespace asio = boost::asio;

// A config API whose streams are those of a stand-in, until they are cut.
class StreamingApi : public contrail::Api {
 public:
  StreamingApi(asio::any_io_executor executor, const standin::ConfigApi& api)
      : api_(api), end_(executor, asio::steady_timer::time_point::max()) {}

  asio::awaitable<contrail::Answer> exchange(contrail::Request, std::chrono::milliseconds) override {
    co_return contrail::Failure{};
  }
  asio::awaitable<contrail::Answer> list(contrail::Type, contrail::Request, contrail::ListParser::Sink,
                                         std::chrono::milliseconds, contrail::ListParser::Filter,
                                         contrail::ListParser::UnreadableSink) override {
    co_return contrail::Failure{};
  }
  asio::awaitable<contrail::Answer> follow(contrail::Request request, contrail::Follower& follower,
                                           std::chrono::milliseconds) override {
    ++attempts;
    if (status != 200) co_return contrail::Response{status, ""};
    const auto watch = standin::ConfigApi::watch({request.method, request.target, "localhost", "", {}});
    follower.opened("http://localhost:8082");
    if (has_lists)
      for (const auto& list : api_.init(*watch.query)) EXPECT_TRUE(follower.take(damage ? damage(list) : list));
    co_await end_.async_wait(net::as_result);
    co_return contrail::Response{200, ""};
  }

  void cut() { end_.cancel(); }

  int attempts = 0;
  int status = 200;
  bool has_lists = true;
  std::function<std::string(std::string)> damage;  // of lists

 private:
  const standin::ConfigApi& api_;
  asio::steady_timer end_;
};

class ConfigWatching : public testing::Test {
 protected:
  ConfigWatching() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(world_.converge());
    watch_.emplace(
        context_.get_executor(), world_.engine(), api_, unreadable_, [this] { return now_; }, [this] { ++changes_; });
    tasks_.spawn("watch", watch_->run());
  }
  ~ConfigWatching() override {
    tasks_.cancel();
    context_.poll();
  }

  // Asks for a turn; false: it has to wait.
  bool take_turn() {
    tasks_.spawn("turn", wait_for_turn());
    context_.poll();
    return has_turn_;
  }
  asio::awaitable<void> wait_for_turn() {
    co_await watch_->take_turn();
    has_turn_ = true;
  }

  World world_;
  asio::io_context context_;
  StreamingApi api_{context_.get_executor(), world_.api()};
  UnreadableConfigObjects unreadable_;
  base::TaskGroup tasks_{context_.get_executor(), [](const std::string&, std::exception_ptr) { FAIL(); }};
  Time now_{std::chrono::seconds(10)};
  int changes_ = 0;
  std::optional<ConfigWatch> watch_;
  bool has_turn_ = false;
};

TEST_F(ConfigWatching, TheListsOfAStreamAreAnInventory) {
  EXPECT_TRUE(take_turn());
  EXPECT_TRUE(watch_->has_inventory());
  EXPECT_TRUE(world_.engine().watch_alive());
  EXPECT_EQ(watch_->take_inventory(), Time{0});
  EXPECT_FALSE(watch_->has_inventory());
  EXPECT_EQ(changes_, 1);
}

TEST_F(ConfigWatching, NoAuditBeginsWhileTheListsAreRead) {
  api_.has_lists = false;
  EXPECT_FALSE(take_turn());
  EXPECT_EQ(api_.attempts, 1);
  api_.cut();
  context_.poll();
  EXPECT_TRUE(has_turn_);
  EXPECT_FALSE(watch_->has_inventory());
  EXPECT_EQ(watch_->lost_at(), Time{0});  // there was nothing to lose
}

TEST_F(ConfigWatching, AnAuditNeedNotWaitForNotificationsThatAreNotOffered) {
  api_.status = 404;
  EXPECT_TRUE(take_turn());
  EXPECT_FALSE(watch_->has_inventory());
  EXPECT_FALSE(world_.engine().watch_alive());
  EXPECT_EQ(watch_->life().phase, contrail::watch::Phase::not_offered);
}

TEST_F(ConfigWatching, NoStreamBeginsDuringAnAudit) {
  ASSERT_TRUE(take_turn());
  api_.cut();
  context_.poll();
  EXPECT_FALSE(world_.engine().watch_alive());
  EXPECT_EQ(watch_->lost_at(), now_);
  const auto pausing = [&] { return watch_->life().phase == contrail::watch::Phase::pausing; };
  while (pausing()) context_.run_one();
  context_.poll();
  EXPECT_EQ(api_.attempts, 1);
  watch_->end_turn();
  context_.poll();
  EXPECT_EQ(api_.attempts, 2);
  EXPECT_TRUE(world_.engine().watch_alive());
}

// It exists: it is neither made again nor deleted, and it is counted.
TEST_F(ConfigWatching, AnUnreadableObjectOfAListExists) {
  api_.damage = [](std::string list) {
    if (list.find("{\"floating-ips\"") == std::string::npos) return list;
    return std::regex_replace(list, std::regex(R"("parent_uuid"\s*:\s*")"), R"("parent_uuid":5,"was":")");
  };
  EXPECT_TRUE(take_turn());
  EXPECT_TRUE(world_.engine().watch_alive());
  EXPECT_GT(unreadable_.count(), 0U);
  world_.clear_log();
  EXPECT_TRUE(world_.converge());
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.reported(Report::Kind::drift), 0U);
}

}  // namespace
}  // namespace knm::test
