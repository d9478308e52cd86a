#include <gtest/gtest.h>

#include <algorithm>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/predecessor.hpp"

// The controller adopts the objects of the Go program: they keep their ids, and no traffic is interrupted.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string gb = "default-domain:gb:";

class Adoption : public testing::Test {
 protected:
  Adoption() {
    setup_.settings = Predecessor::settings();
    setup_.oracle = {};
    setup_.oracle.service_ranges = {"10.96.0.0/16"};
    setup_.oracle.public_ranges = {"192.0.2.0/24"};
    world_ = std::make_unique<World>(setup_.settings);
    other_ = std::make_unique<OtherClient>(world_->api());
    before_.write(*other_);
    before_.apply(*world_);
  }

  void start() {
    world_->clear_log();
    world_->start();
    ASSERT_TRUE(converges(*world_));
  }

  // Compares with the oracle, except for what adopted objects keep: names of virtual machines, and gateways and DNS of
  // subnets. The public network stays foreign.
  testing::AssertionResult is_adopted() {
    auto dump = json::parse(world_->api().dump());
    std::map<std::string, std::string> machines;
    for (auto& machine : dump["virtual-machine"]) {
      machines[joined(machine["fq_name"])] = machine["uuid"];
      machine["fq_name"] = json::array({machine["uuid"]});
    }
    for (auto& interface : dump["virtual-machine-interface"])
      for (auto& reference : interface["virtual_machine_refs"])
        reference["to"] = json::array({machines.at(joined(reference["to"]))});
    auto desired = expected(world_->cluster(), setup_.oracle);
    auto there = observed(dump.dump(), world_->cluster(), setup_.oracle);
    desired.erase("virtual-network default-domain:default-project:Public");
    desired.erase("floating-ip-pool default-domain:default-project:Public:Public");
    for (auto* picture : {&desired, &there})
      for (auto& [key, fields] : *picture)
        if (fields.contains("subnets"))
          for (auto& subnet : fields["subnets"]) subnet["gateway"] = "as found";
    const auto lines = differences(desired, there);
    if (lines.empty()) return nothing_left_to_do(world_->engine(), world_->now());
    return testing::AssertionFailure() << testing::PrintToString(lines);
  }

  // The objects of the predecessor that no longer exist with their uuids.
  std::vector<std::string> missing() const {
    std::map<std::string, std::string> now;
    const auto dump = json::parse(world_->api().dump());
    for (const auto& [type, objects] : dump.items())
      for (const auto& object : objects) now[type + " " + joined(object["fq_name"])] = object["uuid"];
    std::vector<std::string> out;
    for (const auto& [key, uuid] : before_.uuids())
      if (now[key] != uuid) out.push_back(key);
    return out;
  }

  const Predecessor before_{KNM_PREDECESSOR};
  Configuration setup_;
  std::unique_ptr<World> world_;
  std::unique_ptr<OtherClient> other_;
};

// Policies without a rule have no counterpart: they are detached, and are deleted with their Namespace.
const std::vector<std::string> leftovers{"network-policy default-domain:gb:__svc_default",
                                         "network-policy default-domain:gb:__svc_guestbook"};

TEST_F(Adoption, EveryObjectKeepsItsUuidAndGetsOwnerAnnotations) {
  start();
  EXPECT_TRUE(is_adopted());
  EXPECT_EQ(missing(), std::vector<std::string>{});
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
  EXPECT_TRUE(is_adopted());
}

// Owner annotations are added; members and rules stay. No object that carries traffic is created, deleted or detached.
TEST_F(Adoption, NoTrafficIsInterrupted) {
  const auto machines = json::parse(world_->api().dump())["virtual-machine-interface"];
  start();
  const auto leftover = [&](const std::string& text) {
    return std::any_of(leftovers.begin(), leftovers.end(),
                       [&](const auto& key) { return text.find(before_.uuids().at(key)) != std::string::npos; });
  };
  for (const auto& exchange : world_->log()) {
    const auto& request = exchange.request;
    if (!exchange.is_write()) continue;
    EXPECT_EQ(exchange.status, 200) << request.target << request.body;
    EXPECT_NE(request.method, "DELETE") << request.target;
    if (request.target == "/ref-update" && request.body.find("DELETE") != std::string::npos)
      EXPECT_TRUE(leftover(request.body)) << request.body;
    EXPECT_FALSE(request.method == "PUT" && request.target.starts_with("/virtual-network/")) << request.body;
    EXPECT_FALSE(request.method == "PUT" && request.target.starts_with("/virtual-machine-interface/")) << request.body;
    EXPECT_FALSE(request.method == "PUT" && request.target.starts_with("/instance-ip/")) << request.body;
    EXPECT_FALSE(request.method == "POST" && request.target.ends_with("s")) << "created " << request.body;
  }
}

