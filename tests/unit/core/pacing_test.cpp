#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/pass_time.hpp"

// How often a refused request is retried, and what counts as an answer.
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
    EXPECT_TRUE(converges(world_));
    world_.clear_log();
  }
  void answer_writes(const std::string& method, const ConfigAnswer& answer, bool carried_out) {
    world_.set_fault([=](const Request& request, const CarryOut& carry_out) -> std::optional<ConfigAnswer> {
      if (contrail::is_read(request) || request.method != method) return std::nullopt;
      if (carried_out) carry_out();
      return answer;
    });
  }
  // A proxy answers the writes of one kind with a good status and a page, and `change` causes such a write. Returns
  // whether the proxy answered one, and everything is done after the proxy is removed.
  testing::AssertionResult is_tried_again(const std::string& page, const std::string& method, const std::string& path,
                                          const std::function<void()>& change) {
    std::size_t answered = 0;
    world_.set_fault([&](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
      if (contrail::is_read(request) || request.method != method || !request.target.starts_with(path)) return {};
      ++answered;
      return ConfigAnswer{Sent::answered, 200, page, {}};
    });
    change();
    run_until(world_, world_.now() + 2s);
    world_.set_fault({});
    if (answered == 0) return testing::AssertionFailure() << "there was no " << method << "there was no " << path;
    run_until(world_, world_.now() + 1min);
    return nothing_left_to_do(world_.engine(), world_.now());
  }
  // How often another problem of gb/late is reported in the minute after `change`.
  std::size_t times_reported(const std::function<void()>& change) {
    std::size_t out = 0;
    world_.engine().take_changed_problems();
    change();
    for (const auto until = world_.now() + 1min; world_.now() < until;) {
      run_until(world_, world_.now() + 100ms);
      out += world_.engine().take_changed_problems().count(late_);
    }
    return out;
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

// The desired objects must exist without the help of an audit.
TEST_F(Pacing, AGoodStatusWithAnotherPageIsNoAnswer) {
  const std::string address = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
  const std::string network = "default-domain:gb:guestbook", owner(annotation_owner);
  const auto late = make_pod("gb", "late", "guestbook");
  const auto backends = [&] { return other_.get("floating-ip", address)["virtual_machine_interface_refs"].size(); };
  const auto serve = [&](int port) {
    auto service = Guestbook::services().back();
    service.ports.front().port = port;
    world_.apply(service);
  };
  const auto is_served = [&](int port) {
    return other_.get("floating-ip", address)["floating_ip_port_mappings"].dump().find(std::to_string(port)) !=
           std::string::npos;
  };
  auto all = Guestbook::guestbook();
  all.push_back(late);
  int port = 8000;
  const std::vector<std::string> no_objects = {"", "<html>please log in</html>", "{}", "[]", "null", "{\"uuid\":7}"};
  for (const auto& page : no_objects) {
    EXPECT_TRUE(is_tried_again(page, "POST", "/virtual-machine", [&] { world_.apply(late); }));
    EXPECT_TRUE(other_.has("virtual-machine-interface", "default-domain:gb:late")) << page;
    EXPECT_TRUE(is_tried_again(page, "POST", "/ref-update", [&] { world_.apply(Guestbook::front(all)); }));
    EXPECT_EQ(backends(), 4U) << page;
    EXPECT_TRUE(is_tried_again(page, "PUT", "/floating-ip", [&] { serve(++port); }));
    EXPECT_TRUE(is_served(port)) << page;
    const auto less = Guestbook::front(Guestbook::guestbook());
    EXPECT_TRUE(is_tried_again(page, "POST", "/ref-update", [&] { world_.apply(less); }));
    EXPECT_EQ(backends(), 3U) << page;
    world_.remove_pod("gb/late");
    run_until(world_, world_.now() + 2min);  // a repeated change of the same Pod would have to wait
  }
  other_.remove_annotation("virtual-network", network, owner);
  EXPECT_TRUE(is_tried_again("<html>please log in</html>", "POST", "/prop-collection-update",
                             [&] { ASSERT_TRUE(world_.audit()); }));
  EXPECT_NE(other_.get("virtual-network", network)["annotations"].dump().find(owner), std::string::npos);
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Pacing, ADeletionAnsweredByAPageIsRetried) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_tried_again("<html>please log in</html>", "DELETE", "/", [&] { world_.remove_pod("gb/late"); }));
  EXPECT_FALSE(other_.has("virtual-machine-interface", "default-domain:gb:late"));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The list shows an instance-ip without its fields, as if the object had to be replaced.
