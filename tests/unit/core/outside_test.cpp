#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// External networks: connected when they exist, disconnected when they are deleted, and not changed otherwise.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string legacy = "default-domain:legacy";
const std::string backbone = legacy + ":backbone", oracle = legacy + ":oracle";
const std::string backbone_policy = legacy + ":__net_backbone";
const std::string oracle_policy = "default-domain:gb:__svc_oracle";

Configuration external_setup() {
  auto out = demo_setup();
  out.settings.global_network = out.oracle.global_networks = {backbone};
  out.settings.external_service = {{"oracle", {oracle, {}}}};
  out.oracle.external_services = {{"oracle", {oracle, {}}}};
  return out;
}

Configuration exclude(Configuration setup, const std::string& expression) {
  setup.oracle.global_exclude = expression;
  setup.settings.global_connect_exclude = Pattern::compile(expression).value();
  return setup;
}

class ExternalNetworks : public testing::Test {
 protected:
  explicit ExternalNetworks(Configuration setup = external_setup()) : setup_(std::move(setup)) {
    Guestbook::apply_all(world_);
    world_.apply(make_pod("gb", "billing", "billing", {.uses = "oracle"}));
    create("project", legacy);
  }

  void create(const std::string& type, const std::string& fq_name, json fields = json::object()) {
    fields["fq_name"] = split_name(fq_name);
    fields["parent_type"] = type == "project" ? "domain" : "project";
    other_.create(type, std::move(fields));
  }
  void settle() {
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(audits_and_restart_write_nothing(world_));
  }
  void start() {
    world_.start();
    settle();
  }
  void audit() {
    ASSERT_TRUE(world_.audit());
    settle();
  }
  // A restart with another configuration.
  void restart_with(const Configuration& setup) {
    world_.crash();
    setup_ = setup;
    world_.configure(setup.settings);
    start();
  }
  std::vector<std::string> policies_of(const std::string& network) const {
    std::vector<std::string> out;
    for (const auto& reference : other_.get("virtual-network", network).value("network_policy_refs", json::array()))
      out.push_back(joined(reference["to"]));
    std::sort(out.begin(), out.end());
    return out;
  }
  std::size_t rules_of(const std::string& policy) const {
    return other_.get("network-policy", policy)["network_policy_entries"]["policy_rule"].size();
  }
  std::vector<Problem> problems_of(SubjectKind kind, const std::string& key) const {
    const auto& pages = world_.engine().problems().pages();
    const auto page = pages.find({kind, key});
    return page == pages.end() ? std::vector<Problem>() : page->second.all();
  }

