#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Objects follow the changes of Pods and Services; the tests compare each write.
namespace knm::test {
namespace {

class Lifecycle : public testing::Test {
 protected:
  Lifecycle() {
    Guestbook::apply_all(world_);
    world_.start();
    settle();
  }

  // Converges to the state that the oracle expects.
  void settle() {
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
  }
  // The writes of a change as "200 POST /virtual-networks", in order.
  std::vector<std::string> writes_of(const std::function<void()>& change) {
    world_.clear_log();
    change();
    settle();
    std::vector<std::string> out;
    for (const auto& exchange : world_.log()) {
      const auto& target = exchange.request.target;
      const auto verb = exchange.request.method == "POST" ? target : target.substr(0, target.find('/', 1));
      if (exchange.is_write())
        out.push_back(std::to_string(exchange.status) + " " + exchange.request.method + " " + verb);
    }
    return out;
  }
  k8s::Pod pod(const std::string& key) const { return world_.pods().at(key); }
  k8s::Service service(const std::string& key) const { return world_.cluster().services.at(key); }
  static k8s::Pod with_label(k8s::Pod pod, const std::string& value) {
    for (auto& [key, text] : pod.meta.labels)
      if (key == "name") text = value;
    return pod;
  }
  std::string address_of(const std::string& use) const {
    return other_.get("instance-ip", use)["instance_ip_address"].get<std::string>();
  }

