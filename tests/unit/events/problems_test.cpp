#include <gtest/gtest.h>

#include "tests/property/checks.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// A request that cannot be met is a problem of its Kubernetes object as long as this lasts.
namespace knm::test {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

class Problems : public testing::Test {
 protected:
  explicit Problems(Configuration setup = demo_setup()) : setup_(std::move(setup)) {
    world_.apply(make_namespace("shop"));
  }

  void settle() { ASSERT_TRUE(converges(world_)); }
  void start() {
    world_.start();
    settle();
  }
  // The current reasons of an object.
  Strings reasons(SubjectKind kind, const std::string& key) {
    Strings out;
    EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
    const auto& pages = world_.engine().problems().pages();
    if (const auto page = pages.find({kind, key}); page != pages.end())
      for (const auto& problem : page->second.all()) out.push_back(problem.reason);
    return out;
  }
  Strings of_service(const k8s::Service& service) {
    world_.apply(service);
    settle();
    return reasons(SubjectKind::service, service.meta.ns + "/" + service.meta.name);
  }
  k8s::Service service(std::vector<std::string> external = {}) {
    return make_service("shop", "web", "web", "10.254.0.9", {.external_ips = std::move(external)});
  }

  void create(const std::string& type, const std::string& fq_name, const std::string& owner,
              json fields = json::object()) {
    fields["fq_name"] = split_name(fq_name);
    fields["parent_type"] = type == "project" ? "domain" : "project";
    if (!owner.empty())
      fields["annotations"] = {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", owner}}}}};
    other_.create(type, fields);
  }
  // The names of all objects whose owner annotations name the Namespace `shop` or an object in it.
  Strings made_of_shop() {
    Strings out;
    const Strings types{"virtual-network", "network-policy",   "virtual-machine", "virtual-machine-interface",
                        "instance-ip",     "floating-ip-pool", "floating-ip"};
    for (const auto& type : types)
      for (const auto& name : other_.names(type))
        for (const auto& pair :
             other_.get(type, name).value("annotations", json::object()).value("key_value_pair", json::array()))
          if (pair["key"] == "opencontrail.org/object" &&
              (pair["value"] == "shop" || pair["value"].get<std::string>().starts_with("shop/")))
            out.push_back(type + " " + name);
    return out;
  }

  Configuration setup_;
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

// --- Fields of a Service without an equivalent in the config API

TEST_F(Problems, APlainServiceHasNone) {
  start();
  auto plain = service({"192.0.2.10"});
  plain.external_traffic_policy = plain.internal_traffic_policy = "Cluster";
  plain.session_affinity = "None";
  EXPECT_EQ(of_service(plain), Strings{});
}

TEST_F(Problems, FieldsWithoutAnEquivalentInTheConfigApiAreReported) {
  start();
  auto asks = service();
  asks.session_affinity = "ClientIP";
  EXPECT_EQ(of_service(asks), Strings{"SessionAffinityIgnored"});
  asks = service();
  asks.internal_traffic_policy = "Local";
  EXPECT_EQ(of_service(asks), Strings{"InternalTrafficPolicyIgnored"});
  asks = service({"192.0.2.10"});
  asks.external_traffic_policy = "Local";
  EXPECT_EQ(of_service(asks), Strings{"ExternalTrafficPolicyIgnored"});
  asks = service();
  asks.type = k8s::ServiceType::node_port;
  EXPECT_EQ(of_service(asks), Strings{"NodePortNotOpened"});
  EXPECT_EQ(of_service(service()), Strings{});
}

TEST_F(Problems, LoadBalancersOfAnotherClassHaveNone) {
  start();
  auto balancer = service();
  balancer.type = k8s::ServiceType::load_balancer;
  balancer.load_balancer_source_ranges = {"10.0.0.0/8"};
  balancer.external_traffic_policy = "Local";
  EXPECT_EQ(of_service(balancer), (Strings{"SourceRangesNotEnforced", "ExternalTrafficPolicyIgnored"}));
  balancer.has_load_balancer_class = true;
  balancer.load_balancer_class = "example.org/another";
  EXPECT_EQ(of_service(balancer), Strings{});
}

TEST_F(Problems, AHeadlessServiceHasNone) {
  start();
  auto headless = make_service("shop", "web", "web", "", {.headless = true});
  headless.internal_traffic_policy = "Local";
  headless.session_affinity = "ClientIP";
  EXPECT_EQ(of_service(headless), Strings{});
}

// --- Namespaces that cannot be served

TEST_F(Problems, ANamespaceWithTheNameOfTheDefaultProjectIsReserved) {
  world_.apply(make_namespace("default-project"));
  start();
  EXPECT_EQ(reasons(SubjectKind::ns, "default-project"), Strings{"NamespaceReserved"});
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{});
  world_.remove_namespace("default-project");
  settle();
  EXPECT_EQ(reasons(SubjectKind::ns, "default-project"), Strings{});
}

class ForeignProject : public Problems, public testing::WithParamInterface<bool> {
 protected:
  void make_cluster() {
    const auto web = make_pod("shop", "web-1", "web");
    world_.apply(make_service("kube-system", "kube-dns", "", "10.254.0.10"));
    world_.apply(web);
    world_.apply(service({"192.0.2.10"}));
    world_.apply(make_slice("shop", "web", {web}));
    world_.apply(make_namespace("other"));
    world_.apply(make_pod("other", "p", "tier"));
  }
  // With the owner annotations of another cluster, or without any and with another uuid.
  void create_foreign_project() { create("project", "default-domain:shop", GetParam() ? "west/1" : ""); }
  bool dns_has_rule_for_shop() {
    return other_.get("network-policy", "default-domain:kube-system:__svc_default").dump().find("shop:web") !=
           std::string::npos;
  }
  void expect_nothing_of_shop() {
    EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{"ProjectNotOwned"});
    EXPECT_EQ(made_of_shop(), Strings{});
    EXPECT_FALSE(dns_has_rule_for_shop());
    EXPECT_TRUE(other_.has("instance-ip", "other_p")) << "other Namespaces are served";
    EXPECT_TRUE(nothing_left_to_do_but_conflicts());
  }
  bool nothing_left_to_do_but_conflicts() {
    world_.clear_log();
    EXPECT_TRUE(world_.audit());
    EXPECT_TRUE(converges(world_));
    return world_.writes() == 0;
  }
};

TEST_P(ForeignProject, NothingIsCreatedForItsNamespaceUntilItIsDeleted) {
  make_cluster();
  create_foreign_project();
  start();
  expect_nothing_of_shop();
  EXPECT_TRUE(incremental_equals_full(world_.engine().intent(), world_.cluster(), setup_.settings));
  for (const auto& exchange : world_.log())
    EXPECT_FALSE(exchange.is_write() && exchange.request.body.find("shop") != std::string::npos)
        << exchange.request.body;

  world_.restart();
  settle();
  expect_nothing_of_shop();

  other_.remove("project", "default-domain:shop");
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{});
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(dns_has_rule_for_shop());
}

