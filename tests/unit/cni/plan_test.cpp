#include "controller/cni/core/plan.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"
#include "tests/unit/cni/samples.hpp"

namespace knm::cni {
namespace {

using Steps = std::vector<Step>;

const Attachment wanted = test::dual_stack();

Steps planned(const Observed& observed) {
  const auto steps = plan(wanted, observed);
  EXPECT_TRUE(steps);
  return steps ? *steps : Steps{};
}

std::vector<std::string> faults(const Observed& observed) { return faults_of(wanted, observed); }

TEST(AttachmentPlan, FromNothingMakesAPairAndPlugsIt) {
  EXPECT_EQ(planned({}), (Steps{MakePair{}, Plug{}}));
  EXPECT_EQ(faults({}).size(), 2U);
}

TEST(AttachmentPlan, OfACompleteAttachmentHasNoStep) {
  EXPECT_EQ(planned(test::complete(wanted)), Steps{});
  EXPECT_EQ(faults(test::complete(wanted)), std::vector<std::string>());
}

// A way in which a pair may differ from the attachment, and a word of the fault.
struct Change {
  const char* word;
  void (*make)(Observed&);
};

TEST(AttachmentPlan, AnyFaultOfThePairMakesItAnew) {
  const Change changes[] = {
      {"is down", [](Observed& there) { there.on_node->up = false; }},
      {"eth0 is down", [](Observed& there) { there.inside->up = false; }},
      {"MAC", [](Observed& there) { there.inside->mac = "02:00:00:00:00:00"; }},
      {"MTU 1500", [](Observed& there) { there.inside->mtu = 1500; }},
      {"checksum", [](Observed& there) { there.checksum_offload = true; }},
      {"address 10.0.0.7/32", [](Observed& there) { there.inside->addresses.erase("10.0.0.7/32"); }},
      {"address fd00::7/128", [](Observed& there) { there.inside->addresses.erase("fd00::7/128"); }},
      {"IPv4 default route by 10.0.255.254", [](Observed& there) { there.routes.erase(there.routes.begin()); }},
      {"route to the gateway 10.0.255.254", [](Observed& there) { there.routes.erase(there.routes.begin() + 1); }},
      {"IPv6 default route by fd00::ffff", [](Observed& there) { there.routes.erase(there.routes.begin() + 2); }},
      {"route to the gateway fd00::ffff", [](Observed& there) { there.routes.pop_back(); }},
  };
  for (const auto& [word, make] : changes) {
    auto there = test::complete(wanted);
    make(there);
    EXPECT_EQ(planned(there), (Steps{Unplug{wanted.device}, RemoveDevice{wanted.device}, MakePair{}, Plug{}})) << word;
    ASSERT_EQ(faults(there).size(), 1U) << word;
    EXPECT_NE(faults(there).front().find(word), std::string::npos) << faults(there).front();
  }
}

TEST(AttachmentPlan, AFurtherAddressIsNoFaultAndIsRemovedByAdd) {
  auto there = test::complete(wanted);
  there.inside->addresses.insert("10.0.0.8/32");
  EXPECT_EQ(faults(there), std::vector<std::string>());
  EXPECT_EQ(planned(there), (Steps{Unplug{wanted.device}, RemoveDevice{wanted.device}, MakePair{}, Plug{}}));
}

TEST(AttachmentPlan, APairWithoutAPortIsPlugged) {
  auto there = test::complete(wanted);
  there.ports.clear();
  there.on_bridge.clear();
  EXPECT_EQ(planned(there), Steps{Plug{}});
}

TEST(AttachmentPlan, APortWithoutItsDeviceIsMadeAnew) {
  auto there = test::complete(wanted);
  there.on_node.reset();
  there.inside.reset();
  EXPECT_EQ(planned(there), (Steps{Unplug{wanted.device}, MakePair{}, Plug{}}));
}

TEST(AttachmentPlan, ADeviceWhoseOtherEndIsElsewhereIsMadeAnew) {
  auto there = test::complete(wanted);
  there.inside.reset();
  there.ports.clear();
  EXPECT_EQ(planned(there), (Steps{RemoveDevice{wanted.device}, MakePair{}, Plug{}}));
}

TEST(AttachmentPlan, AnInterfaceOfAnotherPluginIsLeftAlone) {
  auto there = test::complete(wanted);
  there.on_node.reset();
  for (const bool with_device : {false, true}) {
    if (with_device) there.on_node = Device{wanted.device, 5, 3, "", wanted.mtu, true, {}};
    const auto steps = plan(wanted, there);
    ASSERT_FALSE(steps);
    EXPECT_EQ(steps.error().code, errc::interface_exists);
    EXPECT_NE(steps.error().message.find("eth0"), std::string::npos);
  }
}

TEST(AttachmentPlan, APortOnAnotherBridgeMoves) {
  auto there = test::complete(wanted);
  there.on_bridge.erase(wanted.device);
  EXPECT_EQ(planned(there), (Steps{Unplug{wanted.device}, Plug{}}));
  EXPECT_NE(faults(there).at(0).find("not on the bridge br-int"), std::string::npos);
}

TEST(AttachmentPlan, APortThatOpenVSwitchCannotUseIsMadeAnew) {
  auto there = test::complete(wanted);
  there.ports.front().error = "could not open network device";
  EXPECT_EQ(planned(there), (Steps{Unplug{wanted.device}, Plug{}}));
  ASSERT_EQ(faults(there).size(), 1U);
  EXPECT_NE(faults(there).front().find("could not open"), std::string::npos);
}

TEST(AttachmentPlan, AWrongExternalIdIsWrittenAnew) {
  for (const auto& [key, value] : external_ids(wanted)) {
    auto there = test::complete(wanted);
    there.ports.front().external_ids[key] = "another";
    EXPECT_EQ(planned(there), Steps{Plug{}}) << key;
    there.ports.front().external_ids.erase(key);
    EXPECT_NE(faults(there).at(0).find(key), std::string::npos);
  }
}

TEST(AttachmentPlan, CheckAcceptsAnyInterfaceThatIsThere) {
  auto of_result = wanted;
  of_result.interface_uuid.clear();
  auto there = test::complete(wanted);
  EXPECT_EQ(faults_of_port(of_result, there), std::vector<std::string>());
  there.ports.front().external_ids.erase(id_interface);
  EXPECT_EQ(faults_of_port(of_result, there).size(), 1U);
}

TEST(AttachmentPlan, APortOfAFormerContainerOfThePodIsRemovedFirst) {
  auto there = test::complete(wanted);
  auto former = wanted;
  former.ref.container = "former";
  there.ports.push_back({"knmformer", external_ids(former)});
  auto other = wanted;
  other.interface_uuid = "baecea83-5cb1-5125-af3a-02024e7b27bf";
  there.ports.push_back({"knmother", external_ids(other)});
  EXPECT_EQ(planned(there), Steps{Unplug{"knmformer"}});
}

// Applies a plan's steps to what is there, as the node does.
TEST(AttachmentPlan, LeadsToTheAttachmentFromEveryHalfMadeState) {
  const auto done = test::complete(wanted);
  for (int parts = 0; parts < 8; ++parts) {
    Observed there;
    if (parts & 1) there.on_node = done.on_node;
    if (parts & 2) there.on_node = done.on_node, there.inside = done.inside;
    if (parts & 4) there.ports = done.ports, there.on_bridge = done.on_bridge;
    for (const auto& step : planned(there)) {
      if (const auto* unplugged = std::get_if<Unplug>(&step))
        std::erase_if(there.ports, [&](const Port& port) { return port.name == unplugged->port; });
      if (std::holds_alternative<RemoveDevice>(step)) there.on_node.reset(), there.inside.reset();
      if (std::holds_alternative<MakePair>(step)) {
        EXPECT_FALSE(there.on_node) << "a device of that name is there";
        there.on_node = done.on_node, there.inside = done.inside, there.routes = done.routes;
      }
      if (std::holds_alternative<Plug>(step)) there.ports = done.ports, there.on_bridge = done.on_bridge;
    }
    EXPECT_EQ(faults(there), std::vector<std::string>()) << parts;
    EXPECT_EQ(planned(there), Steps{}) << parts;
  }
}

TEST(StalePorts, BelongToAttachmentsThatAreNotListed) {
  const auto port = [](const char* container, const char* interface) {
    return Port{device_of("contrail", {container, interface}), {{id_container, container}, {id_ifname, interface}}};
  };
  const std::vector<Port> ports{port("c1", "eth0"), port("c1", "eth1"), port("c2", "eth0")};
  const std::vector<std::string> stale{ports[1].name, ports[2].name};
  EXPECT_EQ(stale_ports("contrail", ports, {{"c1", "eth0"}, {"c3", "eth0"}}), stale);
  EXPECT_EQ(stale_ports("contrail", ports, {}).size(), 3U);
}

TEST(StalePorts, PortsOfAnotherNameAreLeftAlone) {
  EXPECT_TRUE(stale_ports("contrail", {{"eth0", {{id_container, "c1"}, {id_ifname, "eth0"}}}, {"d", {}}}, {}).empty());
}

}  // namespace
}  // namespace knm::cni
