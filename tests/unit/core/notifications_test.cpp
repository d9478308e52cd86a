#include <gtest/gtest.h>

#include "controller/engine/audit_pace.hpp"
#include "controller/ipam/public_addresses.hpp"
#include "controller/plan/uuid_index.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Notifications of the config API: what other clients change is read and repaired at once, without an audit; own writes
// cause no read.
namespace knm::test {
namespace {

using nlohmann::json;

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

// Foreign objects, of other clusters for example, may be thousands.
TEST_F(NotificationsTest, ForeignObjectsCostNothing) {
  begin();
  const auto entries = world_.engine().table().in_use();
  other_.create("project", {{"fq_name", {"default-domain", "foreign"}}, {"parent_type", "domain"}});
  for (int i = 0; i < 100; ++i) {
    const auto name = "n" + std::to_string(i);
    other_.create("virtual-network", {{"fq_name", {"default-domain", "foreign", name}}, {"parent_type", "project"}});
    other_.create("network-policy", {{"fq_name", {"default-domain", "foreign", name}}, {"parent_type", "project"}});
  }
  world_.deliver_all();
  EXPECT_GE(notified(Notified::foreign), 201U);
  for (int i = 0; i < 100; ++i) other_.remove("virtual-network", "default-domain:foreign:n" + std::to_string(i));
  world_.deliver_all();
  EXPECT_EQ(world_.engine().table().in_use(), entries);
  repaired_by(0, 0);
}

TEST_F(NotificationsTest, AddressesThatOthersReserveAreNotChosen) {
  begin();
  const json in_allocation = {{{"to", {"default-domain", "default-project", "addr-alloc"}}}};
  for (int i = 0; i < 20; ++i)
    other_.create("instance-ip",
                  {{"fq_name", {"foreign-" + std::to_string(i)}}, {"virtual_network_refs", in_allocation}});
  world_.deliver_all();
  world_.clear_log();
  world_.apply(make_pod("gb", "late", "guestbook"));
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 0U);
  for (const auto& exchange : world_.log()) EXPECT_EQ(exchange.status, 200);
  ASSERT_TRUE(is_as_desired(world_, setup_));
  other_.remove("instance-ip", "foreign-0");
  world_.deliver_all();
  EXPECT_EQ(notified(Notified::taken), 21U);
}

// The name is free again: the project of the Namespace is created at once.
TEST_F(NotificationsTest, AConflictEndsWithTheForeignObject) {
  begin();
  other_.create("project", {{"fq_name", {"default-domain", "shop"}}, {"parent_type", "domain"}});
  world_.deliver_all();
  world_.apply(make_namespace("shop"));
  world_.apply(make_pod("shop", "p", "web"));
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::conflict), 1U);
  other_.remove("project", "default-domain:shop");
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::drift), 0U) << "it was not ours";
  ASSERT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(other_.has("virtual-machine-interface", "default-domain:shop:p"));
  ASSERT_TRUE(audits_and_restart_write_nothing(world_));
}

// What is known to be in the way is waited for without an audit; for anything else audits stay frequent.
TEST_F(NotificationsTest, ADeletionGoesOnWhenWhatOccupiesItIsGone) {
  world_.apply(make_namespace("shop"));
  world_.apply(make_pod("shop", "p", "web"));
  begin();
  const auto occupy = [&](const std::string& name) {
    other_.create("virtual-network", {{"fq_name", {"default-domain", "shop", name}}, {"parent_type", "project"}});
    world_.deliver_all();
  };
  occupy("known");
  ASSERT_TRUE(world_.audit());
  occupy("unknown");
  EXPECT_EQ(world_.engine().audit_factor(), 10);
  world_.remove_namespace("shop");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(other_.has("project", "default-domain:shop"));
  other_.remove("virtual-network", "default-domain:shop:known");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(other_.has("project", "default-domain:shop"));
  EXPECT_EQ(world_.engine().audit_factor(), 1) << "it is occupied by an object that is not known";
  other_.remove("virtual-network", "default-domain:shop:unknown");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("project", "default-domain:shop"));
  EXPECT_EQ(world_.engine().audit_factor(), 10);
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(NotificationsTest, AKnownObjectThatOccupiesADeletionNeedsNoAudit) {
  world_.apply(make_namespace("shop"));
  world_.apply(make_pod("shop", "p", "web"));
  begin();
  other_.create("virtual-network", {{"fq_name", {"default-domain", "shop", "theirs"}}, {"parent_type", "project"}});
  ASSERT_TRUE(world_.audit());
  world_.remove_namespace("shop");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(other_.has("project", "default-domain:shop"));
  other_.remove("virtual-network", "default-domain:shop:theirs");
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("project", "default-domain:shop"));
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