// The controller finds the project by the 409 of its own create, with other requests in flight.
TEST_P(ForeignProject, AnUnknownOneIsFoundBeforeAnyDependentIsCreated) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    World world(setup_.settings);
    OtherClient other(world.api());
    world.apply(make_namespace("shop"));
    world.apply(make_pod("shop", "web-1", "web"));
    world.apply(make_service("shop", "web", "web", "10.254.0.9", {.external_ips = {"192.0.2.10"}}));
    world.disorder(seed);
    world.start(seed);
    json fields{{"fq_name", {"default-domain", "shop"}}, {"parent_type", "domain"}};
    if (GetParam())
      fields["annotations"] = {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", "west/1"}}}}};
    other.create("project", fields);
    ASSERT_TRUE(converges(world));
    EXPECT_TRUE(other.names("virtual-machine").empty());
    EXPECT_TRUE(other.names("instance-ip").empty());
    EXPECT_TRUE(other.names("floating-ip").empty());
    EXPECT_TRUE(world.engine().problems().pages().contains({SubjectKind::ns, "shop"}));
  }
}

TEST_P(ForeignProject, ItsNamespaceMayBeRecreated) {
  make_cluster();
  create_foreign_project();
  start();
  world_.remove_namespace("shop");
  settle();
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{});
  world_.apply(make_namespace("shop", 2));
  world_.apply(make_pod("shop", "web-1", "web", {.incarnation = 2}));
  settle();
  expect_nothing_of_shop();
  EXPECT_TRUE(other_.has("project", "default-domain:shop"));
}

INSTANTIATE_TEST_SUITE_P(ForeignOrUnowned, ForeignProject, testing::Bool());

// --- Foreign objects