TEST_F(Pacing, AnObjectListedWithoutItsFieldsIsReadBeforeItIsDeleted) {
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
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(sent("DELETE"), 0U) << testing::PrintToString(world_.write_list());
  world_.set_fault({});
  world_.clear_log();
  EXPECT_TRUE(is_as_desired(world_, setup_));
  // The same at a start.
  world_.set_fault(maim);
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(sent("DELETE"), 0U) << testing::PrintToString(world_.write_list());
  world_.set_fault({});
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// --- Repeated refusals

TEST_F(Pacing, ARefusedDeletionIsRetriedWithBackOff) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world_));
  world_.clear_log();
  answer_writes("DELETE", {Sent::answered, 409, "Back-References still exist", {}}, false);
  world_.remove_pod("gb/late");
  run_until(world_, world_.now() + 60s);
  EXPECT_LE(sent("DELETE"), 40U);  // for each of four objects
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Pacing, ASearchForAnAddressPausesAndIsReported) {
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
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

// A change may remove the cause of the refusal, so the first changes are tried at once.
TEST_F(Pacing, ManyChangesOfARefusedObjectAreNotAllTried) {
  const Subject service{SubjectKind::service, "gb/late"};
  std::size_t refused = 0;
  world_.set_fault([&](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (contrail::is_read(request) || request.target != "/floating-ips") return std::nullopt;
    ++refused;
    return ConfigAnswer{Sent::answered, 412, "quota", {}};
  });
  auto change = [&, port = 8000]() mutable {
    ServiceOptions options;
    options.ports.front().port = ++port;
    world_.apply(make_service("gb", "late", "late", "10.254.7.7", options));
  };
  world_.apply(make_slice("gb", "late", {world_.pods().at("gb/redis-master-0")}));
  change();
  run_until(world_, world_.now() + 60s);
  for (int i = 0; i < 3; ++i) {
    const auto before = refused;
    change();
    run_until(world_, world_.now() + 1ms);
    EXPECT_EQ(refused, before + 1);
  }
  const auto before = refused;
  for (int i = 0; i < 240; ++i) {
    change();
    run_until(world_, world_.now() + 500ms);
  }
  EXPECT_LE(refused - before, 30U);
  EXPECT_TRUE(has_problem(world_, service, "RefusedByConfigAPI"));
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, service).empty());
}

// --- After an outage

TEST_F(Pacing, TheFirstAnswerAfterAnOutageWakesAllWaitingEntries) {
  world_.set_fault([](const Request&, const CarryOut&) { return ConfigAnswer{Sent::no, 0, {}, "refused"}; });
  for (int i = 0; i < 5; ++i) world_.apply(make_pod("gb", "late-" + std::to_string(i), "redis-master"));
  run_until(world_, world_.now() + 5min);
  EXPECT_GE(world_.log().size(), 30U);  // all of them have waited for a long time
  EXPECT_LE(world_.log().size(), 120U);
  std::optional<Time> answered;
  world_.set_fault([&](const Request&, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (!answered) answered = world_.now();
    return std::nullopt;
  });
  while (!answered) run_until(world_, world_.now() + 1ms);
  run_until(world_, *answered + 500ms);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
}

// Only one Pod waits, and no other request is due: it is retried as often as the server is probed.
TEST_F(Pacing, TheEndOfAnOutageIsDetectedWithinFiveSeconds) {
  world_.set_fault([](const Request&, const CarryOut&) { return ConfigAnswer{Sent::no, 0, {}, "refused"}; });
  world_.apply(make_pod("gb", "late", "redis-master"));
  run_until(world_, world_.now() + 5min);
  EXPECT_GE(world_.log().size(), 60U);
  EXPECT_LE(world_.log().size(), 130U);  // at least half of the five seconds
  const auto back = world_.now();
  world_.set_fault({});
  run_until(world_, back + 5s + 100ms);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
  EXPECT_TRUE(k8s::find_value(world_.pods().at("gb/late").meta.annotations, "opencontrail.org/pod-state"));
}

// Most addresses are allocated without an object, as after a leak in the server's own store.
TEST_F(Pacing, AfterSomeRefusalsTheServerChoosesTheAddress) {
  auto settings = demo_settings();
  settings.private_ip_range = {*contrail::Cidr::parse("10.9.0.0/24")};
  World world(settings);
  world.apply(make_namespace("gb"));
  world.start();
  ASSERT_TRUE(converges(world));
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
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(nothing_left_to_do(world.engine(), world.now()));
  EXPECT_TRUE(world.engine().problems().pages().empty());
  EXPECT_TRUE(audits_and_restart_write_nothing(world));
}

// --- A waiting Pod shows the reason

