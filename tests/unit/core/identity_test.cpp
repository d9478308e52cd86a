#include "controller/model/identity.hpp"

#include <gtest/gtest.h>

#include "controller/model/pod_state.hpp"

// The test vectors of docs/formats.md: a change here makes all existing objects foreign.
namespace knm {
namespace {

using contrail::Type;

constexpr std::string_view ns_uid = "0f8a1b52-8c3e-4a6e-9d55-3f1c0b7e2a41";
constexpr std::string_view pod_uid = "7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77";
constexpr std::string_view service_uid = "b1946ac9-2f4e-4d3b-a6c5-6f0e8d7c5b3a";

TEST(Identity, TheUuidOfAnObjectIsAFormat) {
  const auto id = [](Type type, std::string_view owner, std::string_view what) {
    return derived_uuid(type, owner, what).text();
  };
  EXPECT_EQ(id(Type::virtual_network, ns_uid, "default-domain:shop:web"), "baecea83-5cb1-5125-af3a-02024e7b27bf");
  EXPECT_EQ(id(Type::network_policy, ns_uid, "default-domain:shop:__svc_web"), "8f23fd8e-fe6a-5ff0-a09c-d539184fce13");
  EXPECT_EQ(id(Type::floating_ip_pool, ns_uid, "default-domain:shop:service-web:service-web"),
            "b4c2d0e2-a94d-5177-a2c0-227da04f3fba");
  EXPECT_EQ(id(Type::virtual_machine_interface, pod_uid, "interface"), "4e2e18ce-2043-536c-bc98-78adf6321775");
  EXPECT_EQ(id(Type::instance_ip, pod_uid, "allocation v4"), "2b40f45f-2ce4-5ebd-8eeb-bc1a0a75f972");
  EXPECT_EQ(id(Type::instance_ip, pod_uid, "use v4"), "98491f2c-8fdc-55a6-99da-9329f63d14a4");
  EXPECT_EQ(id(Type::instance_ip, pod_uid, "use v6"), "b00c41ad-4a7f-587c-8cfe-7b47a4055270");
  EXPECT_EQ(id(Type::floating_ip, service_uid, "10.254.0.17"), "cb0dca02-f34d-5006-83c3-8be4fd835c78");
  EXPECT_EQ(id(Type::floating_ip, service_uid, "2001:db8::17"), "3a5db857-a4e9-5fe1-9754-00547bc495db");
  EXPECT_EQ(id(Type::network_ipam, ns_uid, "default-domain:default-project:__ipam_Public"),
            "9799631f-0eab-5ef4-8bf3-b599ad6af020");
  EXPECT_EQ(id(Type::virtual_network, "", "default-domain:default-project:addr-alloc"),
            "5b069dd5-15ee-59d1-96c2-c27b727520f0");
}

TEST(Identity, TheUuidsOfSubnetsAndRulesAreAFormat) {
  const auto network = *contrail::Uuid::parse("baecea83-5cb1-5125-af3a-02024e7b27bf");
  EXPECT_EQ(subnet_uuid(network, *contrail::Cidr::parse("10.0.0.0/16")).text(), "e82ecf39-d2d9-5efb-8eda-7d77ebb0129c");
  EXPECT_EQ(
      rule_uuid("default-domain:shop:__svc_web", "default-domain:shop:api", "default-domain:shop:service-web").text(),
      "6edc72f8-e866-5c5d-a54a-e137cf89b52d");
}

TEST(Identity, AUidThatIsAUuidIsUsedAsTheUuid) {
  EXPECT_EQ(uuid_of_uid(pod_uid).text(), pod_uid);
  EXPECT_EQ(uuid_of_uid("not-a-uuid").text(), "989dc26b-a501-5ff6-b46b-475edb74d320");
}

TEST(Identity, AMacIsDerivedFromTheInterface) {
  EXPECT_EQ(mac_of(*contrail::Uuid::parse("4e2e18ce-2043-536c-bc98-78adf6321775")), "02:4e:2e:18:ce:20");
}

TEST(OwnerAnnotations, ShowTheOwnershipOfAnObject) {
  const auto owner = owner_of("east", "uid-1");
  EXPECT_EQ(owner, "east/uid-1");
  EXPECT_EQ(owner_of("", "uid-1"), "kubernetes/uid-1");
  EXPECT_EQ(ownership({}, owner), Ownership::unowned);
  EXPECT_EQ(ownership({{"opencontrail.org/kind", "Pod"}}, owner), Ownership::unowned);
  EXPECT_EQ(ownership(mark(owner, "Pod", "u", "ns/p"), owner), Ownership::owned);
  EXPECT_EQ(ownership(mark("east/uid-2", "Pod", "u", "ns/p"), owner), Ownership::foreign);
  EXPECT_EQ(ownership(shared_annotation(owner, "PublicPool", "a:b"), owner), Ownership::shared);
}

TEST(OwnerAnnotations, OfSharedObjectsNameTheirClusters) {
  const std::map<std::string, std::string> keys{{"opencontrail.org/owner", "shared"},
                                                {"opencontrail.org/kind", "PublicPool"},
                                                {"opencontrail.org/uid", ""},
                                                {"opencontrail.org/object", "a:b"},
                                                {"opencontrail.org/user.east", "uid-1"}};
  EXPECT_EQ(shared_annotation("east/uid-1", "PublicPool", "a:b"), keys);
}

TEST(PodState, TheTextIsAFormat) {
  PodState state;
  state.pod_uid = "7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77";
  state.interface = *contrail::Uuid::parse("4e2e18ce-2043-536c-bc98-78adf6321775");
  state.mac = "02:4e:2e:18:ce:20";
  state.addresses = {*contrail::IpAddress::parse("10.0.0.7")};
  state.gateway = *contrail::IpAddress::parse("10.0.255.254");
  EXPECT_EQ(render(state),
            R"({"uuid":"4e2e18ce-2043-536c-bc98-78adf6321775","macAddress":"02:4e:2e:18:ce:20",)"
            R"("ipAddress":"10.0.0.7","gateway":"10.0.255.254","podUid":"7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77"})");
  state.addresses.push_back(*contrail::IpAddress::parse("fd00::7"));
  EXPECT_EQ(render(state), R"({"uuid":"4e2e18ce-2043-536c-bc98-78adf6321775","macAddress":"02:4e:2e:18:ce:20",)"
                           R"("ipAddress":"10.0.0.7","gateway":"10.0.255.254","ipAddresses":["10.0.0.7","fd00::7"],)"
                           R"("podUid":"7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77"})");
}

TEST(PodState, AGatewayIsTheLastUsableAddress) {
  const auto gateway = [](const char* range) { return gateway_of(*contrail::Cidr::parse(range)).text(); };
  EXPECT_EQ(gateway("10.0.0.0/16"), "10.0.255.254");
  EXPECT_EQ(gateway("192.0.2.128/30"), "192.0.2.130");
  EXPECT_EQ(gateway("fd00::/112"), "fd00::fffe");
  EXPECT_EQ(gateway("fd00::/64"), "fd00::ffff:ffff:ffff:fffe");
  EXPECT_EQ(gateway("fd00::/48"), "fd00::ffff:ffff:ffff:ffff:fffe");
}

}  // namespace
}  // namespace knm
