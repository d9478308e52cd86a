#include "controller/intent/service_addresses.hpp"

#include <gtest/gtest.h>

#include "tests/support/builders.hpp"

namespace knm::test {
namespace {

using Keys = std::set<ObjectKey>;

contrail::IpAddress ip(const char* text) { return *contrail::IpAddress::parse(text); }

struct ServiceAddressesTest : testing::Test {
  static Settings configured() {
    Settings out;
    out.public_ip_range = {*contrail::Cidr::parse("192.0.2.0/24")};
    return out;
  }
  Keys assign(const k8s::Service& object) {
    facts = ServiceFacts();
    facts.ns = object.meta.ns;
    facts.created = object.meta.creation_timestamp;
    facts.wants_load_balancer = object.type == k8s::ServiceType::load_balancer;
    return addresses->assign(object, tier_key(object.meta.ns, object.meta.name), facts);
  }
  static k8s::Service service(const std::string& name, const std::string& address, std::int64_t created,
                              ServiceOptions options = {}) {
    options.created = created;
    return make_service("ns", name, "", address, options);
  }
  std::vector<std::string> reasons() const {
    std::vector<std::string> out;
    for (const auto& problem : facts.problems) out.push_back(problem.reason);
    return out;
  }
  Settings settings = configured();
  std::optional<ServiceAddresses> addresses{std::in_place, settings};
  ServiceFacts facts;
};

using Texts = std::vector<std::string>;

TEST_F(ServiceAddressesTest, TheOlderServiceGetsTheAddressAndTheOtherIsSettledAgain) {
  EXPECT_EQ(assign(service("young", "10.254.0.1", 20)), Keys{});
  EXPECT_EQ(facts.cluster_addresses, std::vector{ip("10.254.0.1")});
  EXPECT_EQ(addresses->claimant(ip("10.254.0.1")), "ns/young");
  EXPECT_EQ(assign(service("old", "10.254.0.1", 10)), Keys{"ns/young"});
  EXPECT_EQ(addresses->claimant(ip("10.254.0.1")), "ns/old");
  EXPECT_EQ(assign(service("young", "10.254.0.1", 20)), Keys{});
  EXPECT_TRUE(facts.cluster_addresses.empty());
  EXPECT_EQ(reasons(), Texts{"AddressInUse"});
  EXPECT_EQ(addresses->release("ns/old"), Keys{"ns/young"});
  EXPECT_EQ(addresses->claimant(ip("10.254.0.1")), "ns/young");
}

TEST_F(ServiceAddressesTest, AnAddressInTheConfigApiStaysWithItsService) {
  addresses->set_possession(
      [](const Claimant& claimant, const contrail::IpAddress&) { return claimant.service == "ns/young"; });
  assign(service("young", "10.254.0.1", 20));
  EXPECT_EQ(assign(service("old", "10.254.0.1", 10)), Keys{});
  EXPECT_EQ(reasons(), Texts{"AddressInUse"});
}

TEST_F(ServiceAddressesTest, AServiceKeepsAnAddressThatItHasGot) {
  assign(service("old", "10.254.0.1", 10));
  assign(service("young", "10.254.0.1", 20));
  EXPECT_EQ(addresses->possess("ns/young", ip("10.254.0.1")), (Keys{"ns/old", "ns/young"}));
  EXPECT_EQ(addresses->claimant(ip("10.254.0.1")), "ns/young");
}

TEST_F(ServiceAddressesTest, AnAddressThatTheConfigurationRefusesIsNotClaimed) {
  auto object = service("s", "10.99.0.1", 10, {.external_ips = {"192.0.2.300", "198.51.100.1", "192.0.2.7"}});
  assign(object);
  EXPECT_EQ(reasons(), (Texts{"AddressOutOfRange", "InvalidAddress", "AddressOutOfRange"}));
  EXPECT_EQ(facts.external_addresses, std::vector{ip("192.0.2.7")});
  EXPECT_EQ(addresses->claimant(ip("10.99.0.1")), "");
  settings.external_ip_namespaces = {"other"};
  assign(object);
  EXPECT_EQ(reasons().back(), "AddressNotAllowed");
  EXPECT_TRUE(facts.external_addresses.empty());
  EXPECT_EQ(addresses->claimant(ip("192.0.2.7")), "");
}

TEST_F(ServiceAddressesTest, TheLimitOfANamespaceAppliesToAllItsServices) {
  settings.public_address_limit = 1;
  addresses.emplace(settings);
  EXPECT_EQ(assign(service("young", "10.254.0.1", 20, {.external_ips = {"192.0.2.7"}})), Keys{});
  EXPECT_EQ(facts.external_addresses, std::vector{ip("192.0.2.7")});
  EXPECT_EQ(assign(service("old", "10.254.0.2", 10, {.type = k8s::ServiceType::load_balancer})), Keys{"ns/young"});
  EXPECT_TRUE(facts.refused_families.empty());
  assign(service("young", "10.254.0.1", 20, {.external_ips = {"192.0.2.7"}}));
  EXPECT_EQ(reasons(), Texts{"PublicAddressLimit"});
  EXPECT_EQ(addresses->release("ns/old"), Keys{"ns/young"});
}

TEST_F(ServiceAddressesTest, TheStatusOfALoadBalancerIsKnownAndClaimsNoAddress) {
  auto object =
      service("s", "10.254.0.1", 10, {.type = k8s::ServiceType::load_balancer, .load_balancer_ip = "192.0.2.8"});
  object.ingress = {"192.0.2.9", "no address"};
  assign(object);
  EXPECT_EQ(facts.ingress, std::vector{ip("192.0.2.9")});
  EXPECT_EQ(facts.requested_address, ip("192.0.2.8"));
  EXPECT_FALSE(facts.request_refusal);
  EXPECT_EQ(addresses->shown_by(ip("192.0.2.9")), "ns/s");
  EXPECT_EQ(addresses->claimant(ip("192.0.2.9")), "");
  EXPECT_EQ(addresses->claimant(ip("192.0.2.8")), "ns/s");
  addresses->release("ns/s");
  EXPECT_EQ(addresses->shown_by(ip("192.0.2.9")), "");
}

}  // namespace
}  // namespace knm::test
