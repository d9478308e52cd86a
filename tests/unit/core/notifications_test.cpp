#include "tests/unit/core/notifications_fixture.hpp"

// Notifications of the config API about own objects: what other clients change is read and repaired at once, without an
// audit; own writes cause no read.
namespace knm::test {
namespace {

using nlohmann::json;

TEST_F(NotificationsTest, OwnWritesAreKnown) {
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 0U) << "the lists came with the stream";
  EXPECT_GT(notified(Notified::known), 40U);
  EXPECT_EQ(notified(Notified::read), 0U);
  EXPECT_EQ(notified(Notified::awaited), 0U);
  const auto writes = world_.writes();

  World quiet(setup_.settings);
  Guestbook::apply_all(quiet);
  quiet.start();
  ASSERT_TRUE(converges(quiet));
  EXPECT_EQ(writes, quiet.writes());
}

struct Deleted {
  const char* type;
  const char* fq_name;
};

class DeletedByOthers : public NotificationsTest, public testing::WithParamInterface<Deleted> {};

TEST_P(DeletedByOthers, ReturnsWithItsDependents) {
  begin();
  const auto removed = other_.remove_with_dependents(GetParam().type, GetParam().fq_name);
  repaired_by(removed, removed);
}

INSTANTIATE_TEST_SUITE_P(
    Types, DeletedByOthers,
    testing::Values(Deleted{"project", "default-domain:gb"}, Deleted{"virtual-network", "default-domain:gb:guestbook"},
                    Deleted{"virtual-network", "default-domain:default-project:addr-alloc"},
                    Deleted{"virtual-network", "default-domain:default-project:Public"},
                    Deleted{"floating-ip-pool", "default-domain:gb:service-guestbook:service-guestbook"},
                    Deleted{"floating-ip", "default-domain:gb:service-guestbook:service-guestbook:guestbook"},
                    Deleted{"network-policy", "default-domain:gb:__svc_redis-master"},
                    Deleted{"virtual-machine-interface", "default-domain:gb:guestbook-0"},
                    Deleted{"instance-ip", "gb_guestbook-0"}));

TEST_F(NotificationsTest, AChangedPropertyReturns) {
  begin();
  other_.put("floating-ip", address_, {{"floating_ip_traffic_direction", "both"}});
  repaired_by(1, 1);
  EXPECT_EQ(world_.reported(Report::Kind::drift), 1U);
}

TEST_F(NotificationsTest, RulesReturnAndForeignRulesStay) {
  begin();
  auto entries = other_.get("network-policy", policy_)["network_policy_entries"];
  auto foreign = entries["policy_rule"][0];
  foreign["rule_uuid"] = "11111111-2222-4333-8444-555555555555";
  foreign["src_addresses"][0]["virtual_network"] = "default-domain:gb:other";
  entries["policy_rule"] = json::array({foreign});
  other_.put("network-policy", policy_, {{"network_policy_entries", entries}});
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 1U);
  EXPECT_EQ(world_.writes(), 1U);
  const auto rules = other_.get("network-policy", policy_)["network_policy_entries"]["policy_rule"];
  EXPECT_EQ(rules.size(), 3U);
  EXPECT_NE(rules.dump().find("11111111-2222"), std::string::npos);
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U);
}

// Nothing in an event says how old it is.
TEST_F(NotificationsTest, AnOldEventCausesOneReadAndNoWrite) {
  begin();
  auto old = contrail::parse_object(contrail::Type::floating_ip,
                                    json{{"floating-ip", other_.get("floating-ip", address_)}}.dump());
  ASSERT_TRUE(old);
  old->interfaces.clear();
  world_.pass(std::chrono::seconds(5));
  world_.engine().notify_changed(*old, world_.now());
  world_.engine().notify_changed(*old, world_.now());
  repaired_by(1, 0);
}

