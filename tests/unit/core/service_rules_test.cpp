#include "controller/intent/service_rules.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"

namespace knm {
namespace {

using contrail::PortMapping;
using Mappings = std::vector<PortMapping>;
using Keys = std::vector<ObjectName>;

k8s::Service with_ports(std::vector<k8s::ServicePort> ports) {
  return test::make_service("ns", "s", "", "10.254.0.1", {.ports = std::move(ports)});
}

PodFacts pod(const std::string& name, std::int64_t created, std::vector<k8s::ContainerPort> ports) {
  PodFacts facts;
  facts.set_key("ns/" + name);
  facts.ns = "ns";
  facts.uid = name;
  facts.created = created;
  facts.named_ports = std::move(ports);
  return facts;
}

TEST(Mappings, NoneWhileEveryPortIsItsOwnTarget) {
  const auto a = pod("a", 1, {});
  const auto served = serve(with_ports({{"", "TCP", 80, 80, "", 0}, {"", "UDP", 53, 0, "", 0}}), {&a});
  EXPECT_EQ(served.mappings, Mappings{});
  EXPECT_EQ(served.pods, Keys{"ns/a"});
}

TEST(Mappings, AllPortsAsSoonAsOneDiffers) {
  const auto served = serve(with_ports({{"", "UDP", 53, 53, "", 0}, {"", "TCP", 80, 3000, "", 0}}), {});
  EXPECT_EQ(served.mappings, (Mappings{{"tcp", 80, 3000}, {"udp", 53, 53}}));
}

TEST(NamedPorts, AreLookedUpPerProtocol) {
  const auto a = pod("a", 1, {{"dns", "TCP", 1053}, {"dns", "UDP", 2053}});
  const auto served = serve(with_ports({{"", "UDP", 53, 0, "dns", 0}}), {&a});
  EXPECT_EQ(served.mappings, (Mappings{{"udp", 53, 2053}}));
}

TEST(NamedPorts, TheMajorityIsServedAndTheOthersAreNamed) {
  const auto a = pod("a", 1, {{"http", "TCP", 8081}}), b = pod("b", 2, {{"http", "TCP", 8080}}),
             c = pod("c", 3, {{"http", "TCP", 8080}});
  const auto served = serve(with_ports({{"", "TCP", 80, 0, "http", 0}}), {&a, &b, &c});
  EXPECT_EQ(served.pods, (Keys{"ns/b", "ns/c"}));
  EXPECT_EQ(served.mappings, (Mappings{{"tcp", 80, 8080}}));
  ASSERT_EQ(served.problems.size(), 1U);
  EXPECT_EQ(served.problems[0].reason, "NamedPortsDiffer");
  EXPECT_NE(served.problems[0].message.find(" a "), std::string::npos);
}

TEST(NamedPorts, OfTwoHalvesTheOldestPodsIsServed) {
  const auto a = pod("a", 9, {{"http", "TCP", 8080}}), b = pod("b", 5, {{"http", "TCP", 8081}});
  EXPECT_EQ(serve(with_ports({{"", "TCP", 80, 0, "http", 0}}), {&a, &b}).pods, Keys{"ns/b"});
}

TEST(NamedPorts, APodThatKnowsNoneDoesNotServe) {
  const auto a = pod("a", 1, {}), b = pod("b", 2, {{"http", "TCP", 8080}});
  const auto service = with_ports({{"", "TCP", 80, 0, "http", 0}});
  const auto served = serve(service, {&a, &b});
  EXPECT_EQ(served.pods, Keys{"ns/b"});
  EXPECT_EQ(served.problems.at(0).reason, "NamedPortMissing");
  EXPECT_EQ(serve(service, {&a}).pods, Keys{});
}

TEST(NamedPorts, ThatEqualTheirPortsNeedNoMappings) {
  const auto a = pod("a", 1, {{"http", "TCP", 80}});
  const auto service = with_ports({{"", "TCP", 80, 0, "http", 0}, {"", "TCP", 443, 443, "", 0}});
  EXPECT_EQ(serve(service, {&a}).mappings, Mappings{});
  EXPECT_EQ(serve(service, {&a}).pods, Keys{"ns/a"});
  // One that nobody knows is not open as its own target.
  const auto b = pod("b", 2, {{"http", "UDP", 80}});
  EXPECT_EQ(serve(service, {&b}).mappings, (Mappings{{"tcp", 443, 443}}));
}

TEST(NamedPorts, StayMappedWhileNobodyIsReady) {
  const auto a = pod("a", 1, {{"http", "TCP", 8080}}), b = pod("b", 2, {{"http", "TCP", 8081}});
  const auto service = with_ports({{"", "TCP", 80, 0, "http", 0}});
  const auto served = serve(service, {}, {&a, &b});
  EXPECT_EQ(served.mappings, (Mappings{{"tcp", 80, 8080}}));
  EXPECT_EQ(served.pods, Keys{});
  EXPECT_EQ(served.problems, std::vector<Problem>{});
  // Who waits has no say where somebody serves.
  EXPECT_EQ(serve(service, {&b}, {&a}).mappings, (Mappings{{"tcp", 80, 8081}}));
  EXPECT_EQ(serve(service, {}).mappings, Mappings{});
}

TEST(NamedPorts, ThatNobodyKnowsAreReportedByNumberAndName) {
  const auto a = pod("a", 1, {{"http", "TCP", 8080}}), b = pod("b", 2, {});
  const auto service = with_ports({{"", "TCP", 80, 0, "http", 0}, {"", "TCP", 443, 0, "https", 0}});
  const auto reported = [&](const std::vector<const PodFacts*>& ready, const std::vector<const PodFacts*>& waiting) {
    std::vector<std::string> out;
    for (const auto& problem : serve(service, ready, waiting).problems) out.push_back(problem.reason);
    return out;
  };
  using Reasons = std::vector<std::string>;
  const auto served = serve(service, {&a});
  EXPECT_EQ(served.mappings, (Mappings{{"tcp", 80, 8080}}));
  ASSERT_EQ(served.problems.size(), 1U);
  EXPECT_EQ(served.problems[0].reason, "NamedPortUnreached");
  EXPECT_NE(served.problems[0].message.find(": 443 (https);"), std::string::npos) << served.problems[0].message;
  EXPECT_EQ(reported({}, {&a}), Reasons{"NamedPortUnreached"}) << "readiness alone changes nothing";
  EXPECT_EQ(reported({}, {&b}), Reasons{"NamedPortUnreached"});
  EXPECT_EQ(reported({}, {}), Reasons{}) << "nobody is to blame";
  EXPECT_EQ(reported({&b}, {}), Reasons{"NamedPortMissing"}) << "which says it already";
  EXPECT_EQ(reported({&a, &b}, {}), (Reasons{"NamedPortMissing", "NamedPortUnreached"}));
}

TEST(NamedPorts, AreReportedBesideANumberedOneThatIsServed) {
  const auto a = pod("a", 1, {});
  const auto served = serve(with_ports({{"", "TCP", 80, 0, "http", 0}, {"", "TCP", 443, 443, "", 0}}), {&a});
  EXPECT_EQ(served.pods, Keys{"ns/a"});
  ASSERT_EQ(served.problems.size(), 1U);
  EXPECT_EQ(served.problems[0].reason, "NamedPortUnreached");
  EXPECT_NE(served.problems[0].message.find(": 80 (http);"), std::string::npos) << served.problems[0].message;
}

TEST(NamedPorts, OfAHeadlessServiceKeepNobodyAway) {
  auto service = with_ports({{"", "TCP", 80, 0, "http", 0}});
  service.cluster_ips = {"None"};
  const auto a = pod("a", 1, {}), b = pod("b", 2, {{"http", "TCP", 8080}});
  EXPECT_EQ(serve(service, {&a, &b}).pods, (Keys{"ns/a", "ns/b"}));
  EXPECT_EQ(serve(service, {&a}).problems, std::vector<Problem>{});
}

TEST(LoadBalancers, AreOursByClassOrByDefault) {
  Settings settings;
  auto service = with_ports({});
  EXPECT_FALSE(is_our_load_balancer(service, settings));
  service.type = k8s::ServiceType::load_balancer;
  EXPECT_TRUE(is_our_load_balancer(service, settings));
  settings.load_balancer_default = false;
  EXPECT_FALSE(is_our_load_balancer(service, settings));
  service.has_load_balancer_class = true;
  EXPECT_FALSE(is_our_load_balancer(service, settings)) << "a class that is empty on both sides is no class";
  service.load_balancer_class = settings.load_balancer_class = "opencontrail.org/floating-ip";
  EXPECT_TRUE(is_our_load_balancer(service, settings));
  service.load_balancer_class = "other";
  EXPECT_FALSE(is_our_load_balancer(service, settings));
}

std::string refusal(const char* address, const char* range, bool reserved_tail) {
  const auto problem = refuse_address(*contrail::IpAddress::parse(address), {*contrail::Cidr::parse(range)},
                                      reserved_tail, "external IP", "public-ip-range");
  return problem ? problem->reason : "";
}

TEST(Addresses, OutOfRangeOrReservedAreRefused) {
  EXPECT_EQ(refusal("192.0.3.1", "192.0.2.0/24", true), "AddressOutOfRange");
  EXPECT_EQ(refusal("192.0.2.0", "192.0.2.0/24", true), "AddressReserved");
  EXPECT_EQ(refusal("192.0.2.1", "192.0.2.0/24", true), "");
  EXPECT_EQ(refusal("192.0.2.252", "192.0.2.0/24", true), "");
  for (const auto* tail : {"192.0.2.253", "192.0.2.254"}) {
    EXPECT_EQ(refusal(tail, "192.0.2.0/24", true), "AddressReserved");
    EXPECT_EQ(refusal(tail, "192.0.2.0/24", false), "");
  }
  EXPECT_EQ(refusal("192.0.2.255", "192.0.2.0/24", false), "AddressReserved");
}

TEST(Addresses, OfRangesWiderThanACountAreTaken) {
  EXPECT_EQ(refusal("2001:db8:0:5::7", "2001:db8::/48", true), "");
  EXPECT_EQ(refusal("2001:db8::", "2001:db8::/48", true), "AddressReserved");
  EXPECT_EQ(refusal("2001:db8:0:ffff:ffff:ffff:ffff:fffd", "2001:db8::/48", true), "AddressReserved");
  EXPECT_EQ(refusal("2001:db8:0:ffff:ffff:ffff:ffff:fffd", "2001:db8::/48", false), "");
}

TEST(Addresses, ARefusalNamesTheSettingAndTheWayOut) {
  const auto problem =
      refuse_address(*contrail::IpAddress::parse("10.9.9.9"), {}, true, "external IP", "public-ip-range");
  EXPECT_EQ(problem->message,
            "external IP 10.9.9.9 is outside of public-ip-range (not set); use an address of that range, or add its "
            "range to the configuration");
}

}  // namespace
}  // namespace knm
