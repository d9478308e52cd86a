#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The next audit restores objects that another client deletes or edits, and writes nothing else.
namespace knm::test {
namespace {

using nlohmann::json;

class Drift : public testing::Test {
 protected:
  Drift() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
    EXPECT_TRUE(is_as_desired(world_, setup_));
    world_.clear_log();
  }

  void audit_writes(std::size_t writes) {
    ASSERT_TRUE(world_.audit());
    ASSERT_TRUE(converges(world_));
    EXPECT_EQ(world_.writes(), writes) << testing::PrintToString(world_.write_list());
    EXPECT_EQ(world_.patches(), 0U);
    EXPECT_GT(world_.reported(Report::Kind::drift), 0U);
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(audits_and_restart_write_nothing(world_));
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};

  const std::string address_ = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
  const std::string public_address_ = "default-domain:default-project:Public:Public:gb_guestbook";
  const std::string network_ = "default-domain:gb:guestbook";
  const std::string interface_ = "default-domain:gb:guestbook-0";
  const std::string policy_ = "default-domain:gb:__svc_redis-master";
};

TEST_F(Drift, AnAuditWithoutFindingsChangesNoCount) {
  const auto in_sync = world_.engine().progress().count(contrail::Type::virtual_network, Progress::settled);
  EXPECT_GT(in_sync, 0U);
  ASSERT_TRUE(world_.audit());
  // The project of a retained network is processed after each audit.
  for (int type = 0; type < contrail::type_count; ++type)
    EXPECT_EQ(world_.engine().progress().count(static_cast<contrail::Type>(type), Progress::due), type == 0 ? 1U : 0U)
        << type;
  EXPECT_EQ(world_.engine().progress().count(contrail::Type::virtual_network, Progress::settled), in_sync);
}

TEST_F(Drift, AnObjectMissingFromAnAuditIsDue) {
  other_.remove_with_dependents("network-policy", policy_);
  ASSERT_TRUE(world_.audit());
  EXPECT_GT(world_.engine().progress().count(contrail::Type::network_policy, Progress::due), 0U);
}

struct Deleted {
  const char* type;
  const char* fq_name;
};

class DeletedObject : public Drift, public testing::WithParamInterface<Deleted> {};

TEST_P(DeletedObject, ReturnsWithItsDependents) {
  const auto removed = other_.remove_with_dependents(GetParam().type, GetParam().fq_name);
  audit_writes(removed);
}

INSTANTIATE_TEST_SUITE_P(
    Types, DeletedObject,
    testing::Values(Deleted{"project", "default-domain:gb"}, Deleted{"virtual-network", "default-domain:gb:guestbook"},
                    Deleted{"virtual-network", "default-domain:gb:service-guestbook"},
                    Deleted{"virtual-network", "default-domain:default-project:addr-alloc"},
                    Deleted{"virtual-network", "default-domain:default-project:Public"},
                    Deleted{"floating-ip-pool", "default-domain:gb:service-guestbook:service-guestbook"},
                    Deleted{"floating-ip-pool", "default-domain:default-project:Public:Public"},
                    Deleted{"floating-ip", "default-domain:gb:service-guestbook:service-guestbook:guestbook"},
                    Deleted{"floating-ip", "default-domain:default-project:Public:Public:gb_guestbook"},
                    Deleted{"network-policy", "default-domain:gb:__svc_redis-master"},
                    Deleted{"virtual-machine-interface", "default-domain:gb:guestbook-0"},
                    Deleted{"instance-ip", "gb_guestbook-0"}));

TEST_F(Drift, ADeletedVirtualMachineReturns) {
  const auto uid = world_.pods().at("gb/guestbook-0").meta.uid;
  audit_writes(other_.remove_with_dependents("virtual-machine", uid));
}

TEST_F(Drift, ADeletedReservationReturnsWithTheSameAddress) {
  other_.remove("instance-ip", world_.pods().at("gb/guestbook-0").meta.uid);
  audit_writes(1);
}

TEST_F(Drift, AReservationWhoseAddressIsTakenGetsAnotherAddress) {
  const auto uid = world_.pods().at("gb/guestbook-0").meta.uid;
  const auto address = other_.get("instance-ip", uid)["instance_ip_address"];
  other_.remove("instance-ip", uid);
  other_.create("instance-ip",
                {{"fq_name", {"foreign"}},
                 {"instance_ip_address", address},
                 {"virtual_network_refs", {{{"to", {"default-domain", "default-project", "addr-alloc"}}}}}});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(is_as_desired(world_, setup_));
  EXPECT_NE(other_.get("instance-ip", uid)["instance_ip_address"], address);
  EXPECT_EQ(other_.get("instance-ip", "foreign")["instance_ip_address"], address);
  ASSERT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Drift, TheDirectionOfAnAddressReturns) {
  other_.put("floating-ip", address_, {{"floating_ip_traffic_direction", "both"}});
  audit_writes(1);
}

TEST_F(Drift, MappingsReturn) {
  other_.put(
      "floating-ip", address_,
      {{"floating_ip_port_mappings", {{"port_mappings", json::array()}}}, {"floating_ip_port_mappings_enable", false}});
  audit_writes(1);
}

TEST_F(Drift, TheInterfaceOfAnInstanceIpReturns) {
  other_.put("instance-ip", "gb_guestbook-0", {{"virtual_machine_interface_refs", json::array()}});
  audit_writes(1);
}

// Other content under the id of an owned rule is that rule, edited.
TEST_F(Drift, AnEditedRuleReturns) {
  const auto entries = other_.get("network-policy", policy_)["network_policy_entries"];
  auto denied = entries;
  denied["policy_rule"][0]["action_list"]["simple_action"] = "deny";
  other_.put("network-policy", policy_, {{"network_policy_entries", denied}});
  audit_writes(1);
  EXPECT_EQ(other_.get("network-policy", policy_)["network_policy_entries"], entries);

  auto turned = entries;
  turned["policy_rule"][0]["src_addresses"][0]["virtual_network"] = "default-domain:gb:nobody";
  other_.put("network-policy", policy_, {{"network_policy_entries", turned}});
  world_.clear_log();
  audit_writes(1);
}

// The server does not move the address: the old one stays allocated, so a new object could not get it.
TEST_F(Drift, AnOverwrittenAddressIsRestored) {
  other_.put("floating-ip", address_, {{"floating_ip_address", "10.254.7.7"}});
  other_.put("floating-ip", public_address_, {{"floating_ip_address", "192.0.2.77"}});
  audit_writes(2);
}

TEST_F(Drift, AnAddressOverwrittenBeforeAStartIsRestored) {
  other_.put("floating-ip", public_address_, {{"floating_ip_address", "192.0.2.77"}});
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U) << testing::PrintToString(world_.write_list());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// Another client recreated the interface with the same name and owner annotations: its ids are not the derived ones.
TEST_F(Drift, ThePodStateFollowsAnInterfaceWithAnotherUuid) {
  const auto twin = other_.get("virtual-machine-interface", interface_);
  other_.remove_with_dependents("virtual-machine-interface", interface_);
  other_.create("virtual-machine-interface",
                {{"fq_name", twin["fq_name"]},
                 {"parent_type", "project"},
                 {"annotations", twin["annotations"]},
                 {"virtual_network_refs", {{{"to", split_name(network_)}}}},
                 {"virtual_machine_refs", {{{"to", twin["virtual_machine_refs"][0]["to"]}}}}});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.patches(), 1U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
  ASSERT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Drift, ARemovedMemberReturns) {
  other_.reference("DELETE", "floating-ip", address_, "virtual-machine-interface", interface_);
  audit_writes(1);
}

TEST_F(Drift, AnAddedMemberIsRemoved) {
  other_.reference("ADD", "floating-ip", address_, "virtual-machine-interface", "default-domain:gb:redis-slave-0");
  audit_writes(1);
}

TEST_F(Drift, TheProjectOfAnAddressReturns) {
  other_.put("floating-ip", address_, {{"project_refs", json::array()}});
  audit_writes(1);
}

TEST_F(Drift, TheProjectOfAPublicAddressReturns) {
  other_.put("floating-ip", public_address_, {{"project_refs", json::array()}});
  audit_writes(1);
}

TEST_F(Drift, TheMacAndTheVirtualMachineOfAnInterfaceReturn) {
  other_.put("virtual-machine-interface", interface_,
             {{"virtual_machine_interface_mac_addresses", {{"mac_address", {"02:00:00:00:00:01"}}}},
              {"virtual_machine_refs", json::array()}});
  audit_writes(1);
}

// The instance-ip belongs to the network: it is deleted before the interface moves and created after it.
TEST_F(Drift, AnInterfaceInAnotherNetworkReturns) {
  other_.put("virtual-machine-interface", interface_,
             {{"virtual_network_refs", {{{"to", {"default-domain", "gb", "redis-master"}}}}}});
  audit_writes(3);
}

TEST_F(Drift, ADetachedPolicyReturns) {
  other_.reference("DELETE", "virtual-network", network_, "network-policy", policy_);
  audit_writes(1);
}

TEST_F(Drift, TheSequenceOfAPolicyReturns) {
  other_.reference("ADD", "virtual-network", network_, "network-policy", policy_,
                   {{"sequence", {{"major", 1}, {"minor", 7}}}});
  audit_writes(1);
}

TEST_F(Drift, DeletedRulesReturn) {
  other_.put("network-policy", policy_, {{"network_policy_entries", {{"policy_rule", json::array()}}}});
  audit_writes(1);
}

TEST_F(Drift, AChangedOwnerAnnotationReturns) {
  other_.annotate("virtual-network", network_, "opencontrail.org/object", "forged");
  audit_writes(1);
}

TEST_F(Drift, LostOwnerAnnotationsReturn) {
  for (const auto* key : {"owner", "kind", "uid", "object"})
    other_.remove_annotation("virtual-network", network_, std::string("opencontrail.org/") + key);
  audit_writes(1);
}

TEST_F(Drift, TheDisplayNameOfAVirtualMachineReturns) {
  other_.put("virtual-machine", world_.pods().at("gb/guestbook-0").meta.uid, {{"display_name", "other"}});
  audit_writes(1);
}

// A write of the whole member list must include members that are out of sync.
TEST_F(Drift, AMemberThatIsOutOfSyncStaysAMember) {
  const auto uuid = other_.get("virtual-machine-interface", interface_)["uuid"].get<std::string>();
  other_.put("virtual-machine-interface", interface_,
             {{"virtual_machine_interface_mac_addresses", {{"mac_address", {"02:00:00:00:00:01"}}}}});
  ASSERT_TRUE(world_.audit());
  std::size_t faults = 0;
  world_.set_fault([&](const auto& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.target.find(uuid) == std::string::npos) return std::nullopt;
    ++faults;
    return ConfigAnswer{Sent::answered, 500, "Internal Server Error", {}};
  });
  world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1", "guestbook-2"}));
  EXPECT_FALSE(world_.converge(100));
  EXPECT_GT(faults, 1U);
  const auto members = other_.get("floating-ip", address_)["virtual_machine_interface_refs"];
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0]["uuid"], uuid);
  world_.set_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Drift, AForgedPodStateIsRepairedAtOnce) {
  auto pod = world_.pods().at("gb/guestbook-0");
  for (auto& [key, value] : pod.meta.annotations)
    if (key == "opencontrail.org/pod-state") value = R"({"uuid":"somebody else's"})";
  world_.apply(pod);
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.patches(), 1U);
  EXPECT_EQ(world_.log().size(), 0U);
  ASSERT_TRUE(is_as_desired(world_, setup_));
}

}  // namespace
}  // namespace knm::test