TEST_F(NotificationsTest, AnOldDeletionCausesOneReadAndNoWrite) {
  begin();
  const auto uuid = contrail::Uuid::parse(other_.get("floating-ip", address_)["uuid"].get<std::string>());
  world_.pass(std::chrono::seconds(5));
  world_.engine().notify_deleted(contrail::Type::floating_ip, *uuid, world_.now());
  world_.engine().notify_deleted(contrail::Type::floating_ip, *uuid, world_.now());
  repaired_by(1, 0);
}

// What the list shows is older than the event.
TEST_F(NotificationsTest, AnEventDuringAnAuditIsNotAnsweredByAnOlderList) {
  begin();
  audit(contrail::Type::floating_ip, [&] {
    other_.put("floating-ip", address_, {{"floating_ip_traffic_direction", "both"}});
    world_.deliver_all();
  });
  repaired_by(1, 1);
  audit(contrail::Type::floating_ip, [&] {
    other_.remove("floating-ip", address_);
    world_.deliver_all();
    world_.deliver_all();
  });
  world_.clear_log();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

// An own write while the list is on its way: the list need not be older than the write.
TEST_F(NotificationsTest, AnObjectOfAListThatIsPassedOverIsReadIfItDiffers) {
  begin();
  world_.notify({.lost = 100});
  world_.cut_stream();
  other_.put("floating-ip", address_, {{"floating_ip_traffic_direction", "both"}});
  world_.deliver_all();
  audit(contrail::Type::floating_ip, [&] {
    world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-0"}));
    ASSERT_TRUE(converges(world_));
    EXPECT_EQ(world_.writes(), 2U) << "the Service has two addresses";
    world_.clear_log();
  });
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 2U);
  EXPECT_EQ(world_.writes(), 1U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

// The events of two writes in a row may come after both: the first of them shows the past.
TEST_F(NotificationsTest, APastStateIsNoReasonToReadBeforeTheEcho) {
  begin();
  world_.notify({.lost = 100});
  world_.cut_stream();
  const auto address = [&] {
    return contrail::parse_object(contrail::Type::floating_ip,
                                  json{{"floating-ip", other_.get("floating-ip", address_)}}.dump())
        .value();
  };
  const auto past = address();
  const auto write = [&] {
    world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-" + std::to_string(unready_++ % 3)}));
    ASSERT_TRUE(converges(world_));
    world_.clear_log();
    world_.engine().notify_changed(past, world_.now());
  };
  write();
  world_.engine().notify_changed(address(), world_.now());
  world_.pass(std::chrono::seconds(5));
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 0U) << "the echo came";
  write();
  EXPECT_EQ(notified(Notified::awaited), 2U);
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 1U) << "the echo did not come";
  EXPECT_EQ(world_.writes(), 0U);
  world_.engine().notify_changed(past, world_.now());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 2U) << "none is awaited";
}

TEST_F(NotificationsTest, WritesInARowDoNotPutOffTheReadOfADoubtedObject) {
  begin();
  world_.notify({.lost = 100});
  world_.cut_stream();
  const auto past = contrail::parse_object(contrail::Type::floating_ip,
                                           json{{"floating-ip", other_.get("floating-ip", address_)}}.dump())
                        .value();
  const auto write = [&](int unready) {
    world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-" + std::to_string(unready)}));
    run_until(world_.now() + std::chrono::milliseconds(300));
  };
  world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-0"}));
  run_until(world_.now() + std::chrono::milliseconds(100));
  world_.clear_log();
  world_.engine().notify_changed(past, world_.now());
  EXPECT_EQ(notified(Notified::awaited), 1U);
  for (int i = 1; i <= 4; ++i) write(i % 3);
  EXPECT_GE(world_.writes(), 4U);
  EXPECT_EQ(world_.reads(), 1U);
}