  using Names = std::vector<std::string>;
  Configuration setup_;
  mutable World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(ExternalNetworks, AGlobalNetworkIsConnectedWhenAnAuditFindsItAndDisconnectedWhenItIsDeleted) {
  start();
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  create("virtual-network", backbone);
  audit();
  EXPECT_EQ(policies_of(backbone), Names{backbone_policy});
  EXPECT_EQ(rules_of(backbone_policy), 4U);  // three tiers of guestbook, and billing
  EXPECT_GE(world_.reported(Report::Kind::external_network_found), 1U);
  EXPECT_EQ(world_.reported(Report::Kind::external_network_lost), 0U);

  other_.remove("virtual-network", backbone);
  audit();
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  EXPECT_EQ(world_.reported(Report::Kind::external_network_lost), 1U);
}

TEST_F(ExternalNetworks, ANewTierIsConnectedAtOnceAndThePolicyIsDeletedWithTheLastTier) {
  create("virtual-network", backbone);
  start();
  world_.clear_log();
  world_.apply(make_pod("gb", "worker", "worker"));
  settle();
  EXPECT_EQ(rules_of(backbone_policy), 5U);
  for (const auto& [key, pod] : Cluster(world_.cluster()).pods) world_.remove_pod(key);
  settle();
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  EXPECT_EQ(policies_of(backbone), Names{});
}

TEST_F(ExternalNetworks, ANewPodOfAConnectedTierChangesNoPolicy) {
  create("virtual-network", backbone);
  create("virtual-network", oracle);
  start();
  world_.clear_log();
  world_.apply(make_pod("gb", "billing-2", "billing", {.uses = "oracle"}));
  ASSERT_TRUE(converges(world_));
  for (const auto& line : world_.write_list()) {
    EXPECT_EQ(line.find("polic"), std::string::npos) << line;
    EXPECT_EQ(line.find("PUT /virtual-network/"), std::string::npos) << line;
  }
}

TEST_F(ExternalNetworks, IncludeAndExcludeSelectTheConnectedTiers) {
  create("virtual-network", backbone);
  restart_with(exclude(external_setup(), "^gb/redis-"));
  EXPECT_EQ(rules_of(backbone_policy), 2U);
  restart_with(exclude(external_setup(), "^gb/"));
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  EXPECT_EQ(policies_of(backbone), Names{});
}

TEST_F(ExternalNetworks, OnlyReferencesToOwnedPoliciesAreChanged) {
  create("network-policy", legacy + ":theirs");
  create("virtual-network", backbone,
         {{"network_policy_refs",
           {{{"to", split_name(legacy + ":theirs")}, {"attr", {{"sequence", {{"major", 1}, {"minor", 0}}}}}}}},
          {"network_ipam_refs",
           {{{"to", {"default-domain", "default-project", "default-network-ipam"}},
             {"attr", {{"ipam_subnets", {{{"subnet", {{"ip_prefix", "172.16.0.0"}, {"ip_prefix_len", 24}}}}}}}}}}}});
  const auto before = other_.get("virtual-network", backbone);
  start();
  EXPECT_EQ(policies_of(backbone), (Names{backbone_policy, legacy + ":theirs"}));
  auto during = other_.get("virtual-network", backbone);
  EXPECT_EQ(during["network_ipam_refs"], before["network_ipam_refs"]);
  EXPECT_FALSE(during.contains("annotations"));
  EXPECT_EQ(world_.reported(Report::Kind::network_closed), 0U) << "the network had a policy before";

  auto without = external_setup();
  without.settings.global_network = without.oracle.global_networks = {};
  restart_with(without);
  EXPECT_EQ(policies_of(backbone), Names{legacy + ":theirs"});
}

TEST_F(ExternalNetworks, ADetachedPolicyIsAttachedAgainAndOtherChangesAreNoDrift) {
  create("virtual-network", backbone);
  start();
  const auto before = world_.reported(Report::Kind::drift);
  other_.annotate("virtual-network", backbone, "team", "blue");
  audit();
  EXPECT_EQ(world_.reported(Report::Kind::drift), before);
  other_.put("virtual-network", backbone, {{"network_policy_refs", json::array()}});
  audit();
  EXPECT_EQ(policies_of(backbone), Names{backbone_policy});
  EXPECT_GT(world_.reported(Report::Kind::drift), before);
}

TEST_F(ExternalNetworks, AClosedNetworkIsReportedOnceUntilItHasAnotherPolicy) {
  create("virtual-network", backbone);
  create("virtual-network", oracle);
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::network_closed), 2U);
  world_.apply(make_pod("gb", "worker", "worker", {.uses = "oracle"}));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::network_closed), 2U);
  ASSERT_EQ(problems_of(SubjectKind::ns, "kube-system").size(), 2U);
  EXPECT_EQ(problems_of(SubjectKind::ns, "kube-system")[0].reason, "NetworkClosed");

  create("network-policy", legacy + ":theirs");
  for (const auto& network : {backbone, oracle})
    other_.reference("ADD", "virtual-network", network, "network-policy", legacy + ":theirs",
                     {{"sequence", {{"major", 1}, {"minor", 0}}}});
  audit();
  EXPECT_TRUE(problems_of(SubjectKind::ns, "kube-system").empty());
}

// A network that the configuration no longer names is open again. An owned network is never reported as closed.
TEST_F(ExternalNetworks, ADisconnectedOrOwnedNetworkIsNotReportedAsClosed) {
  create("virtual-network", oracle);
  start();
  EXPECT_EQ(problems_of(SubjectKind::ns, "kube-system").size(), 1U);
  world_.remove_pod("gb/billing");
  settle();
  EXPECT_TRUE(problems_of(SubjectKind::ns, "kube-system").empty());

  auto own = external_setup();
  own.settings.global_network = own.oracle.global_networks = {"default-domain:gb:redis-master"};
  restart_with(own);
  EXPECT_TRUE(problems_of(SubjectKind::ns, "kube-system").empty());
}

