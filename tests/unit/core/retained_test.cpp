#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The network of a cluster-service tier stays when its last Service or its Namespace is deleted: a software gateway may
// be bound to it.
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
    create(1);
    world_->apply(make_namespace("gb"));
    world_->apply(make_pod("gb", "web", "web"));
    world_->start();
  }
  void create(int incarnation) {
    world_->apply(make_namespace("infra", incarnation));
    create_service(incarnation);
  }
  void create_service(int incarnation) {
    const auto pod = make_pod("infra", "dns-0", "dns", {.incarnation = incarnation});
    world_->apply(pod);
    world_->apply(make_service("infra", "dns", "dns", "10.254.0.10", {.incarnation = incarnation}));
    world_->apply(make_slice("infra", "dns", {pod}));
  }
  std::string network_uuid() { return other_->get("virtual-network", network)["uuid"]; }
  std::string project_uuid() { return other_->get("project", infra)["uuid"]; }
  void settle() {
    ASSERT_TRUE(converges(*world_));
    ASSERT_TRUE(is_as_desired(*world_, setup_));
  }
  void check_that_nothing_is_written() { ASSERT_TRUE(test::audits_and_restart_write_nothing(*world_)); }

  Configuration setup_ = demo_setup();
  std::optional<World> world_;
  std::optional<OtherClient> other_;
};

TEST_F(Retained, WithoutServicesTheNetworkStaysWithoutPoolAndPolicy) {
  settle();
  const auto before = network_uuid();
  EXPECT_NE(other_->get("virtual-network", network).dump().find("__svc_dns"), std::string::npos);
  world_->remove_service("infra/dns");
  settle();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_FALSE(other_->has("floating-ip-pool", pool));
  EXPECT_FALSE(other_->has("network-policy", policy));
  EXPECT_FALSE(other_->get("virtual-network", network).contains("network_policy_refs"));
  EXPECT_EQ(world_->reported(Report::Kind::retained), 1U);
  check_that_nothing_is_written();
  EXPECT_EQ(network_uuid(), before);

  create_service(2);
  settle();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_TRUE(other_->has("network-policy", policy));
  check_that_nothing_is_written();
}

TEST_F(Retained, WithoutTheNamespaceTheNetworkAndTheProjectStay) {
  settle();
  const auto before = network_uuid(), project = project_uuid();
  world_->remove_namespace("infra");
  settle();
  EXPECT_EQ(network_uuid(), before);
  EXPECT_EQ(project_uuid(), project);
  EXPECT_FALSE(other_->has("virtual-network", infra + ":dns"));
  EXPECT_FALSE(other_->has("floating-ip-pool", pool));
  EXPECT_EQ(world_->reported(Report::Kind::retained), 1U);
  check_that_nothing_is_written();
  EXPECT_EQ(network_uuid(), before);
}

TEST_F(Retained, ARecreatedNamespaceTakesOverTheNetworkAndTheProject) {
  settle();
  const auto before = network_uuid(), project = project_uuid();
  world_->remove_namespace("infra");
  settle();
  for (const bool with_service : {false, true}) {
    SCOPED_TRACE(with_service);
    if (with_service)
      create_service(2);
    else
      world_->apply(make_namespace("infra", 2));
    settle();
    EXPECT_EQ(network_uuid(), before);
    EXPECT_EQ(project_uuid(), project);
    const auto uid = make_namespace("infra", 2).meta.uid;
    EXPECT_NE(other_->get("project", infra).dump().find(uid), std::string::npos);
    EXPECT_NE(other_->get("virtual-network", network).dump().find(uid), std::string::npos);
    check_that_nothing_is_written();
  }
}

// No watch shows the time without the Namespace. The old policy is deleted although networks of another Namespace
// desire one of its name.
TEST_F(Retained, ANamespaceThatIsRecreatedUnseenTakesOverTheNetworkAndTheProject) {
  settle();
  const auto before = network_uuid(), project = project_uuid();
  const auto old_policy = other_->get("network-policy", policy)["uuid"];
  for (const bool running : {false, true}) {
    SCOPED_TRACE(running);
    if (!running) world_->crash();
    world_->remove_namespace("infra");
    create(running ? 3 : 2);
    if (!running) world_->start();
    settle();
    EXPECT_EQ(network_uuid(), before);
    EXPECT_EQ(project_uuid(), project);
    EXPECT_NE(other_->get("network-policy", policy)["uuid"], old_policy);
    EXPECT_NE(other_->get("virtual-network", "default-domain:gb:web").dump().find("__svc_dns"), std::string::npos);
    check_that_nothing_is_written();
  }
}

TEST_F(Retained, WithoutTheNetworkTheProjectIsDeleted) {
  settle();
  world_->remove_namespace("infra");
  settle();
  other_->remove("virtual-network", network);
  ASSERT_TRUE(world_->audit());
  settle();
  EXPECT_FALSE(other_->has("project", infra));
  check_that_nothing_is_written();
}

TEST_F(Retained, ANetworkThatIsNoLongerAClusterServiceIsDeleted) {
  settle();
  world_->remove_namespace("infra");
  settle();
  setup_.settings.cluster_service.clear();
  setup_.oracle.cluster_services.clear();
  world_->configure(setup_.settings);
  world_->restart();
  settle();
  EXPECT_FALSE(other_->has("project", infra));
}

}  // namespace
}  // namespace knm::test
