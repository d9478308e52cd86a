#include "controller/intent/service_rules.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"

namespace knm {
namespace {

k8s::Service with_ports(std::vector<k8s::ServicePort> ports) {
  return test::make_service("ns", "s", "", "10.254.0.1", {.ports = std::move(ports)});
}

TEST(LoadBalancers, AreServedByClassOrByDefault) {
  Settings settings;
  auto service = with_ports({});
  EXPECT_FALSE(is_our_load_balancer(service, settings));
  service.type = k8s::ServiceType::load_balancer;
  EXPECT_TRUE(is_our_load_balancer(service, settings));
  settings.load_balancer_default = false;
  EXPECT_FALSE(is_our_load_balancer(service, settings));
  service.has_load_balancer_class = true;
  EXPECT_FALSE(is_our_load_balancer(service, settings)) << "an empty class on both sides is no class";
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

TEST(Addresses, OutOfRangeOrReservedAddressesAreRefused) {
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

TEST(Addresses, RangesLargerThanTheCounterAreSupported) {
  EXPECT_EQ(refusal("2001:db8:0:5::7", "2001:db8::/48", true), "");
  EXPECT_EQ(refusal("2001:db8::", "2001:db8::/48", true), "AddressReserved");
  EXPECT_EQ(refusal("2001:db8:0:ffff:ffff:ffff:ffff:fffd", "2001:db8::/48", true), "AddressReserved");
  EXPECT_EQ(refusal("2001:db8:0:ffff:ffff:ffff:ffff:fffd", "2001:db8::/48", false), "");
}

TEST(Addresses, ARefusalNamesTheSettingAndTheRemedy) {
  const auto problem =
      refuse_address(*contrail::IpAddress::parse("10.9.9.9"), {}, true, "external IP", "public-ip-range");
  EXPECT_EQ(problem->message,
            "external IP 10.9.9.9 is outside of public-ip-range (not set); use an address of that range, or add "
            "another range to the configuration");
}

}  // namespace
}  // namespace knm