TEST_F(ExternalNetworks, ANetworkRemovedFromTheConfigurationIsDisconnectedAtTheNextStart) {
  create("virtual-network", backbone);
  create("virtual-network", oracle);
  start();
  ASSERT_TRUE(other_.has("network-policy", backbone_policy));
  ASSERT_TRUE(other_.has("network-policy", oracle_policy));
  restart_with(demo_setup());
  EXPECT_EQ(policies_of(backbone), Names{});
  EXPECT_EQ(policies_of(oracle), Names{});
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  EXPECT_FALSE(other_.has("network-policy", oracle_policy));
}

TEST_F(ExternalNetworks, AnotherNetworkOfTheSameServiceReplacesTheFormerOne) {
  create("virtual-network", oracle);
  create("virtual-network", legacy + ":oracle-2");
  start();
  auto other = external_setup();
  other.settings.external_service["oracle"].network = other.oracle.external_services["oracle"].network =
      legacy + ":oracle-2";
  restart_with(other);
  EXPECT_EQ(policies_of(oracle), Names{});
  EXPECT_EQ(policies_of(legacy + ":oracle-2"), Names{oracle_policy});
}

TEST_F(ExternalNetworks, AStartWithoutChangesReadsFewMoreListsAndWritesNothing) {
  World plain(demo_setup().settings);
  Guestbook::apply_all(plain);
  plain.start();
  ASSERT_TRUE(converges(plain));
  plain.clear_log();
  plain.restart();
  create("virtual-network", backbone);
  create("virtual-network", oracle);
  start();
  world_.clear_log();
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U);
  EXPECT_LE(world_.reads(), plain.reads() + 3);
  world_.clear_log();
  world_.audit();
  EXPECT_LE(world_.reads(), plain.reads() + 2);
}

TEST_F(ExternalNetworks, AForeignNetworkIsNotChangedAndReported) {
  create("virtual-network", backbone);
  other_.annotate("virtual-network", backbone, "opencontrail.org/owner", "west/1234");
  start();
  EXPECT_EQ(policies_of(backbone), Names{});
  EXPECT_FALSE(other_.has("network-policy", backbone_policy));
  const auto problems = problems_of(SubjectKind::ns, "kube-system");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].reason, "NetworkOfAnotherOwner");
  other_.remove_annotation("virtual-network", backbone, "opencontrail.org/owner");
  audit();
  EXPECT_EQ(policies_of(backbone), Names{backbone_policy});
  ASSERT_EQ(problems_of(SubjectKind::ns, "kube-system").size(), 1U);
  EXPECT_EQ(problems_of(SubjectKind::ns, "kube-system")[0].reason, "NetworkClosed");
}