// The deletion of the predecessor's interface is blocked before the successor is created.
TEST_F(Pacing, ALaterPodReportsWhatBlocksItsPredecessor) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world_));
  other_.create("instance-ip", {{"fq_name", {"foreign"}},
                                {"virtual_network_refs", {{{"to", {"default-domain", "gb", "redis-master"}}}}},
                                {"virtual_machine_interface_refs", {{{"to", {"default-domain", "gb", "late"}}}}}});
  world_.remove_pod("gb/late");
  run_until(world_, world_.now() + 15s);
  world_.apply(make_pod("gb", "late", "redis-master", {.incarnation = 2}));
  run_until(world_, world_.now() + 15s);
  EXPECT_TRUE(has_problem(world_, late_, "ObjectOccupied", "foreign"))
      << testing::PrintToString(problems_of(world_, late_));
  other_.remove("instance-ip", "foreign");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// Each further successor of the same name reports it as well, although the same object is blocked.
TEST_F(Pacing, EachSuccessorReportsWhatBlocksThePredecessor) {
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world_));
  other_.create("instance-ip", {{"fq_name", {"foreign"}},
                                {"virtual_network_refs", {{{"to", {"default-domain", "gb", "redis-master"}}}}},
                                {"virtual_machine_interface_refs", {{{"to", {"default-domain", "gb", "late"}}}}}});
  for (int i = 2; i < 8; ++i) {
    world_.remove_pod("gb/late");
    run_until(world_, world_.now() + 15s);
    EXPECT_EQ(times_reported([&] { world_.apply(make_pod("gb", "late", "redis-master", {.incarnation = i})); }), 1U);
    EXPECT_TRUE(has_problem(world_, late_, "ObjectOccupied", "foreign")) << i;
  }
}

TEST_F(Pacing, EachSuccessorReportsTheRefusedDeletion) {
  const Subject cluster{SubjectKind::ns, "kube-system"};
  world_.apply(make_pod("gb", "late", "redis-master"));
  ASSERT_TRUE(converges(world_));
  answer_writes("DELETE", {Sent::answered, 412, "not on a Sunday", {}}, false);
  for (int i = 2; i < 8; ++i) {
    world_.remove_pod("gb/late");
    run_until(world_, world_.now() + 15s);
    EXPECT_EQ(times_reported([&] { world_.apply(make_pod("gb", "late", "redis-master", {.incarnation = i})); }), 1U);
    EXPECT_TRUE(has_problem(world_, late_, "RefusedByConfigAPI", "Sunday")) << i;
    EXPECT_EQ(problems_of(world_, late_).size(), 1U) << testing::PrintToString(problems_of(world_, late_));
    // While no Pod waited for the deletion, the problem belonged to the cluster.
    EXPECT_FALSE(has_problem(world_, cluster, "RefusedByConfigAPI", "instance-ip gb_late ")) << i;
  }
  // A further successor reports it at once.
  for (int i = 8; i < 14; ++i) {
    EXPECT_LE(times_reported([&] { world_.apply(make_pod("gb", "late", "redis-master", {.incarnation = i})); }), 2U);
    EXPECT_TRUE(has_problem(world_, late_, "RefusedByConfigAPI", "Sunday")) << i;
  }
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_TRUE(problems_of(world_, cluster).empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The refused request may be at the end of a chain and belong to another object.
TEST_F(Pacing, ASuccessorReportsARefusalAtTheEndOfAChain) {
  const Subject pod{SubjectKind::pod, "gb/guestbook-0"}, service{SubjectKind::service, "gb/guestbook"};
  std::size_t refused = 0;
  world_.set_fault([&](const Request& request, const CarryOut&) -> std::optional<ConfigAnswer> {
    if (contrail::is_read(request) || request.body.find("floating-ip") == std::string::npos) return std::nullopt;
    ++refused;
    return ConfigAnswer{Sent::answered, 412, "not on a Sunday", {}};
  });
  world_.remove_pod(pod.key);
  run_until(world_, world_.now() + 15s);
  EXPECT_GE(refused, 3U);
  EXPECT_TRUE(has_problem(world_, service, "RefusedByConfigAPI", "Sunday"));
  for (int i = 2; i < 5; ++i) {
    world_.apply(make_pod("gb", "guestbook-0", "guestbook", {.incarnation = i}));
    run_until(world_, world_.now() + 40s);
    EXPECT_TRUE(has_problem(world_, pod, "RefusedByConfigAPI", "Sunday")) << i;
    ASSERT_TRUE(world_.audit());
    EXPECT_TRUE(has_problem(world_, pod, "RefusedByConfigAPI", "Sunday")) << i;
    EXPECT_EQ(problems_of(world_, pod).size(), 1U);
  }
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, pod).empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

}  // namespace
}  // namespace knm::test
