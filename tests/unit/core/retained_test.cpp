#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The network of a cluster-service tier stays when its last Service goes, and when its Namespace does: a software
// gateway may be bound to it.
namespace knm::test {
namespace {

const std::string infra = "default-domain:infra";
const std::string network = infra + ":service-dns";
const std::string pool = network + ":service-dns";
const std::string policy = infra + ":__svc_dns";

class Retained : public testing::Test {
 protected:
  Retained() {
    setup_.settings.cluster_service = {{"infra", "dns"}};
    setup_.oracle.cluster_services = {{"infra", "dns"}};
    world_.emplace(setup_.settings);
    other_.emplace(world_->api());
    make(1);
    world_->apply(make_namespace("gb"));
    world_->apply(make_pod("gb", "web", "web"));
    world_->start();
  }
  void make(int incarnation) {
    world_->apply(make_namespace("infra", incarnation));
    make_service_of(incarnation);
  }
  void make_service_of(int incarnation) {
    const auto pod = make_pod("infra", "dns-0", "dns", {.incarnation = incarnation});
    world_->apply(pod);
    world_->apply(make_service("infra", "dns", "dns", "10.254.0.10", {.incarnation = incarnation}));
    world_->apply(make_slice("infra", "dns", {pod}));
  }
  std::string network_uuid() { return other_->get("virtual-network", network)["uuid"]; }
  std::string project_uuid() { return other_->get("project", infra)["uuid"]; }
  void settles() {
    ASSERT_TRUE(comes_to_rest(*world_));
    ASSERT_TRUE(is_as_wanted(*world_, setup_));
  }
  void stays_as_it_is() { ASSERT_TRUE(test::stays_as_it_is(*world_)); }

  Configuration setup_ = demo_setup();
  std::optional<World> world_;
  std::optional<OtherClient> other_;
};

TEST_F(Retained, WithoutServicesTheNetworkStaysBare) {
  settles();
  const auto before = network_uuid();
  EXPECT_NE(other_->get("virtual-network", network).dump().find("__svc_dns"), std::string::npos);
  world_->remove_service("infra/dns");
  settles();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_FALSE(other_->has("floating-ip-pool", pool));
  EXPECT_FALSE(other_->has("network-policy", policy));
  EXPECT_FALSE(other_->get("virtual-network", network).contains("network_policy_refs"));
  EXPECT_EQ(world_->reported(Report::Kind::retained), 1U);
  stays_as_it_is();
  EXPECT_EQ(network_uuid(), before);

  make_service_of(2);
  settles();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_TRUE(other_->has("network-policy", policy));
  stays_as_it_is();
}

TEST_F(Retained, WithoutTheNamespaceNetworkAndProjectStay) {
  settles();
  const auto before = network_uuid(), project = project_uuid();
  world_->remove_namespace("infra");
  settles();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_EQ(project_uuid(), project);
  EXPECT_FALSE(other_->has("virtual-network", infra + ":dns"));
  EXPECT_FALSE(other_->has("floating-ip-pool", pool));
  EXPECT_EQ(world_->reported(Report::Kind::retained), 1U);
  stays_as_it_is();
  EXPECT_EQ(network_uuid(), before);
}

TEST_F(Retained, ANewNamespaceOfThatNameTakesThemOver) {
  settles();
  const auto before = network_uuid(), project = project_uuid();
  world_->remove_namespace("infra");
  settles();
  for (const bool with_service : {false, true}) {
    SCOPED_TRACE(with_service);
    if (with_service)
      make_service_of(2);
    else
      world_->apply(make_namespace("infra", 2));
    settles();
    EXPECT_EQ(network_uuid(), before);
    EXPECT_EQ(project_uuid(), project);
    const auto uid = make_namespace("infra", 2).meta.uid;
    EXPECT_NE(other_->get("project", infra).dump().find(uid), std::string::npos);
    EXPECT_NE(other_->get("virtual-network", network).dump().find(uid), std::string::npos);
    stays_as_it_is();
  }
}

// Nobody saw it without a Namespace; the old policy goes though networks of another Namespace want one of its name.
TEST_F(Retained, ANamespaceThatWasReplacedWhileNobodyLookedTakesThemOver) {
  settles();
  const auto before = network_uuid(), project = project_uuid();
  const auto old_policy = other_->get("network-policy", policy)["uuid"];
  for (const bool running : {false, true}) {
    SCOPED_TRACE(running);
    if (!running) world_->crash();
    world_->remove_namespace("infra");
    make(running ? 3 : 2);
    if (!running) world_->start();
    settles();
    EXPECT_EQ(network_uuid(), before);
    EXPECT_EQ(project_uuid(), project);
    EXPECT_NE(other_->get("network-policy", policy)["uuid"], old_policy);
    EXPECT_NE(other_->get("virtual-network", "default-domain:gb:web").dump().find("__svc_dns"), std::string::npos);
    stays_as_it_is();
  }
}

TEST_F(Retained, WithoutTheNetworkTheProjectGoesAsAllOthers) {
  settles();
  world_->remove_namespace("infra");
  settles();
  other_->remove("virtual-network", network);
  ASSERT_TRUE(world_->audit());
  settles();
  EXPECT_FALSE(other_->has("project", infra));
  stays_as_it_is();
}

TEST_F(Retained, WhatIsNoClusterServiceAnyLongerGoes) {
  settles();
  world_->remove_namespace("infra");
  settles();
  setup_.settings.cluster_service.clear();
  setup_.oracle.cluster_services.clear();
  world_->configure(setup_.settings);
  world_->restart();
  settles();
  EXPECT_FALSE(other_->has("project", infra));
}

}  // namespace
}  // namespace knm::test