  using Writes = std::vector<std::string>;
  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

// The watch may report a deletion between an answer and the next request, before the settle: nothing may be created for
// the deleted Pod.
TEST_F(Lifecycle, APodDeletedBetweenTwoRequestsLeavesNoObjects) {
  const auto interfaces = other_.names("virtual-machine-interface");
  for (std::size_t requests = 0;; ++requests) {
    auto late = make_pod("gb", "late", "guestbook");
    late.meta.uid = uid("pod", "gb/late", static_cast<int>(requests) + 1);
    world_.clear_log();
    world_.apply(late);
    bool more = true;
    for (std::size_t i = 0; i < requests && more; ++i) more = world_.step();
    const bool all = !more;
    world_.settle_at_once(false);
    world_.remove_pod("gb/late");
    world_.step();
    world_.settle_at_once(true);
    settle();
    EXPECT_EQ(other_.names("virtual-machine-interface"), interfaces) << "after " << requests << " requests";
    if (all) break;
  }
}

// The watch of Namespaces may be behind those of Pods and Services: what was made for the new ones lies in the project
// of the former Namespace, and must not keep that project for ever.
TEST_F(Lifecycle, ANewPodAndServiceSeenBeforeTheirNewNamespaceMoveToItsProject) {
  world_.unseen([](Cluster& cluster) {
    cluster.namespaces.at("gb").meta.uid = uid("namespace", "gb", 2);
    for (auto& [key, pod] : cluster.pods)
      if (pod.meta.ns == "gb") pod.meta.uid = uid("pod", key, 2);
    for (auto& [key, service] : cluster.services)
      if (service.meta.ns == "gb") service.meta.uid = uid("service", key, 2);
    for (auto& [key, slice] : cluster.slices)
      for (auto& endpoint : slice.endpoints)
        if (slice.meta.ns == "gb") endpoint.target_uid = uid("pod", endpoint.target_ns + "/" + endpoint.target_name, 2);
  });
  for (const auto kind : {Watched::pods, Watched::services, Watched::slices}) {
    world_.relist(kind);
    ASSERT_TRUE(world_.converge());
  }
  world_.relist(Watched::namespaces);
  settle();
}

// Dependents wait for the read that verifies a create. They must not wait for ever if an audit makes this read
// unnecessary.
TEST_F(Lifecycle, AnAuditFindsAnObjectWhoseCreateAnswerWasLost) {
  int pods = 0;
  for (const auto* lost : {"/virtual-machines", "/instance-ips", "/virtual-machine-interfaces"}) {
    bool once = false;
    world_.set_fault([&](const auto& request, const auto& carry_out) -> std::optional<ConfigAnswer> {
      if (once || request.method != "POST" || request.target != lost) return std::nullopt;
      once = true;
      carry_out();
      return ConfigAnswer{Sent::unknown, 0, {}, "the answer was lost"};
    });
    world_.apply(make_pod("gb", "late-" + std::to_string(++pods), "guestbook"));
    while (world_.step()) continue;
    EXPECT_TRUE(once);
    EXPECT_TRUE(world_.audit());
    settle();
  }
}

TEST_F(Lifecycle, AnUnreadyPodIsRemovedFromTheAddressesUntilItIsReady) {
  const Writes one_per_address{"200 POST /ref-update", "200 POST /ref-update"};
  EXPECT_EQ(writes_of([&] { world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1"})); }),
            one_per_address);
  EXPECT_EQ(writes_of([&] { world_.apply(Guestbook::front(Guestbook::guestbook())); }), one_per_address);
}

TEST_F(Lifecycle, ChangesInOneBatchWindowAreOneWrite) {
  const Writes one_per_address{"200 PUT /floating-ip", "200 PUT /floating-ip"};
  EXPECT_EQ(writes_of([&] {
              world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1"}));
              world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1", "guestbook-2"}));
            }),
            one_per_address);
}

TEST_F(Lifecycle, AChangeRevertedInItsBatchWindowCausesNoWrite) {
  EXPECT_EQ(writes_of([&] {
              world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1"}));
              world_.step();
              world_.apply(Guestbook::front(Guestbook::guestbook()));
            }),
            Writes{});
  world_.pass(std::chrono::seconds(1));
  world_.clear_log();
  world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-1"}));
  EXPECT_FALSE(world_.step()) << "the change was not batched";
  settle();
  EXPECT_EQ(world_.writes(), 2U);
}

TEST_F(Lifecycle, ATerminatingPodIsRemovedFromTheAddressesAndKeepsItsNetwork) {
  auto going = pod("gb/guestbook-0");
  going.meta.terminating = true;
  EXPECT_EQ(writes_of([&] { world_.apply(going); }), (Writes{"200 POST /ref-update", "200 POST /ref-update"}));
  EXPECT_EQ(world_.patches(), 0U);
}

TEST_F(Lifecycle, ANewPodOfATierCausesFourCreatesAndNoOtherWrite) {
  auto writes = writes_of([&] { world_.apply(make_pod("gb", "guestbook-9", "guestbook", {.uses = "redis-master"})); });
  std::sort(writes.begin(), writes.end());
  EXPECT_EQ(writes, (Writes{"200 POST /instance-ips", "200 POST /instance-ips", "200 POST /virtual-machine-interfaces",
                            "200 POST /virtual-machines"}));
  EXPECT_EQ(world_.patches(), 1U);
}

TEST_F(Lifecycle, ARelabelledPodMovesAndKeepsItsInterface) {
  const auto before = other_.get("virtual-machine-interface", "default-domain:gb:redis-slave-0");
  const auto annotation = pod("gb/redis-slave-0").meta.annotations;
  EXPECT_EQ(writes_of([&] { world_.apply(with_label(pod("gb/redis-slave-0"), "guestbook")); }),
            (Writes{"200 DELETE /instance-ip", "200 PUT /virtual-machine-interface", "200 POST /instance-ips"}));
  const auto after = other_.get("virtual-machine-interface", "default-domain:gb:redis-slave-0");
  EXPECT_EQ(after["uuid"], before["uuid"]);
  EXPECT_EQ(after["virtual_machine_interface_mac_addresses"], before["virtual_machine_interface_mac_addresses"]);
  EXPECT_EQ(pod("gb/redis-slave-0").meta.annotations, annotation);
  EXPECT_EQ(world_.patches(), 0U);
}

TEST_F(Lifecycle, ACompletedPodReleasesItsNetwork) {
  auto done = pod("gb/guestbook-0");
  done.phase = k8s::PodPhase::succeeded;
  const auto writes = writes_of([&] { world_.apply(done); });
  EXPECT_EQ(writes.size(), 6U) << testing::PrintToString(writes);  // two memberships, four objects
  EXPECT_EQ(world_.patches(), 1U);
  EXPECT_EQ(k8s::find_value(pod("gb/guestbook-0").meta.annotations, "opencontrail.org/pod-state"), nullptr);
}

TEST_F(Lifecycle, ARecreatedPodGetsAnotherAddress) {
  const auto address = address_of("gb_guestbook-0");
  world_.remove_pod("gb/guestbook-0");
  world_.apply(make_pod("gb", "guestbook-0", "guestbook", {.uses = "redis-master,redis-slave", .incarnation = 2}));
  settle();
  EXPECT_NE(address_of("gb_guestbook-0"), address) << "the former Pod may still run";
}

// A reference names its member, so the successor looks the same; but the former interface must be deleted.
TEST_F(Lifecycle, ARecreatedPodThatServesAtOnceIsANewMember) {
  auto eager = service("gb/guestbook");
  eager.publish_not_ready_addresses = true;
  world_.apply(eager);
  settle();
  auto pods = Guestbook::guestbook();
  pods[0] = make_pod("gb", "guestbook-0", "guestbook", {.uses = "redis-master,redis-slave", .incarnation = 2});
  world_.remove_pod("gb/guestbook-0");
  world_.apply(pods[0]);
  world_.apply(Guestbook::front(pods, {"guestbook-0"}));
  settle();
}

TEST_F(Lifecycle, TheNetworkIsDeletedWithTheLastPodOfItsTier) {
  const auto writes = writes_of([&] { world_.remove_pod("gb/redis-master-0"); });
  EXPECT_FALSE(other_.has("virtual-network", "default-domain:gb:redis-master"));
  for (const auto& write : writes) EXPECT_TRUE(write.starts_with("200")) << write;
}

TEST_F(Lifecycle, NetworkPoolAndPolicyAreDeletedWithTheLastServiceOfTheirTier) {
  const auto writes = writes_of([&] { world_.remove_service("gb/redis-master"); });
  EXPECT_FALSE(other_.has("network-policy", "default-domain:gb:__svc_redis-master"));
  for (const auto& write : writes) EXPECT_TRUE(write.starts_with("200")) << write;
}

TEST_F(Lifecycle, ANewClusterIpReplacesTheFloatingIp) {
  auto moved = service("gb/guestbook");
  moved.cluster_ips = {"10.254.1.77"};
  EXPECT_EQ(writes_of([&] { world_.apply(moved); }), (Writes{"200 DELETE /floating-ip", "200 POST /floating-ips"}));
}

TEST_F(Lifecycle, AServiceThatChangesItsTierKeepsItsAddress) {
  auto moved = service("gb/guestbook");
  moved.meta.labels = {{"name", "frontend"}};
  const auto writes = writes_of([&] { world_.apply(moved); });
  for (const auto& write : writes) EXPECT_TRUE(write.starts_with("200")) << write;
  EXPECT_TRUE(other_.has("floating-ip", "default-domain:gb:service-frontend:service-frontend:guestbook"));
  EXPECT_TRUE(other_.has("floating-ip", "default-domain:default-project:Public:Public:gb_guestbook"));
}

TEST_F(Lifecycle, TheOlderOfTwoServicesGetsTheAddress) {
  auto younger =
      make_service("gb", "younger", "guestbook", "10.254.1.9", {.external_ips = {"192.0.2.10"}, .created = 2000});
  EXPECT_EQ(writes_of([&] { world_.apply(younger); }).size(), 1U);  // the ClusterIP
  world_.remove_service("gb/guestbook");
  settle();
  EXPECT_TRUE(other_.has("floating-ip", "default-domain:default-project:Public:Public:gb_younger"));
}

TEST_F(Lifecycle, AnAddressKeepsItsNameAndAFreeShortNameIsReused) {
  auto changed = service("gb/guestbook");
  changed.external_ips = {"192.0.2.20", "192.0.2.10"};
  EXPECT_EQ(writes_of([&] { world_.apply(changed); }), Writes{"200 POST /floating-ips"});
  changed.external_ips = {"192.0.2.20"};
  EXPECT_EQ(writes_of([&] { world_.apply(changed); }), Writes{"200 DELETE /floating-ip"});
  changed.external_ips = {"192.0.2.20", "192.0.2.30"};
  EXPECT_EQ(writes_of([&] { world_.apply(changed); }), Writes{"200 POST /floating-ips"});
  EXPECT_EQ(
      other_.get("floating-ip", "default-domain:default-project:Public:Public:gb_guestbook")["floating_ip_address"],
      "192.0.2.30");
}

// Kubernetes resolves a named port in each Pod. A floating IP with a Pod that has none of the names would be open on
// all ports.
TEST_F(Lifecycle, APodWithoutTheNamedPortDoesNotServe) {
  auto named = service("gb/redis-slave");
  named.ports = {{"redis", "TCP", 6379, 0, "redis", 0}};
  world_.apply(named);
  settle();
  const auto address =
      other_.get("floating-ip", "default-domain:gb:service-redis-slave:service-redis-slave:redis-slave");
  EXPECT_FALSE(address.contains("virtual_machine_interface_refs"));
}

TEST_F(Lifecycle, ARecreatedNamespaceGetsNewObjects) {
  world_.remove_namespace("gb");
  world_.apply(make_namespace("gb", 2));
  world_.apply(make_pod("gb", "guestbook-0", "guestbook", {.incarnation = 2}));
  settle();
}

TEST(Addresses, AFreedAddressCoolsDownBeforeItIsAssignedAgain) {
  auto setup = demo_setup();
  setup.oracle.private_ranges = {"10.0.0.0/29"};  // four of its eight addresses are for Pods
  setup.settings.private_ip_range = {*contrail::Cidr::parse("10.0.0.0/29")};
  World world(setup.settings);
  world.apply(make_namespace("gb"));
  for (int i = 0; i < 5; ++i) world.apply(make_pod("gb", "p" + std::to_string(i), "web"));
  world.start();
  ASSERT_TRUE(converges(world));
  EXPECT_EQ(world.patches(), 4U);
  std::string without;
  for (const auto& [key, pod] : world.pods())
    if (pod.meta.annotations.empty()) without = key;
  world.remove_pod(without == "gb/p0" ? "gb/p1" : "gb/p0");
  const auto freed = world.now();
  ASSERT_TRUE(converges(world));
  EXPECT_GE(world.now() - freed, setup.settings.address_cool_down);
  EXPECT_TRUE(is_as_desired(world, setup));
}

}  // namespace
}  // namespace knm::test