TEST_F(Adoption, ThePodStateShowsTheAdoptedObjects) {
  start();
  const auto& pod = world_->pods().at("gb/guestbook-1");
  const auto state = json::parse(*k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state"));
  EXPECT_EQ(state["uuid"], before_.uuids().at("virtual-machine-interface default-domain:gb:guestbook-1"));
  EXPECT_EQ(state["macAddress"], "02:f3:72:c6:ae:70");
  EXPECT_EQ(state["ipAddress"], "10.0.0.7");
  EXPECT_EQ(state["gateway"], "10.0.0.1");
  EXPECT_EQ(state["podUid"], pod.meta.uid);
}

TEST_F(Adoption, AMacThatIsNotDerivedFromTheUuidIsKept) {
  other_->put("virtual-machine-interface", gb + "guestbook-0",
              {{"virtual_machine_interface_mac_addresses", {{"mac_address", {"02:00:00:00:00:42"}}}}});
  start();
  const auto mac = [&] {
    return other_->get("virtual-machine-interface",
                       gb + "guestbook-0")["virtual_machine_interface_mac_addresses"]["mac_address"][0];
  };
  EXPECT_EQ(mac(), "02:00:00:00:00:42");
  // A later change by another client is drift.
  other_->put("virtual-machine-interface", gb + "guestbook-0",
              {{"virtual_machine_interface_mac_addresses", {{"mac_address", {"02:00:00:00:00:43"}}}}});
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_EQ(mac(), "02:00:00:00:00:42");
}

TEST_F(Adoption, ADeletedNamespaceLeavesNoObjects) {
  start();
  world_->remove_namespace("gb");
  ASSERT_TRUE(converges(*world_));
  const auto dump = json::parse(world_->api().dump());
  for (const auto& [type, objects] : dump.items())
    for (const auto& object : objects) {
      const auto name = joined(object["fq_name"]);
      EXPECT_FALSE(name.starts_with("default-domain:gb") || name.find("gb_") != std::string::npos) << type << name;
    }
  EXPECT_EQ(other_->names("virtual-machine"), std::vector<std::string>{});
  EXPECT_EQ(other_->names("instance-ip"), std::vector<std::string>{});
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

// A reference is by name, and the name of an adopted virtual machine is not the derived one.
TEST_F(Adoption, ALostInterfaceIsRecreatedForItsVirtualMachine) {
  start();
  other_->remove_with_dependents("virtual-machine-interface", gb + "guestbook-2");
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_TRUE(is_adopted());
  EXPECT_EQ(joined(other_->get("virtual-machine-interface", gb + "guestbook-2")["virtual_machine_refs"][0]["to"]),
            "gb__guestbook-2");
}

TEST_F(Adoption, ALostVirtualMachineIsRecreatedWithTheDerivedName) {
  start();
  const auto uid = world_->pods().at("gb/guestbook-2").meta.uid;
  other_->remove_with_dependents("virtual-machine", "gb__guestbook-2");
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_TRUE(is_adopted());
  EXPECT_TRUE(other_->has("virtual-machine", uid));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(Adoption, AddressesThatAdoptedSubnetsReserveAreNotAssigned) {
  setup_.settings.private_ip_range = {*contrail::Cidr::parse("10.0.0.0/16")};
  world_->apply(make_service("gb", "gateway", "guestbook", "10.96.0.1"));
  start();
  EXPECT_FALSE(other_->has("floating-ip", gb + "service-guestbook:service-guestbook:gateway"));
  const auto& pages = world_->engine().problems().pages();
  const auto page = pages.find({SubjectKind::service, "gb/gateway"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "AddressReserved");
  EXPECT_TRUE(every_reason_is_known(world_->engine().problems()));
}

// A crash at different requests, each in a new world: no object is ever replaced.
TEST_F(Adoption, ACrashDuringAdoptionReplacesNoObject) {
  start();
  const auto requests = world_->log().size();
  for (std::size_t crash_after = 1; crash_after < requests; crash_after += 3) {
    SCOPED_TRACE(crash_after);
    World world(setup_.settings);
    OtherClient other(world.api());
    before_.write(other);
    before_.apply(world);
    world.start();
    for (std::size_t i = 0; i < crash_after; ++i) world.step();
    world.restart();
    ASSERT_TRUE(converges(world));
    ASSERT_EQ(json::parse(world.api().dump())["virtual-machine-interface"],
              json::parse(world_->api().dump())["virtual-machine-interface"]);
    ASSERT_EQ(json::parse(world.api().dump())["floating-ip"], json::parse(world_->api().dump())["floating-ip"]);
  }
}

// References must use the derived name, even if the answer to the create was lost.
TEST_F(Adoption, ARecreatedVirtualMachineHasTheDerivedName) {
  start();
  const auto uid = world_->pods().begin()->second.meta.uid;
  const auto dump = json::parse(world_->api().dump());
  const auto& machines = dump["virtual-machine"];
  const auto machine = std::find_if(machines.begin(), machines.end(), [&](const auto& m) { return m["uuid"] == uid; });
  ASSERT_NE(machine, machines.end());
  ASSERT_NE(joined((*machine)["fq_name"]), uid);
  other_->remove_with_dependents("virtual-machine", joined((*machine)["fq_name"]));
  bool lost = false;
  world_->set_fault([&](const auto& request, const auto& carry_out) -> std::optional<ConfigAnswer> {
    if (lost || request.method != "POST" || request.target != "/virtual-machines") return std::nullopt;
    lost = true;
    carry_out();
    return ConfigAnswer{Sent::unknown, 0, "", "reset"};
  });
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_TRUE(lost);
  EXPECT_TRUE(other_->has("virtual-machine", uid));
  EXPECT_TRUE(is_adopted());
}

}  // namespace
}  // namespace knm::test