// The config API says that the object is there, and does not show it.
TEST_F(NotificationsTest, ACreateThatIsRefusedForItselfAgainAndAgainIsAProblem) {
  begin();
  world_.set_fault([](const contrail::Request& request, const auto& carry_out) -> std::optional<ConfigAnswer> {
    if (request.method != "POST" || request.target != "/virtual-machine-interfaces") return carry_out();
    const auto uuid = json::parse(request.body).begin()->at("uuid").get<std::string>();
    return ConfigAnswer{Sent::answered, 409, "it already exists with uuid: " + uuid, {}};
  });
  world_.apply(make_pod("gb", "late", "guestbook"));
  run_until(world_.now() + std::chrono::minutes(5));
  const auto has_problem = [&] {
    for (const auto& [subject, page] : world_.engine().problems().pages())
      if (subject.key == "gb/late") return true;
    return false;
  };
  EXPECT_TRUE(has_problem());
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(has_problem());
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

// Neither rare audits nor streams that begin all the time change how soon a lost patch is sent again.
TEST_F(NotificationsTest, ALostPatchIsSentAgainAfterTwoTicks) {
  begin();
  world_.set_patch_fault([]() -> std::optional<PatchAnswer> { return PatchAnswer{PatchResult::done, 1'000'000, {}}; });
  world_.apply(make_pod("gb", "late", "guestbook"));
  ASSERT_TRUE(converges(world_));
  world_.set_patch_fault({});
  world_.clear_log();
  const auto interval = Time(setup_.settings.audit_interval);
  for (int tick = 0; tick < 2; ++tick) {
    world_.pass(interval);
    const auto next = world_.engine().tick(world_.now());
    EXPECT_EQ(next, world_.now() + interval);
    EXPECT_EQ(world_.engine().tick(world_.now()), next) << "it is too early";
    world_.cut_stream();
    ASSERT_TRUE(world_.audit());
    ASSERT_TRUE(converges(world_));
    EXPECT_EQ(world_.patches(), tick == 0 ? 0U : 1U);
  }
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

// A client that overwrites an object all the time.
TEST_F(NotificationsTest, AFightCausesFewRequests) {
  begin();
  const auto until = world_.now() + std::chrono::seconds(60);
  std::size_t overwrites = 0;
  for (; world_.now() < until; ++overwrites) {
    other_.put("floating-ip", address_, {{"floating_ip_traffic_direction", overwrites % 2 ? "both" : "egress"}});
    run_until(world_.now() + std::chrono::milliseconds(100));
  }
  EXPECT_GE(overwrites, 500U);
  EXPECT_LE(world_.reads(), 70U);
  EXPECT_LE(world_.writes(), 20U);
  EXPECT_GE(world_.writes(), 4U);
}

// It is no drift, so that no fight slows the reads down.
TEST_F(NotificationsTest, ForeignRulesThatChangeAllTheTimeAreReadOnceASecond) {
  begin();
  const auto ours = other_.get("network-policy", policy_)["network_policy_entries"];
  for (int i = 0; i < 100; ++i) {
    auto entries = ours;
    auto foreign = entries["policy_rule"][0];
    foreign["rule_uuid"] = "11111111-2222-4333-8444-555555555555";
    foreign["src_addresses"][0]["virtual_network"] = "default-domain:gb:other-" + std::to_string(i);
    entries["policy_rule"].push_back(foreign);
    other_.put("network-policy", policy_, {{"network_policy_entries", entries}});
    run_until(world_.now() + std::chrono::milliseconds(100));
  }
  EXPECT_GE(world_.reads(), 5U);
  EXPECT_LE(world_.reads(), 12U);
  EXPECT_EQ(world_.writes(), 0U);
}

TEST_F(NotificationsTest, ALostStreamIsSilentAndTheNextOneShowsWhatChanged) {
  begin();
  EXPECT_EQ(world_.engine().audit_factor(), 10);
  world_.engine().watch_lost();
  EXPECT_EQ(world_.engine().audit_factor(), 1);
  other_.remove_with_dependents("network-policy", policy_);
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U);
  world_.cut_stream();
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(is_as_desired(world_, setup_));
  EXPECT_EQ(world_.engine().watch_missed(), 0U) << "no stream was there to show it";
  EXPECT_EQ(world_.engine().watch_streams(), 2U);
}

}  // namespace
}  // namespace knm::test
