#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/pass_time.hpp"

// How often something is tried that is refused, and what counts as an answer.
namespace knm::test {
namespace {

using namespace std::chrono_literals;
using contrail::Request;
using CarryOut = std::function<ConfigAnswer()>;

class Pacing : public testing::Test {
 protected:
  Pacing() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(comes_to_rest(world_));
    world_.clear_log();
  }
  void answer_writes(const std::string& method, const ConfigAnswer& answer, bool carried_out) {
    world_.set_fault([=](const Request& request, const CarryOut& carry_out) -> std::optional<ConfigAnswer> {
      if (contrail::is_read(request) || request.method != method) return std::nullopt;
      if (carried_out) carry_out();
      return answer;
    });
  }
  std::size_t sent(const std::string& method) const {
    return static_cast<std::size_t>(std::count_if(world_.log().begin(), world_.log().end(), [&](const auto& exchange) {
      return exchange.request.method == method && exchange.is_write();
    }));
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
  const Subject late_{SubjectKind::pod, "gb/late"};
};

// --- What counts as an answer

TEST_F(Pacing, AGoodStatusWithSomeOtherPageIsNoAnswer) {
  for (const auto* body : {"", "<html>please log in</html>", "{}", "[]", "null", "{\"uuid\":7}"}) {
    for (const auto* method : {"POST", "PUT"}) {
      answer_writes(method, {Sent::answered, 200, body, {}}, false);
      world_.apply(make_pod("gb", "late", "redis-master"));
      run_until(world_, world_.now() + 2s);
      world_.set_fault({});
      ASSERT_TRUE(comes_to_rest(world_));
      EXPECT_TRUE(is_as_wanted(world_, setup_)) << method << " " << body;
      world_.remove_pod("gb/late");
      ASSERT_TRUE(comes_to_rest(world_));
    }
  }
}

TEST_F(Pacing, ADeletionAnsweredByAPageIsNoDeletion) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(comes_to_rest(world_));
  answer_writes("DELETE", {Sent::answered, 200, "<html>please log in</html>", {}}, false);
  world_.remove_pod("gb/late");
  run_until(world_, world_.now() + 2s);
  world_.set_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// A list that shows an address without what it has, as if it was to be made anew.
TEST_F(Pacing, WhatAListShowsWithoutItsMembersIsReadBeforeItIsDeleted) {
  const auto maim = [](const Request& request, const CarryOut& carry_out) -> std::optional<ConfigAnswer> {
    if (request.target != "/list-bulk-collection") return std::nullopt;
    auto answer = carry_out();
    for (const std::string member : {"instance_ip_address", "virtual_network_refs", "floating_ip_address"}) {
      const auto quoted = "\"" + member + "\":";
      for (auto at = answer.body.find(quoted); at != std::string::npos; at = answer.body.find(quoted, at + 1))
        answer.body.replace(at, quoted.size(), "\"" + std::string(member.size(), 'x') + "\":");
    }
    return answer;
  };
  world_.set_fault(maim);
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(sent("DELETE"), 0U) << testing::PrintToString(world_.write_list());
  world_.set_fault({});
  world_.clear_log();
  EXPECT_TRUE(is_as_wanted(world_, setup_));
  // So does a start.
  world_.set_fault(maim);
  world_.restart();
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(sent("DELETE"), 0U) << testing::PrintToString(world_.write_list());
  world_.set_fault({});
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// --- Refused again and again

TEST_F(Pacing, ADeletionThatIsRefusedSlowsDown) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(comes_to_rest(world_));
  world_.clear_log();
  answer_writes("DELETE", {Sent::answered, 409, "Back-References still exist", {}}, false);
  world_.remove_pod("gb/late");
  run_until(world_, world_.now() + 60s);
  EXPECT_LE(sent("DELETE"), 40U);  // of each of four objects
  world_.set_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

TEST_F(Pacing, ASearchForAnAddressPausesAndIsTold) {
  answer_writes("POST", {Sent::answered, 409, "Ip address already in use", {}}, false);
  for (int i = 0; i < 10; ++i) world_.apply(make_pod("gb", "late-" + std::to_string(i), "redis-master"));
  world_.apply(make_pod("gb", "late", "redis-master"));
  run_until(world_, world_.now() + 60s);
  const auto requests = world_.log().size();
  EXPECT_LE(requests, 11U * 3 * 40);
  EXPECT_FALSE(problems_of(world_, late_).empty());
  world_.clear_log();
  run_until(world_, world_.now() + 60s);
  EXPECT_LE(world_.log().size(), 11U * 3 * 8);
  world_.set_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(is_as_wanted(world_, setup_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

TEST_F(Pacing, WhatChangesWhileItIsRefusedIsNotTriedAtEachChange) {
  world_.set_fault([](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (contrail::is_read(request) || request.target != "/floating-ips") return std::nullopt;
    return ConfigAnswer{Sent::answered, 412, "quota", {}};
  });
  for (int i = 0; i < 240; ++i) {
    ServiceOptions options;
    options.ports.front().target_port = 80 + i % 50;
    world_.apply(make_service("gb", "late", "late", "10.254.7.7", options));
    world_.apply(make_slice("gb", "late", {world_.pods().at("gb/redis-master-0")}));
    run_until(world_, world_.now() + 500ms);
  }
  EXPECT_LE(sent("POST"), 30U);
  EXPECT_TRUE(says(world_, {SubjectKind::service, "gb/late"}, "RefusedByConfigAPI"));
  world_.set_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(problems_of(world_, {SubjectKind::service, "gb/late"}).empty());
}

// --- After an outage

TEST_F(Pacing, WhatWaitsForAServerThatWasDownIsWokenByTheFirstAnswer) {
  world_.set_fault([](const Request&, const CarryOut&) { return ConfigAnswer{Sent::no, 0, {}, "refused"}; });
  for (int i = 0; i < 50; ++i) world_.apply(make_pod("gb", "late-" + std::to_string(i), "redis-master"));
  run_until(world_, world_.now() + 5min);
  EXPECT_LE(world_.log().size(), 120U);
  world_.set_fault({});
  run_until(world_, world_.now() + 7s);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
}

// Most addresses are taken without an object: a leak in the server's own store looks like that.
TEST_F(Pacing, AfterSomeRefusalsTheServerChoosesTheAddress) {
  auto settings = demo_settings();
  settings.private_ip_range = {*contrail::Cidr::parse("10.9.0.0/24")};
  World world(settings);
  world.apply(make_namespace("gb"));
  world.start();
  ASSERT_TRUE(comes_to_rest(world));
  OtherClient other(world.api());
  const auto network = other.get("virtual-network", "default-domain:default-project:addr-alloc")["uuid"];
  const auto path = "/virtual-network/" + network.get<std::string>() + "/ip-alloc";
  ASSERT_EQ(world.api().handle({"POST", path, "localhost:8082", R"({"count":230})", {}}).status, 200);
  for (int i = 0; i < 10; ++i) world.apply(make_pod("gb", "late-" + std::to_string(i), "web"));
  run_until(world, world.now() + 10s);
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(k8s::find_value(world.pods().at("gb/late-" + std::to_string(i)).meta.annotations,
                                "opencontrail.org/pod-state"));
  EXPECT_LE(world.log().size(), 500U);
  ASSERT_TRUE(comes_to_rest(world));
  EXPECT_TRUE(nothing_left_to_do(world.engine(), world.now()));
  EXPECT_TRUE(world.engine().problems().pages().empty());
  EXPECT_TRUE(stays_as_it_is(world));
}

// --- Who waits is told

// The interface of the predecessor is held before its successor comes.
TEST_F(Pacing, APodThatComesLateIsToldWhatHoldsItsPredecessor) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(comes_to_rest(world_));
  other_.create("instance-ip", {{"fq_name", {"foreign"}},
                                {"virtual_network_refs", {{{"to", {"default-domain", "gb", "redis-master"}}}}},
                                {"virtual_machine_interface_refs", {{{"to", {"default-domain", "gb", "late"}}}}}});
  world_.remove_pod("gb/late");
  run_until(world_, world_.now() + 15s);
  world_.apply(make_pod("gb", "late", "redis-master", {.incarnation = 2}));
  run_until(world_, world_.now() + 15s);
  EXPECT_TRUE(says(world_, late_, "ObjectOccupied", "foreign")) << testing::PrintToString(problems_of(world_, late_));
  other_.remove("instance-ip", "foreign");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

}  // namespace
}  // namespace knm::test