TEST_F(Problems, AConflictOfATierIsReportedAtTheNamespaceWhileItLasts) {
  create("project", "default-domain:shop", "", {{"uuid", make_namespace("shop").meta.uid}});
  create("virtual-network", "default-domain:shop:web", "west/1");
  create("virtual-network", "default-domain:shop:db", "west/1");
  world_.apply(make_pod("shop", "web-1", "web"));
  world_.apply(make_pod("shop", "db-1", "db"));
  start();
  const auto& page = world_.engine().problems().pages().at({SubjectKind::ns, "shop"});
  ASSERT_EQ(page.all().size(), 2U) << "each network is named";
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), (Strings{"ObjectNotOwned", "ObjectNotOwned"}));
  other_.remove("virtual-network", "default-domain:shop:web");
  ASSERT_TRUE(world_.audit());
  settle();
  ASSERT_EQ(reasons(SubjectKind::ns, "shop"), Strings{"ObjectNotOwned"});
  EXPECT_NE(world_.engine().problems().pages().at({SubjectKind::ns, "shop"}).all()[0].message.find("shop:db"),
            std::string::npos);
  // The other network is no longer desired.
  world_.remove_pod("shop/db-1");
  settle();
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{});
}

TEST_F(Problems, AConflictOfAPodIsReportedAtThePod) {
  create("project", "default-domain:shop", "", {{"uuid", make_namespace("shop").meta.uid}});
  create("virtual-machine-interface", "default-domain:shop:web-1", "west/1",
         {{"virtual_network_refs", {{{"to", {"default-domain", "default-project", "default-virtual-network"}}}}}});
  world_.apply(make_pod("shop", "web-1", "web", {.uses = "-bad-"}));
  start();
  EXPECT_EQ(reasons(SubjectKind::pod, "shop/web-1"), (Strings{"ObjectNotOwned", "InvalidUses"}));
  // The successor has the same conflict and its own problem.
  world_.remove_pod("shop/web-1");
  world_.apply(make_pod("shop", "web-1", "web", {.uses = "-bad-", .incarnation = 2}));
  settle();
  EXPECT_EQ(reasons(SubjectKind::pod, "shop/web-1"), (Strings{"ObjectNotOwned", "InvalidUses"}));
  other_.remove("virtual-machine-interface", "default-domain:shop:web-1");
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(reasons(SubjectKind::pod, "shop/web-1"), Strings{"InvalidUses"});
}

TEST_F(Problems, AnObjectThatLosesItsForeignOwnerIsAdopted) {
  create("project", "default-domain:shop", "", {{"uuid", make_namespace("shop").meta.uid}});
  create("virtual-network", "default-domain:shop:web", "west/1");
  world_.apply(make_pod("shop", "web-1", "web"));
  start();
  ASSERT_EQ(reasons(SubjectKind::ns, "shop"), Strings{"ObjectNotOwned"});
  other_.remove_annotation("virtual-network", "default-domain:shop:web", "opencontrail.org/owner");
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(reasons(SubjectKind::ns, "shop"), Strings{});
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// --- Addresses of Pods

Configuration small_range() {
  auto setup = demo_setup();
  setup.oracle.private_ranges = {"10.0.0.0/29"};  // four are usable: not the first, the last, gateway and DNS
  setup.settings.private_ip_range = {*contrail::Cidr::parse("10.0.0.0/29")};
  return setup;
}

class FewAddresses : public Problems {
 protected:
  FewAddresses() : Problems(small_range()) {}
};

TEST_F(FewAddresses, APodWithoutAnAddressReportsItUntilOneIsFree) {
  for (int i = 1; i <= 5; ++i) world_.apply(make_pod("shop", "p" + std::to_string(i), "web"));
  start();
  Strings without;
  for (int i = 1; i <= 5; ++i)
    if (const auto key = "shop/p" + std::to_string(i); reasons(SubjectKind::pod, key) == Strings{"NoFreeAddress"})
      without.push_back(key);
  ASSERT_EQ(without.size(), 1U);
  EXPECT_EQ(world_.reported(Report::Kind::out_of_addresses), 1U);
  world_.remove_pod(without[0] == "shop/p1" ? "shop/p2" : "shop/p1");
  settle();  // includes the address cool-down
  EXPECT_EQ(reasons(SubjectKind::pod, without[0]), Strings{});
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

}  // namespace
}  // namespace knm::test
