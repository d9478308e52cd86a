#include "controller/cni/core/attachment.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"
#include "tests/unit/cni/samples.hpp"

namespace knm::cni {
namespace {

using nlohmann::json;

TEST(Attachment, IsMadeOfTheAnnotationTheCallAndTheConfiguration) {
  auto config = test::config();
  config.mtu = 9000;
  config.bridge = "br0";
  config.checksum_offload = true;
  const auto attachment = attachment_of(config, test::arguments(), *parse_pod_state(test::annotation));
  ASSERT_TRUE(attachment);
  EXPECT_EQ(attachment->ref, (AttachmentRef{"c0ffee", "eth0"}));
  EXPECT_EQ(attachment->mac, "02:4e:2e:18:ce:20");
  EXPECT_EQ(attachment->mtu, 9000);
  EXPECT_EQ(attachment->bridge, "br0");
  EXPECT_TRUE(attachment->checksum_offload);
  EXPECT_EQ(attachment->interface_uuid, test::interface_uuid);
  EXPECT_EQ(attachment->addresses, (std::vector<ContainerAddress>{{test::ip("10.0.0.7"), test::ip("10.0.255.254")}}));
}

TEST(Attachment, TheNameOfTheDeviceIsAFormat) {
  EXPECT_EQ(device_of("contrail", {"c0ffee", "eth0"}), "knmfa52c1f29365");
  EXPECT_NE(device_of("contrail", {"c0ffee", "eth0"}), device_of("contrail", {"c0ffee", "eth1"}));
  EXPECT_NE(device_of("contrail", {"c0ffee", "eth0"}), device_of("contrail", {"c0ffed", "eth0"}));
  EXPECT_NE(device_of("contrail", {"c0ffee", "eth0"}), device_of("another", {"c0ffee", "eth0"}));
  EXPECT_TRUE(is_interface_name(device_of("contrail", {std::string(64, 'a'), "eth0"})));
}

TEST(Attachment, AFamilyWithoutAGatewayIsAnErrorThatNamesTheKey) {
  auto state = *parse_pod_state(test::annotation);
  state.addresses.push_back(test::ip("fd00::7"));
  auto config = test::config();
  const auto without = attachment_of(config, test::arguments(), state);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, errc::bad_config);
  EXPECT_NE(without.error().message.find("`gateways`"), std::string::npos);
  config.gateways = {test::ip("10.9.9.9"), test::ip("fd00::ffff")};
  EXPECT_EQ(*attachment_of(config, test::arguments(), state), test::dual_stack());
}

TEST(AttachmentResult, HasInterfacesAddressesAndRoutes) {
  const auto attachment = test::dual_stack();
  const auto result = json::parse(render_result(attachment, "/run/netns/c0ffee", Version::v1_1_0));
  EXPECT_EQ(result, json::parse(R"({
    "cniVersion": "1.1.0",
    "interfaces": [{"name": ")" +
                                attachment.device + R"(", "mtu": 1400},
                   {"name": "eth0", "mac": "02:4e:2e:18:ce:20", "mtu": 1400, "sandbox": "/run/netns/c0ffee"}],
    "ips": [{"address": "10.0.0.7/32", "gateway": "10.0.255.254", "interface": 1},
            {"address": "fd00::7/128", "gateway": "fd00::ffff", "interface": 1}],
    "routes": [{"dst": "0.0.0.0/0", "gw": "10.0.255.254"}, {"dst": "::/0", "gw": "fd00::ffff"}],
    "dns": {}})"));
}

TEST(AttachmentResult, OlderVersionsHaveTheirMembers) {
  const auto attachment = test::dual_stack();
  const auto v1 = json::parse(render_result(attachment, "/n", Version::v1_0_0));
  EXPECT_FALSE(v1["interfaces"][1].contains("mtu"));
  EXPECT_FALSE(v1["ips"][0].contains("version"));
  const auto v0 = json::parse(render_result(attachment, "/n", Version::v0_4_0));
  EXPECT_EQ(v0["ips"][0]["version"], "4");
  EXPECT_EQ(v0["ips"][1]["version"], "6");
}

TEST(AttachmentResult, TwoAddressesOfAFamilyHaveOneRoute) {
  auto attachment = test::attachment();
  attachment.addresses.push_back({test::ip("10.0.0.8"), test::ip("10.0.255.254")});
  const auto result = json::parse(render_result(attachment, "/n", Version::v1_1_0));
  EXPECT_EQ(result["ips"].size(), 2U);
  EXPECT_EQ(result["routes"].size(), 1U);
}

TEST(AttachmentResult, IsReadAsItWasRendered) {
  for (const auto version : {Version::v0_4_0, Version::v1_0_0, Version::v1_1_0}) {
    auto config = test::config();
    auto wanted = test::dual_stack();
    config.previous = json::parse(render_result(wanted, "/n", version));
    const auto read = attachment_of_result(config, test::arguments());
    ASSERT_TRUE(read) << read.error().message;
    wanted.interface_uuid.clear();  // a result does not have it
    EXPECT_EQ(*read, wanted);
  }
}

TEST(AttachmentResult, TheMtuIsThatOfTheTimeOfAdd) {
  auto config = test::config();
  config.previous = json::parse(render_result(test::attachment(), "/n", Version::v1_1_0));
  config.mtu = 9000;
  EXPECT_EQ(attachment_of_result(config, test::arguments())->mtu, 1400);
}

TEST(AttachmentResult, ThatIsNotOfThisPluginIsRefused) {
  auto config = test::config();
  const auto good = json::parse(render_result(test::attachment(), "/n", Version::v1_1_0));
  const auto expect_refused = [&](const char* pointer, const json& value) {
    config.previous = good;
    config.previous[json::json_pointer(pointer)] = value;
    const auto read = attachment_of_result(config, test::arguments());
    ASSERT_FALSE(read) << pointer;
    EXPECT_EQ(read.error().code, errc::bad_config);
    EXPECT_NE(read.error().message.find("`prevResult`"), std::string::npos);
  };
  expect_refused("/interfaces", nullptr);
  expect_refused("/interfaces", json::object());
  expect_refused("/interfaces/1/name", "eth1");
  expect_refused("/interfaces/1/sandbox", "");
  expect_refused("/ips", json::array());
  expect_refused("/ips/0/interface", 0);
  expect_refused("/ips/0/address", "nonsense");
  expect_refused("/ips/0/gateway", 1);
}

}  // namespace
}  // namespace knm::cni
