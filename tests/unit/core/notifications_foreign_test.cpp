#include "tests/unit/core/notifications_fixture.hpp"

// Notifications of the config API about objects of others: what this cluster needs to know of them is known at once.
namespace knm::test {
namespace {

using nlohmann::json;

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

}  // namespace
}  // namespace knm::test