TEST_F(ExternalNetworks, AnUnownedPolicyIsAdoptedWithItsForeignRules) {
  create("virtual-network", backbone);
  create("network-policy", backbone_policy,
         {{"network_policy_entries",
           {{"policy_rule",
             {{{"protocol", "tcp"},
               {"direction", ">"},
               {"src_addresses", {{{"virtual_network", "any"}}}},
               {"dst_addresses", {{{"virtual_network", "any"}}}},
               {"src_ports", {{{"start_port", -1}, {"end_port", -1}}}},
               {"dst_ports", {{{"start_port", -1}, {"end_port", -1}}}},
               {"action_list", {{"simple_action", "deny"}}}}}}}}});
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(rules_of(backbone_policy), 5U);
  EXPECT_NE(other_.get("network-policy", backbone_policy).dump().find("opencontrail.org/owner"), std::string::npos);
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(ExternalNetworks, AReferenceOfAnotherClientDoesNotKeepAnUndesiredPolicy) {
  create("virtual-network", legacy + ":curious");
  start();
  const std::string policy = "default-domain:gb:__svc_redis-slave";
  other_.reference("ADD", "virtual-network", legacy + ":curious", "network-policy", policy,
                   {{"sequence", {{"major", 3}, {"minor", 0}}}});
  world_.remove_service("gb/redis-slave");
  world_.converge(200);  // the server refuses the deletion without a reason
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("network-policy", policy));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// Users choose the names of Namespaces. The owner of the project of a global network must not depend on them.
TEST_F(ExternalNetworks, ANamespaceWithTheNameOfItsProjectDisconnectsNoTier) {
  create("virtual-network", backbone);
  start();
  ASSERT_TRUE(other_.has("network-policy", backbone_policy));
  world_.clear_log();
  world_.apply(make_namespace("legacy"));
  ASSERT_TRUE(converges(world_));
  for (const auto& exchange : world_.log()) {
    EXPECT_NE(exchange.request.method, "DELETE") << exchange.request.target;
    EXPECT_EQ(exchange.request.body.find("\"DELETE\""), std::string::npos) << exchange.request.body;
  }
  EXPECT_TRUE(other_.has("network-policy", backbone_policy));
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(other_.has("network-policy", backbone_policy));
}

// --- External services
// --------------------------------------------------------------------------------------------------------

TEST_F(ExternalNetworks, AnExternalServiceIsReachedByTheTiersThatUseIt) {
  create("virtual-network", oracle);
  start();
  EXPECT_EQ(rules_of(oracle_policy), 1U);
  EXPECT_EQ(policies_of(oracle), Names{oracle_policy});
  world_.apply(make_namespace("shop"));
  world_.apply(make_pod("shop", "till", "till", {.uses_label = "oracle"}));
  settle();
  EXPECT_EQ(policies_of(oracle), (Names{oracle_policy, "default-domain:shop:__svc_oracle"}));
  world_.remove_pod("gb/billing");
  settle();
  EXPECT_EQ(policies_of(oracle), Names{"default-domain:shop:__svc_oracle"});
}

TEST_F(ExternalNetworks, AnExternalServiceMayBeLimitedToNamespaces) {
  auto limited = external_setup();
  limited.settings.external_service["oracle"].namespaces = {"shop"};
  limited.oracle.external_services["oracle"].namespaces = {"shop"};
  create("virtual-network", oracle);
  world_.apply(make_namespace("shop"));
  world_.apply(make_pod("shop", "till", "till", {.uses_label = "oracle"}));
  restart_with(limited);
  EXPECT_EQ(policies_of(oracle), Names{"default-domain:shop:__svc_oracle"});
}

TEST_F(ExternalNetworks, AServiceTierHidesAnExternalServiceOfTheSameNameAndReportsIt) {
  create("virtual-network", oracle);
  start();
  world_.apply(make_service("gb", "oracle", "oracle", "10.254.1.9"));
  settle();
  EXPECT_EQ(policies_of(oracle), Names{});
  ASSERT_EQ(problems_of(SubjectKind::service, "gb/oracle").size(), 1U);
  EXPECT_EQ(problems_of(SubjectKind::service, "gb/oracle")[0].reason, "ExternalServiceHidden");
  world_.remove_service("gb/oracle");
  settle();
  EXPECT_EQ(policies_of(oracle), Names{oracle_policy});
}

// --- Global networks that the controller owns
// --------------------------------------------------------------------------------------

Configuration own_setup() {
  auto out = demo_setup();
  out.settings.global_network =
      out.oracle.global_networks = {"default-domain:gb:redis-master", "default-domain:default-project:Public"};
  return out;
}

TEST_F(ExternalNetworks, AnUnownedPublicNetworkIsReportedAsClosed) {
  create("virtual-network", "default-domain:default-project:Public");
  auto setup = own_setup();
  setup.oracle.public_network_is_anothers = true;
  restart_with(setup);
  EXPECT_EQ(policies_of("default-domain:default-project:Public"), Names{"default-domain:default-project:__net_Public"});
  ASSERT_EQ(problems_of(SubjectKind::ns, "kube-system").size(), 1U);
  EXPECT_EQ(problems_of(SubjectKind::ns, "kube-system")[0].reason, "NetworkClosed");
}

class OwnNetwork : public ExternalNetworks {
 protected:
  OwnNetwork() : ExternalNetworks(own_setup()) {
    world_.apply(make_namespace("shop"));
    world_.apply(make_pod("shop", "till", "till"));
    start();
  }
};

TEST_F(OwnNetwork, HasThePolicyAndIsNotConnectedToOtherGlobalNetworks) {
  const std::string own = "default-domain:gb:__net_redis-master";
  const std::string other = "default-domain:default-project:__net_Public";
  EXPECT_EQ(rules_of(own), 4U);  // guestbook, redis-slave, billing, till
  EXPECT_EQ(rules_of(other), 4U);
  const auto carried = policies_of("default-domain:gb:redis-master");
  EXPECT_EQ(std::count(carried.begin(), carried.end(), own), 1);
  EXPECT_EQ(std::count(carried.begin(), carried.end(), other), 0);
  EXPECT_EQ(policies_of("default-domain:default-project:Public"), Names{other});
}

TEST_F(OwnNetwork, IsConnectedAndDisconnectedWithItsTierWithoutAnAudit) {
  world_.remove_pod("gb/redis-master-0");
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("network-policy", "default-domain:gb:__net_redis-master"));
  world_.apply(make_pod("gb", "redis-master-0", "redis-master", {.incarnation = 2}));
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(other_.has("network-policy", "default-domain:gb:__net_redis-master"));
  settle();
}