// Two clusters of one name must not write to one config API: that is found at once, and the next audit stops one.
TEST_F(NotificationsTest, AnotherClusterOfTheSameNameIsNoticed) {
  begin();
  other_.create("project", {{"fq_name", {"default-domain", "theirs"}}, {"parent_type", "domain"}});
  const auto ours = world_.engine().binder().owners().ours();
  other_.annotate("project", "default-domain:theirs", "opencontrail.org/owner",
                  ours.substr(0, ours.find('/')) + "/99999999-0000-4000-8000-000000000000");
  world_.deliver_all();
  EXPECT_TRUE(world_.engine().wants_audit());
  ASSERT_TRUE(world_.audit());
  EXPECT_TRUE(world_.engine().has_duplicate_cluster());
}

// Any client can write such an annotation. It counts where this cluster reads, and nowhere else.
TEST_F(NotificationsTest, AnAnnotationInAForeignProjectDoesNotStopTheController) {
  begin();
  const auto ours = world_.engine().binder().owners().ours();
  const auto theirs = ours.substr(0, ours.find('/')) + "/99999999-0000-4000-8000-000000000000";
  other_.create("project", {{"fq_name", {"default-domain", "theirs"}}, {"parent_type", "domain"}});
  for (const std::string type : {"virtual-network", "network-policy"}) {
    other_.create(type, {{"fq_name", {"default-domain", "theirs", "n"}}, {"parent_type", "project"}});
    other_.annotate(type, "default-domain:theirs:n", "opencontrail.org/owner", theirs);
  }
  world_.deliver_all();
  EXPECT_FALSE(world_.engine().has_duplicate_cluster());
  ASSERT_TRUE(world_.audit());
  world_.cut_stream();
  EXPECT_FALSE(world_.engine().has_duplicate_cluster());
  ASSERT_TRUE(world_.engine().running());
  world_.clear_log();
  repaired_by(0, 0);
}

// An audit finds what refers to the policy, and need not wait for its rare turn.
TEST_F(NotificationsTest, AForeignReferenceToAPolicyToBeDeletedWantsAnAudit) {
  begin();
  other_.create("project", {{"fq_name", {"default-domain", "theirs"}}, {"parent_type", "domain"}});
  other_.create("virtual-network", {{"fq_name", {"default-domain", "theirs", "n"}}, {"parent_type", "project"}});
  other_.reference("ADD", "virtual-network", "default-domain:theirs:n", "network-policy", policy_,
                   {{"sequence", {{"major", 0}, {"minor", 0}}}});
  world_.deliver_all();
  world_.remove_service("gb/redis-master");
  run_until(world_.now() + std::chrono::seconds(1));
  ASSERT_TRUE(other_.has("network-policy", policy_));
  EXPECT_TRUE(world_.engine().wants_audit());
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("network-policy", policy_));
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

// An audit may find more of them.
TEST_F(NotificationsTest, AKnownObjectThatBecomesOursWaitsForAnAudit) {
  begin();
  const std::string name = "theirs";
  other_.create("instance-ip", {{"fq_name", {name}},
                                {"virtual_network_refs",
                                 json::array({{{"to", {"default-domain", "default-project", "addr-alloc"}}}})}});
  world_.deliver_all();
  EXPECT_EQ(notified(Notified::taken), 1U);
  other_.annotate("instance-ip", name, "opencontrail.org/owner", world_.engine().binder().owners().ours());
  run_until(world_.now() + std::chrono::seconds(5));
  EXPECT_TRUE(other_.has("instance-ip", name));
  EXPECT_TRUE(world_.engine().wants_audit());
}

TEST_F(NotificationsTest, ADeletedForeignObjectIsNotMissed) {
  begin();
  other_.create("instance-ip", {{"fq_name", {"theirs"}},
                                {"virtual_network_refs",
                                 json::array({{{"to", {"default-domain", "default-project", "addr-alloc"}}}})}});
  world_.deliver_all();
  world_.notify({.lost = 100});
  world_.cut_stream();
  other_.remove("instance-ip", "theirs");
  world_.deliver_all();
  ASSERT_TRUE(world_.audit());
  EXPECT_EQ(world_.engine().watch_missed(), 0U);
}

