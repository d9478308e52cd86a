#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Foreign and unowned objects that conflict with desired ones: they stay, the controller does not retry in a hot loop,
// and the affected Kubernetes object gets an Event.
namespace knm::test {
namespace {

using nlohmann::json;

class ForeignObjects : public testing::Test {
 protected:
  static constexpr auto gb = "default-domain:gb:";

  void start() {
    world_.configure(setup_.settings);
    Guestbook::apply_all(world_);
    world_.start();
    converge();
  }
  void converge() { ASSERT_TRUE(converges(world_)); }
  // Runs all requests that become due while `time` passes.
  void work(Time time = std::chrono::seconds(30)) {
    for (int i = 0; i < 30; ++i) {
      while (world_.step()) {
      }
      world_.pass(time / 30);
    }
  }
  std::string create(const std::string& type, const std::string& fq_name, json fields) {
    fields["fq_name"] = split_name(fq_name);
    return other_.create(type, fields);
  }
  void create_address(const std::string& name, const std::string& network, const std::string& address,
                      json fields = json::object()) {
    fields["instance_ip_address"] = address;
    fields["virtual_network_refs"] = {{{"to", split_name(network)}}};
    create("instance-ip", name, fields);
  }
  void audit() {
    ASSERT_TRUE(world_.audit());
    work();
  }
  std::string message_of(SubjectKind kind, const std::string& key, const std::string& reason) {
    const auto& pages = world_.engine().problems().pages();
    if (const auto page = pages.find({kind, key}); page != pages.end())
      for (const auto& problem : page->second.all())
        if (problem.reason == reason) return problem.message;
    return "";
  }
  bool has_problem(SubjectKind kind, const std::string& key, const std::string& reason, const std::string& words) {
    return message_of(kind, key, reason).find(words) != std::string::npos;
  }
  std::optional<std::string> state_of(const std::string& pod) const {
    const auto* state = k8s::find_value(world_.pods().at(pod).meta.annotations, "opencontrail.org/pod-state");
    return state ? std::optional(*state) : std::nullopt;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

// All projects share the names of instance-ips.
TEST_F(ForeignObjects, AForeignInstanceIpWithAPodsNameStays) {
  start();
  create_address("gb_late", std::string(gb) + "guestbook", "10.0.99.9");
  world_.apply(make_pod("gb", "late", "guestbook"));
  world_.clear_log();
  work();
  EXPECT_EQ(other_.get("instance-ip", "gb_late")["instance_ip_address"], "10.0.99.9");
  EXPECT_LT(world_.log().size(), 12U);
  EXPECT_TRUE(has_problem(SubjectKind::pod, "gb/late", "ObjectNotOwned", "instance-ip gb_late"));
  EXPECT_FALSE(state_of("gb/late"));

  other_.remove("instance-ip", "gb_late");
  audit();
  EXPECT_EQ(message_of(SubjectKind::pod, "gb/late", "ObjectNotOwned"), "");
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The instance-ip lies on the Pod's interface, so it is the predecessor's: it is adopted before it is recreated.
TEST_F(ForeignObjects, AnUnownedInstanceIpOnThePodsInterfaceIsAdopted) {
  start();
  world_.crash();
  auto use = other_.get("instance-ip", "gb_guestbook-0");
  other_.remove("instance-ip", "gb_guestbook-0");
  create_address("gb_guestbook-0", std::string(gb) + "guestbook", "10.0.99.9",
                 {{"instance_ip_mode", "active-active"},
                  {"virtual_machine_interface_refs", {{{"to", split_name(std::string(gb) + "guestbook-0")}}}}});
  world_.clear_log();
  world_.start();
  converge();
  std::vector<std::string> order;
  for (const auto& exchange : world_.log())
    if (exchange.is_write()) order.push_back(exchange.request.target.substr(0, exchange.request.target.find('/', 1)));
  EXPECT_EQ(order, (std::vector<std::string>{"/prop-collection-update", "/instance-ip", "/instance-ips"}))
      << testing::PrintToString(world_.write_list());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The cluster gets a name: the former projects have the uuids that the new ones need.
TEST_F(ForeignObjects, AUuidUnderAnotherNameIsAConflict) {
  start();
  world_.crash();
  setup_.settings.cluster_name = "east";
  world_.configure(setup_.settings);
  world_.start();
  world_.clear_log();
  work(std::chrono::minutes(10));
  EXPECT_LT(world_.log().size(), 100U);
  EXPECT_TRUE(has_problem(SubjectKind::ns, "gb", "ProjectNotOwned", "project default-domain:gb,"));
  EXPECT_TRUE(other_.has("project", "default-domain:gb"));

  for (const auto& name : {"default-domain:gb", "default-domain:kube-system"})
    other_.remove_with_dependents("project", name);
  for (const auto* type : {"instance-ip", "virtual-machine"})
    for (const auto& name : other_.names(type)) other_.remove_with_dependents(type, name);
  audit();
  EXPECT_EQ(message_of(SubjectKind::ns, "gb", "ProjectNotOwned"), "");
  EXPECT_TRUE(other_.has("project", "default-domain:east_gb"));
  EXPECT_TRUE(state_of("gb/guestbook-0"));
}

TEST_F(ForeignObjects, AnExternalAddressInUseIsReported) {
  start();
  create("floating-ip", "default-domain:default-project:Public:Public:theirs",
         {{"floating_ip_address", "192.0.2.77"}, {"parent_type", "floating-ip-pool"}});
  world_.apply(make_service("gb", "late", "web", "10.254.0.77", {.external_ips = {"192.0.2.77"}}));
  work();
  EXPECT_TRUE(has_problem(SubjectKind::service, "gb/late", "AddressInUse", "192.0.2.77 belongs to"));
  audit();
  work(std::chrono::minutes(5));
  EXPECT_TRUE(has_problem(SubjectKind::service, "gb/late", "AddressInUse",
                          "192.0.2.77 belongs to the floating-ip default-domain:default-project:Public:Public:theirs"));
  other_.remove("floating-ip", "default-domain:default-project:Public:Public:theirs");
  work();
  EXPECT_EQ(message_of(SubjectKind::service, "gb/late", "AddressInUse"), "");
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(ForeignObjects, ARefusalIsReportedWithTheServersMessageUntilItEnds) {
  start();
  bool refuses = true;
  world_.set_fault([&](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (!refuses || request.method != "POST" || request.target != "/virtual-machines") return std::nullopt;
    return ConfigAnswer{Sent::answered, 412, "quota limit (6) exceeded", ""};
  });
  world_.apply(make_pod("gb", "late", "guestbook"));
  world_.clear_log();
  work();
  EXPECT_TRUE(has_problem(SubjectKind::pod, "gb/late", "RefusedByConfigAPI", "quota limit (6) exceeded"));
  EXPECT_LT(world_.log().size(), 20U);
  refuses = false;
  work(std::chrono::minutes(5));
  EXPECT_EQ(message_of(SubjectKind::pod, "gb/late", "RefusedByConfigAPI"), "");
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// A conflict of a shared object affects no single Pod, so the problem belongs to the cluster.
TEST_F(ForeignObjects, AConflictOfASharedObjectIsReportedOnceForTheCluster) {
  create("virtual-network", "default-domain:default-project:addr-alloc",
         {{"parent_type", "project"},
          {"annotations", {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", "west/1"}}}}}}});
  world_.configure(setup_.settings);
  Guestbook::apply_all(world_);
  world_.start();
  work();
  EXPECT_TRUE(has_problem(SubjectKind::ns, "kube-system", "ObjectNotOwned", "addr-alloc"));
  EXPECT_EQ(world_.engine().problems().pages().size(), 1U);
}

// A floating IP of a pool that the inventory does not list blocks the interface of a recreated Pod.
TEST_F(ForeignObjects, TheObjectThatBlocksADeletionIsReported) {
  start();
  create("project", "default-domain:ops", {{"parent_type", "domain"}});
  create("virtual-network", "default-domain:ops:dmz",
         {{"parent_type", "project"},
          {"network_ipam_refs",
           {{{"to", {"default-domain", "default-project", "default-network-ipam"}},
             {"attr", {{"ipam_subnets", {{{"subnet", {{"ip_prefix", "203.0.113.0"}, {"ip_prefix_len", 24}}}}}}}}}}}});
  create("floating-ip-pool", "default-domain:ops:dmz:pool", {{"parent_type", "virtual-network"}});
  create("floating-ip", "default-domain:ops:dmz:pool:vip",
         {{"parent_type", "floating-ip-pool"},
          {"floating_ip_address", "203.0.113.9"},
          {"project_refs", {{{"to", {"default-domain", "ops"}}}}},
          {"virtual_machine_interface_refs", {{{"to", split_name(std::string(gb) + "guestbook-0")}}}}});
  world_.remove_pod("gb/guestbook-0");
  world_.apply(make_pod("gb", "guestbook-0", "guestbook", {.incarnation = 2}));
  world_.clear_log();
  work();
  EXPECT_TRUE(has_problem(SubjectKind::pod, "gb/guestbook-0", "ObjectOccupied", "default-domain:ops:dmz:pool:vip"));
  EXPECT_LT(world_.log().size(), 30U);

  other_.remove("floating-ip", "default-domain:ops:dmz:pool:vip");
  audit();
  EXPECT_EQ(message_of(SubjectKind::pod, "gb/guestbook-0", "ObjectOccupied"), "");
  EXPECT_TRUE(state_of("gb/guestbook-0"));
}

TEST_F(ForeignObjects, AForeignInstanceIpThatBlocksAMoveIsReported) {
  start();
  create_address("vip", std::string(gb) + "guestbook", "10.0.99.9",
                 {{"virtual_machine_interface_refs", {{{"to", split_name(std::string(gb) + "guestbook-0")}}}}});
  audit();
  auto pod = world_.pods().at("gb/guestbook-0");
  pod.meta.labels = {{"name", "api"}};
  world_.apply(pod);
  work();
  audit();
  EXPECT_TRUE(has_problem(SubjectKind::pod, "gb/guestbook-0", "ObjectOccupied", "instance-ip vip"));
  other_.remove("instance-ip", "vip");
  audit();
  EXPECT_EQ(message_of(SubjectKind::pod, "gb/guestbook-0", "ObjectOccupied"), "");
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The floating IP has the uuid that the Service needs under its new name, and is unowned now.
TEST_F(ForeignObjects, AFloatingIpThatLostItsOwnerIsAConflictForItsSuccessor) {
  start();
  const std::string before = std::string(gb) + "service-guestbook:service-guestbook:guestbook";
  for (const auto* key : {"owner", "kind", "uid", "object"})
    other_.remove_annotation("floating-ip", before, std::string("opencontrail.org/") + key);
  world_.crash();
  auto service = world_.cluster().services.at("gb/guestbook");
  service.meta.labels = {{"name", "frontend"}};
  world_.apply(service);
  world_.start();
  work();
  EXPECT_TRUE(has_problem(SubjectKind::service, "gb/guestbook", "ObjectNotOwned", "floating-ip " + before));
  other_.remove("floating-ip", before);
  audit();
  EXPECT_EQ(message_of(SubjectKind::service, "gb/guestbook", "ObjectNotOwned"), "");
  EXPECT_TRUE(other_.has("floating-ip", std::string(gb) + "service-frontend:service-frontend:guestbook"));
}

// Otherwise its floating IPs would continue to forward traffic and block the interfaces of their Pods.
TEST_F(ForeignObjects, OwnedObjectsOfAFormerPublicNetworkAreDeleted) {
  start();
  ASSERT_TRUE(other_.has("floating-ip", "default-domain:default-project:Public:Public:gb_guestbook"));
  create("floating-ip", "default-domain:default-project:Public:Public:theirs",
         {{"floating_ip_address", "192.0.2.77"}, {"parent_type", "floating-ip-pool"}});
  world_.crash();
  setup_.settings.public_network = "default-domain:default-project:Internet";
  setup_.oracle.public_network = setup_.settings.public_network;
  world_.configure(setup_.settings);
  world_.start();
  converge();
  std::vector<std::string> in_former;
  for (const auto& name : other_.names("floating-ip"))
    if (name.starts_with("default-domain:default-project:Public:")) in_former.push_back(name);
  EXPECT_EQ(in_former, std::vector<std::string>{"default-domain:default-project:Public:Public:theirs"});
  EXPECT_TRUE(other_.has("floating-ip", "default-domain:default-project:Internet:Internet:gb_guestbook"));
}

// Another client deletes the reservation of a running Pod while the controller is down.
TEST_F(ForeignObjects, ARunningPodKeepsItsAddressIfItsReservationIsLost) {
  start();
  world_.remove_pod("gb/guestbook-0");
  converge();
  // The first address cools down, so the Pod gets another one than a new controller would choose.
  world_.apply(make_pod("gb", "guestbook-0", "guestbook"));
  converge();
  const auto address = other_.get("instance-ip", "gb_guestbook-0")["instance_ip_address"];
  const auto state = state_of("gb/guestbook-0");
  world_.crash();
  other_.remove("instance-ip", world_.pods().at("gb/guestbook-0").meta.uid);
  world_.clear_log();
  world_.start();
  converge();
  EXPECT_EQ(other_.get("instance-ip", "gb_guestbook-0")["instance_ip_address"], address);
  EXPECT_EQ(state_of("gb/guestbook-0"), state);
  EXPECT_EQ(world_.writes(), 1U) << testing::PrintToString(world_.write_list());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// A second range that is too small must not cost a Pod its network.
TEST_F(ForeignObjects, PodsWithoutASecondAddressKeepTheirNetworks) {
  start();
  const auto before = state_of("gb/guestbook-0");
  setup_.settings.private_ip_range.push_back(*contrail::Cidr::parse("fd00:10::/125"));  // four addresses for six Pods
  world_.crash();
  world_.configure(setup_.settings);
  world_.start();
  converge();
  std::size_t with_two = 0, reported = 0;
  for (const auto& pod : Guestbook::all_pods()) {
    const auto key = "gb/" + pod.meta.name;
    const auto state = state_of(key);
    ASSERT_TRUE(state) << key;
    with_two += state->find("ipAddresses") != std::string::npos;
    reported += has_problem(SubjectKind::pod, key, "NoFreeAddress", "fd00:10::/125");
  }
  EXPECT_EQ(with_two, 4U);
  EXPECT_EQ(reported, 2U);
  for (const auto& exchange : world_.log()) EXPECT_NE(exchange.request.method, "DELETE");
}

}  // namespace
}  // namespace knm::test
