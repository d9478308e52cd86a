#pragma once

#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

namespace knm::test {

// A World that follows the notifications of the config API, with guestbook in it.
class NotificationsTest : public testing::Test {
 protected:
  explicit NotificationsTest(Configuration setup = demo_setup()) : setup_(std::move(setup)) {
    world_.notify();
    Guestbook::apply_all(world_);
  }
  void begin() {
    world_.start();
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(world_.engine().watch_alive());
    world_.clear_log();
  }
  // What was changed is repaired by that many reads and writes, within no time, and nothing is left.
  void repaired_by(std::size_t reads, std::size_t writes) {
    const auto began = world_.now();
    ASSERT_TRUE(converges(world_));
    EXPECT_EQ(world_.writes(), writes) << testing::PrintToString(world_.write_list());
    EXPECT_EQ(world_.reads(), reads);
    EXPECT_LE(world_.now() - began, std::chrono::milliseconds(30));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(world_.audit());
    EXPECT_EQ(world_.engine().watch_missed(), 0U);
    ASSERT_TRUE(audits_and_restart_write_nothing(world_));
  }
  std::uint64_t notified(Notified result) const {
    return world_.engine().notified().at(static_cast<std::size_t>(result));
  }
  // Steps until then, whether anything is left to do or not.
  void run_until(Time until) {
    while (world_.now() < until) {
      if (world_.step()) continue;
      const auto wakeup = world_.engine().next_wakeup();
      world_.pass(wakeup && *wakeup < until ? std::max(Time(1), *wakeup - world_.now()) : until - world_.now());
    }
  }
  // An audit; `between` is called after the list of that type was answered and before it is parsed.
  void audit(contrail::Type type, const std::function<void()>& between) {
    Inventory inventory(world_.engine());
    for (auto stage = inventory.next_stage(); !stage.empty(); stage = inventory.next_stage())
      for (const auto& listing : stage) {
        const auto& request = listing.request;
        const auto answer = world_.api().handle({request.method, request.target, "localhost:8082", request.body, {}});
        ASSERT_EQ(answer.status, 200);
        if (listing.type == type) between();
        contrail::ListParser parser(
            listing.type, [&](contrail::Object&& object) { inventory.add(object); }, inventory.wanted(listing.type));
        ASSERT_TRUE(parser.feed(answer.body));
        ASSERT_TRUE(parser.finish());
      }
    inventory.finish(world_.now());
  }
  OtherClient another() {
    return OtherClient(world_.api(), [this](const standin::Response& response) { world_.hear(response); });
  }

  Configuration setup_;
  mutable World world_{setup_.settings};
  OtherClient other_ = another();
  int unready_ = 0;

  const std::string address_ = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
  const std::string policy_ = "default-domain:gb:__svc_redis-master";
};

}  // namespace knm::test