// An owned object that nothing desires is deleted, but the end of an audit decides that.
TEST_F(NotificationsTest, AnOwnedObjectThatComesBackWaitsForAnAudit) {
  const auto extra = make_pod("gb", "extra", "guestbook");
  world_.apply(extra);
  begin();
  auto machine = other_.get("virtual-machine", extra.meta.uid);
  world_.remove_pod("gb/extra");
  ASSERT_TRUE(converges(world_));
  world_.pass(std::chrono::seconds(5));
  other_.create("virtual-machine", machine);
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(other_.has("virtual-machine", extra.meta.uid));
  EXPECT_TRUE(world_.engine().wants_audit());
  ASSERT_TRUE(world_.audit());
  EXPECT_FALSE(world_.engine().wants_audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("virtual-machine", extra.meta.uid));
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

// --- External networks

const std::string legacy = "default-domain:legacy";
const std::string backbone = legacy + ":backbone";

Configuration external_setup() {
  auto out = demo_setup();
  out.settings.global_network = out.oracle.global_networks = {backbone};
  return out;
}

class NotifiedExternalNetworks : public NotificationsTest {
 protected:
  NotifiedExternalNetworks() : NotificationsTest(external_setup()) {
    other_.create("project", {{"fq_name", split_name(legacy)}, {"parent_type", "domain"}});
  }
  void create() { other_.create("virtual-network", {{"fq_name", split_name(backbone)}, {"parent_type", "project"}}); }
};

TEST_F(NotifiedExternalNetworks, AreConnectedWhenTheyAppear) {
  begin();
  create();
  const auto began = world_.now();
  ASSERT_TRUE(converges(world_));
  EXPECT_LE(world_.now() - began, std::chrono::milliseconds(100));
  EXPECT_EQ(world_.reported(Report::Kind::external_network_found), 1U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
  ASSERT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(NotifiedExternalNetworks, AreDisconnectedWhenTheyAreDeleted) {
  create();
  begin();
  other_.put("virtual-network", backbone, {{"network_policy_refs", json::array()}});
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(is_as_desired(world_, setup_));
  other_.remove("virtual-network", backbone);
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::external_network_lost), 1U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
  ASSERT_TRUE(world_.audit());
  EXPECT_EQ(world_.engine().watch_missed(), 0U);
  ASSERT_TRUE(audits_and_restart_write_nothing(world_));
}

// --- The parts

TEST(AuditPaceTest, AuditsAreRareWhileTheStreamMissesNothing) {
  AuditPace pace(3);
  EXPECT_EQ(pace.factor(), 1);
  pace.audited(5);
  EXPECT_EQ(pace.missed(), 0U) << "there was no stream";
  pace.watch_completed();
  EXPECT_EQ(pace.factor(), 3);
  pace.audited(0);
  EXPECT_EQ(pace.factor(), 3);
  pace.audited(2);
  EXPECT_EQ(pace.missed(), 2U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pace.factor(), 1);
    pace.audited(0);
  }
  EXPECT_EQ(pace.factor(), 3);
  pace.watch_lost();
  EXPECT_EQ(pace.factor(), 1);
}

TEST(PublicAddressesTest, WhatAnEventShowedIsNewerThanAListThatIsRead) {
  PublicAddresses addresses({*contrail::Cidr::parse("10.1.0.0/24")}, Time{0});
  const auto address = *contrail::IpAddress::parse("10.1.0.9");
  const auto uuid = contrail::uuid_v5({}, "theirs");
  addresses.came(address, "theirs", uuid);
  addresses.begin_inventory();
  EXPECT_TRUE(addresses.went(uuid));
  addresses.show(address, "theirs", uuid);
  addresses.end_inventory();
  EXPECT_FALSE(addresses.other_at(address));
  addresses.begin_inventory();
  addresses.show(address, "theirs", uuid);
  addresses.end_inventory();
  EXPECT_TRUE(addresses.other_at(address)) << "it is there again";
}

TEST(PublicAddressesTest, OnlyAnAuditShowsTheEndOfAnUnknownHolder) {
  PublicAddresses addresses({*contrail::Cidr::parse("10.1.0.0/24")}, Time{0});
  const auto address = *contrail::IpAddress::parse("10.1.0.9");
  EXPECT_FALSE(addresses.has_unknown());
  addresses.refuse("ours", address, Time{0});
  EXPECT_TRUE(addresses.has_unknown());
  addresses.came(address, "theirs", contrail::uuid_v5({}, "theirs"));
  EXPECT_FALSE(addresses.has_unknown());
}

TEST(UuidIndexTest, FindsEachSlotUntilItHasAnotherUuid) {
  std::vector<contrail::Uuid> uuids;
  for (int i = 0; i < 5000; ++i) uuids.push_back(contrail::uuid_v5({}, std::to_string(i)));
  Table table;
  const auto set = [&](int i, bool exists) {
    const auto id = table.slot(contrail::Type::virtual_machine, std::to_string(i));
    if (exists) table[id].identify({{uuids[static_cast<std::size_t>(i)], 0}, Ownership::owned});
    table.set_observed(id, exists, {});
    return id;
  };
  for (int i = 0; i < 100; ++i) set(i, true);
  EXPECT_EQ(table.find(uuids[7]), no_slot) << "no index was asked for";
  table.index_uuids();
  for (int i = 100; i < 5000; ++i) set(i, true);
  for (int i = 0; i < 5000; ++i) {
    const auto id = table.find(uuids[static_cast<std::size_t>(i)]);
    ASSERT_NE(id, no_slot);
    EXPECT_EQ(table[id].name().view(), std::to_string(i));
  }
  EXPECT_EQ(table.find(contrail::uuid_v5({}, "another")), no_slot);
  // Deleted, and the slots used again.
  for (int i = 0; i < 5000; ++i) set(i, false);
  table.free_unused({}, ~std::uint64_t{0});
  EXPECT_EQ(table.find(uuids[7]), no_slot);
  for (int round = 0; round < 20; ++round) {
    set(7, true);
    EXPECT_NE(table.find(uuids[7]), no_slot);
    set(7, false);
    table.free_unused({}, ~std::uint64_t{0});
  }
}

}  // namespace
}  // namespace knm::test