// Recreates a Namespace with all its objects.
void recreate(World& world, const std::string& ns) {
  const auto before = world.cluster();
  world.remove_namespace(ns);
  world.apply(make_namespace(ns, 2));
  for (auto [key, object] : before.services)
    if (object.meta.ns == ns) object.meta.uid = uid("service", key, 2), world.apply(object);
  for (auto [key, object] : before.pods)
    if (object.meta.ns == ns) {
      object.meta.uid = uid("pod", key, 2);
      object.meta.annotations.clear();
      world.apply(object);
    }
}

TEST_F(OwnNetwork, IsDetachedFromConnectedTiersWhenItsNamespaceIsRecreated) {
  recreate(world_, "gb");
  settle();
  EXPECT_EQ(rules_of("default-domain:gb:__net_redis-master"), 4U);
}

TEST(ClusterService, IsDetachedFromItsUsersWhenItsNamespaceIsRecreated) {
  auto setup = demo_setup();
  setup.settings.cluster_service = {{"gb", "redis-master"}};
  setup.oracle.cluster_services = {{"gb", "redis-master"}};
  World world(setup.settings);
  Guestbook::apply_all(world);
  world.apply(make_namespace("shop"));
  world.apply(make_pod("shop", "till", "till"));
  world.start();
  ASSERT_TRUE(converges(world));
  recreate(world, "gb");
  ASSERT_TRUE(converges(world));
  ASSERT_TRUE(is_as_desired(world, setup));
  ASSERT_TRUE(audits_and_restart_write_nothing(world));
}

// --- Names
// --------------------------------------------------------------------------------------------------------------------

TEST(GlobalPolicyNames, APolicyIsInTheProjectOfItsNetworkOrInTheDefaultProject) {
  Settings settings;
  EXPECT_EQ(Names(settings).global_policy(backbone), backbone_policy);
  EXPECT_EQ(Names(settings).global_policy("other:p-1:n.x"), "default-domain:default-project:__net_other_p_1_n_x");
  settings.cluster_name = "east";
  EXPECT_EQ(Names(settings).global_policy(backbone), legacy + ":__net_east_backbone");
  EXPECT_EQ(Names(settings).global_policy("other:p:n"), "default-domain:default-project:__net_east_other_p_n");
}

TEST(GlobalPolicyNames, TheSecondOfTwoCollidingNamesIsReportedAndNotConnected) {
  auto setup = demo_setup();
  setup.settings.global_network = {"other:p:n.x", "other:p:n-x", "other:p:n.x"};
  World world(setup.settings);
  world.start();
  const auto& pages = world.engine().problems().pages();
  const auto page = pages.find({SubjectKind::ns, "kube-system"});
  ASSERT_NE(page, pages.end());
  const auto problems = page->second.all();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].reason, "GlobalNetworkNameCollision");
  EXPECT_NE(problems[0].message.find("other:p:n-x"), std::string::npos);
  EXPECT_EQ(world.engine().intent().external_networks(), std::vector<std::string>{"other:p:n.x"});
}

}  // namespace
}  // namespace knm::test
