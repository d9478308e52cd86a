#include <gtest/gtest.h>

#include <functional>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The config API is shared: foreign and unowned objects are not changed, and no object of another client is impeded.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string gb = "default-domain:gb:";
const json any_ports = json::parse(R"([{"start_port":-1,"end_port":-1}])");

json owner_annotation_of(const std::string& owner) {
  return {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", owner}}}}};
}

json subnets(const std::string& prefix, int length) {
  return {{{"to", {"default-domain", "default-project", "default-network-ipam"}},
           {"attr", {{"ipam_subnets", {{{"subnet", {{"ip_prefix", prefix}, {"ip_prefix_len", length}}}}}}}}}};
}

class SharedApi : public testing::Test {
 protected:
  void start() {
    Guestbook::apply_all(world_);
    world_.start();
  }
  std::string create(const std::string& type, const std::string& fq_name, json fields = json::object()) {
    fields["fq_name"] = split_name(fq_name);
    fields["parent_type"] = type == "project" ? "domain" : type == "floating-ip-pool" ? "virtual-network" : "project";
    return other_.create(type, fields);
  }
  // The project of a Namespace that another client created before the start: its uuid is the UID of the Namespace.
  void create_project() { create("project", "default-domain:gb", {{"uuid", make_namespace("gb").meta.uid}}); }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(SharedApi, ContentOfOtherClientsInOwnedObjectsStays) {
  start();
  ASSERT_TRUE(converges(world_));
  create("virtual-network", gb + "legacy");
  create("network-policy", gb + "theirs");
  other_.reference("ADD", "virtual-network", gb + "guestbook", "network-policy", gb + "theirs",
                   {{"sequence", {{"major", 1}, {"minor", 0}}}});
  other_.annotate("virtual-network", gb + "guestbook", "team", "blue");
  auto ipams = other_.get("virtual-network", gb + "guestbook")["network_ipam_refs"];
  ipams[0]["attr"]["ipam_subnets"].push_back({{"subnet", {{"ip_prefix", "172.16.0.0"}, {"ip_prefix_len", 24}}}});
  other_.put("virtual-network", gb + "guestbook", {{"network_ipam_refs", ipams}});
  auto rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
  rules["policy_rule"].push_back({{"protocol", "tcp"},
                                  {"direction", ">"},
                                  {"src_addresses", {{{"virtual_network", "any"}}}},
                                  {"dst_addresses", {{{"virtual_network", "any"}}}},
                                  {"src_ports", any_ports},
                                  {"dst_ports", any_ports},
                                  {"action_list", {{"simple_action", "deny"}}}});
  other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());

  // Writes of the controller to the same objects keep this content.
  world_.apply(make_pod("gb", "worker", "worker", {.uses = "redis-master"}));
  world_.remove_service("gb/redis-slave");
  ASSERT_TRUE(converges(world_));
  const auto network = other_.get("virtual-network", gb + "guestbook");
  EXPECT_EQ(network["network_ipam_refs"][0]["attr"]["ipam_subnets"].size(), 2U);
  EXPECT_NE(network.dump().find("theirs"), std::string::npos);
  EXPECT_NE(network.dump().find("team"), std::string::npos);
  EXPECT_NE(other_.get("network-policy", gb + "__svc_redis-master").dump().find("deny"), std::string::npos);
  EXPECT_TRUE(other_.has("virtual-network", gb + "legacy"));
}

TEST_F(SharedApi, APolicyWithForeignRulesStaysWithoutTheOwnedRules) {
  start();
  ASSERT_TRUE(converges(world_));
  auto rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
  auto foreign = rules["policy_rule"][0];
  foreign.erase("rule_uuid");
  foreign["protocol"] = "tcp";
  rules["policy_rule"].push_back(foreign);
  other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
  ASSERT_TRUE(world_.audit());
  world_.remove_service("gb/redis-master");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(other_.has("network-policy", gb + "__svc_redis-master"));
  const auto left = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"]["policy_rule"];
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0]["protocol"], "tcp");
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// The id decides that a rule is owned, whatever its content. The controller finds the rule at a start, when no Pod uses
// the tier any more.
TEST_F(SharedApi, AnEditedOwnedRuleIsDeletedWithItsUser) {
  start();
  world_.apply(make_pod("gb", "worker", "worker", {.uses = "redis-master"}));
  ASSERT_TRUE(converges(world_));
  world_.crash();
  auto rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
  for (auto& rule : rules["policy_rule"]) rule["action_list"]["simple_action"] = "deny";
  other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
  world_.remove_pod("gb/worker");
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"]["policy_rule"].size(),
            rules["policy_rule"].size() - 1);
  EXPECT_TRUE(is_as_desired(world_, setup_));

  world_.crash();
  rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
  for (auto& rule : rules["policy_rule"]) rule["action_list"]["simple_action"] = "deny";
  other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
  world_.remove_service("gb/redis-master");
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("network-policy", gb + "__svc_redis-master"));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// The same for content that does not match the id any more: another source, an additional source, or another
// destination.
TEST_F(SharedApi, ARewrittenOwnedRuleIsDeletedWithItsUser) {
  start();
  int count = 0;  // the server refuses a rule that exists already
  using Rewrite = std::function<void(json&)>;
  const std::vector<Rewrite> rewrites{
      [&](json& rule) { rule["src_addresses"][0]["virtual_network"] = gb + "nobody-" + std::to_string(++count); },
      [](json& rule) { rule["src_addresses"].push_back({{"virtual_network", gb + "guestbook"}}); },
      [](json& rule) { rule["dst_addresses"][0]["virtual_network"] = gb + "service-redis-slave"; },
      [](json& rule) { rule["dst_addresses"] = {{{"subnet", {{"ip_prefix", "10.9.0.0"}, {"ip_prefix_len", 24}}}}}; },
  };
  const auto rewrite_and_start = [&](const Rewrite& rewrite, const std::string& only) {
    world_.crash();
    auto rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
    for (auto& rule : rules["policy_rule"])
      if (only.empty() || rule["src_addresses"][0]["virtual_network"] == only) rewrite(rule);
    other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
    only.empty() ? world_.remove_service("gb/redis-master") : world_.remove_pod("gb/worker");
    world_.start();
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(audits_and_restart_write_nothing(world_));
  };
  for (std::size_t i = 0; i < rewrites.size(); ++i) {
    SCOPED_TRACE(i);
    world_.apply(make_service("gb", "redis-master", "redis-master", "10.254.0.77"));
    world_.apply(make_pod("gb", "worker", "worker", {.uses = "redis-master"}));
    ASSERT_TRUE(converges(world_));
    rewrite_and_start(rewrites[i], gb + "worker");
    rewrite_and_start(rewrites[i], "");
    EXPECT_FALSE(other_.has("network-policy", gb + "__svc_redis-master"));
  }
}

// The foreign rule has a derived id as well.
TEST_F(SharedApi, APolicyThatForeignRulesKeepIsReported) {
  start();
  ASSERT_TRUE(converges(world_));
  auto rules = other_.get("network-policy", gb + "__svc_redis-master")["network_policy_entries"];
  auto foreign = rules["policy_rule"][0];
  const auto id = uuid_of_uid("theirs").text();
  foreign["rule_uuid"] = id;
  foreign["dst_addresses"][0]["virtual_network"] = gb + "theirs";
  rules["policy_rule"].push_back(foreign);
  other_.put("network-policy", gb + "__svc_redis-master", {{"network_policy_entries", rules}});
  ASSERT_TRUE(world_.audit());
  world_.remove_service("gb/redis-master");
  ASSERT_TRUE(converges(world_));
  const auto& engine = world_.engine();
  const auto policy = engine.table().find(contrail::Type::network_policy, gb + "__svc_redis-master");
  EXPECT_EQ(engine.table()[policy].deletion_hold(), DeletionHold::occupied);
  EXPECT_NE(engine.why_held(policy).find("rule " + id), std::string_view::npos) << engine.why_held(policy);
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(engine.table()[policy].deletion_hold(), DeletionHold::occupied);
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U) << "reported once";

  // The policy blocks its successor, and the Namespace reports it.
  world_.remove_namespace("gb");
  world_.apply(make_namespace("gb", 2));
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  const auto& pages = engine.problems().pages();
  const auto page = pages.find({SubjectKind::ns, "gb"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "ObjectOccupied");

  other_.put("network-policy", gb + "__svc_redis-master",
             {{"network_policy_entries", {{"policy_rule", json::array()}}}});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("network-policy", gb + "__svc_redis-master"));
  EXPECT_TRUE(pages.empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(SharedApi, AnUnownedObjectWithADesiredNameIsAdopted) {
  create_project();
  const auto uuid = create("virtual-network", gb + "guestbook", {{"network_ipam_refs", subnets("10.0.0.0", 16)}});
  start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_EQ(other_.get("virtual-network", gb + "guestbook")["uuid"], uuid);
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// The network has one subnet with its own ids, the other one is added: the write must contain each once.
TEST_F(SharedApi, AnAdoptedNetworkGetsItsMissingSubnet) {
  setup_.oracle.private_ranges = {"10.0.0.0/16", "fd00:10::/64"};
  setup_.settings.private_ip_range.push_back(*contrail::Cidr::parse("fd00:10::/64"));
  World world(setup_.settings);
  OtherClient other(world.api());
  other.create(
      "project",
      {{"fq_name", {"default-domain", "gb"}}, {"parent_type", "domain"}, {"uuid", make_namespace("gb").meta.uid}});
  other.create("virtual-network", {{"fq_name", {"default-domain", "gb", "guestbook"}},
                                   {"parent_type", "project"},
                                   {"network_ipam_refs", subnets("10.0.0.0", 16)}});
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(is_as_desired(world, setup_));
  EXPECT_TRUE(audits_and_restart_write_nothing(world));
}

// The controller finds the network when its own create is refused.
TEST_F(SharedApi, AnAdoptedNetworkReservesItsGatewayAgainstAClusterIP) {
  start();
  ASSERT_TRUE(converges(world_));
  auto ipams = subnets("10.254.0.0", 16);
  ipams[0]["attr"]["ipam_subnets"][0]["default_gateway"] = "10.254.7.7";
  create("virtual-network", gb + "service-late", {{"network_ipam_refs", ipams}});
  world_.apply(make_service("gb", "late", "late", "10.254.7.7"));
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(other_.has("floating-ip", gb + "service-late:service-late:late"));
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::service, "gb/late"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "AddressReserved");
}

TEST_F(SharedApi, AForeignNetworkImpedesOnlyThePodsOfItsTier) {
  create_project();
  create("virtual-network", gb + "redis-slave", {{"annotations", owner_annotation_of("west/1")}});
  start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::conflict), 1U);
  auto desired = expected(world_.cluster(), setup_.oracle);
  // The Pods of the tier have no network and are no members; all other objects exist.
  for (const std::string pod : {"redis-slave-0", "redis-slave-1"}) {
    desired.erase("virtual-machine-interface " + gb + pod);
    desired.erase("instance-ip gb_" + pod);
    desired.erase("pod-state gb/" + pod);
  }
  desired.erase("virtual-network " + gb + "redis-slave");
  desired.at("floating-ip " + gb + "service-redis-slave:service-redis-slave:redis-slave")["interfaces"] = json::array();
  EXPECT_EQ(differences(desired, observed(world_.api().dump(), world_.cluster(), setup_.oracle)),
            std::vector<std::string>{});
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());

  other_.remove("virtual-network", gb + "redis-slave");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The controller finds the foreign network only when its create is refused, in any order of answers. An entry in a
// cycle of waiting entries must not wait for ever.
TEST_F(SharedApi, AForeignObjectThatAppearsLateImpedesNoOtherObject) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    auto settings = setup_.settings;
    settings.connections = 1 + static_cast<int>(seed % 8);
    World world(settings);
    OtherClient other(world.api());
    other.create(
        "project",
        {{"fq_name", {"default-domain", "gb"}}, {"parent_type", "domain"}, {"uuid", make_namespace("gb").meta.uid}});
    Guestbook::apply_all(world);
    world.disorder(seed);
    world.start(seed);
    other.create("virtual-network", {{"fq_name", {"default-domain", "gb", "redis-slave"}},
                                     {"parent_type", "project"},
                                     {"annotations", owner_annotation_of("west/1")}});
    ASSERT_TRUE(converges(world));
    EXPECT_TRUE(other.has("floating-ip", gb + "service-redis-slave:service-redis-slave:redis-slave"));
    EXPECT_FALSE(other.has("virtual-machine-interface", gb + "redis-slave-0"));
  }
}

// The lists of a public pool omit foreign objects, so the entry must be read by its name.
TEST_F(SharedApi, ANameThatAForeignFloatingIpHasIsUsedWhenItIsFree) {
  Guestbook::apply_all(world_);
  auto plain = world_.cluster().services.at("gb/guestbook");
  auto bare = plain;
  bare.external_ips.clear();
  world_.apply(bare);
  world_.start();
  ASSERT_TRUE(converges(world_));
  const std::string pool = "default-domain:default-project:Public:Public";
  other_.create("floating-ip", {{"fq_name", split_name(pool + ":gb_guestbook")},
                                {"parent_type", "floating-ip-pool"},
                                {"floating_ip_address", "192.0.2.99"},
                                {"annotations", owner_annotation_of("west/1")}});
  world_.apply(plain);
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::conflict), 1U);
  other_.remove("floating-ip", pool + ":gb_guestbook");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(SharedApi, AProjectWithAnotherUuidIsNeverChanged) {
  create("project", "default-domain:gb");
  const auto before = other_.get("project", "default-domain:gb");
  start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(other_.get("project", "default-domain:gb"), before);
  for (const auto* type : {"virtual-network", "network-policy", "virtual-machine-interface", "floating-ip"})
    for (const auto& name : other_.names(type)) EXPECT_FALSE(name.starts_with(gb)) << type << " " << name;
  EXPECT_TRUE(other_.has("floating-ip", "default-domain:kube-system:service-default:service-default:kube-dns"));
}

TEST_F(SharedApi, AfterALostRaceForAnAddressAnotherOneIsChosen) {
  std::size_t races = 0;
  world_.set_fault([&](const auto& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.target != "/instance-ips" || request.body.find("addr-alloc") == std::string::npos || races == 5)
      return std::nullopt;
    const auto body = json::parse(request.body)["instance-ip"];
    other_.create("instance-ip", {{"fq_name", {"west-" + std::to_string(++races)}},
                                  {"instance_ip_address", body["instance_ip_address"]},
                                  {"virtual_network_refs", body["virtual_network_refs"]},
                                  {"annotations", owner_annotation_of("west/1")}});
    return std::nullopt;
  });
  start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(races, 5U);
  EXPECT_EQ(world_.reported(Report::Kind::address_taken), 5U);
  world_.set_fault({});
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// Only the controller should assign addresses in a Pod network. If another client does, the Pod waits without a hot
// loop.
TEST_F(SharedApi, AnAddressTakenInAPodNetworkIsRetriedWithBackOff) {
  start();
  ASSERT_TRUE(converges(world_));
  const auto address = other_.get("instance-ip", "gb_guestbook-0")["instance_ip_address"];
  other_.remove("instance-ip", "gb_guestbook-0");
  other_.create("instance-ip", {{"fq_name", {"squatter"}},
                                {"instance_ip_address", address},
                                {"virtual_network_refs", {{{"to", {"default-domain", "gb", "guestbook"}}}}}});
  ASSERT_TRUE(world_.audit());
  world_.clear_log();
  EXPECT_FALSE(world_.converge(60));
  EXPECT_GT(world_.now(), Time(std::chrono::seconds(60))) << "a hot loop";
  other_.remove("instance-ip", "squatter");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(SharedApi, AnExistingPublicNetworkIsUsedWithoutChanges) {
  const std::string network = "default-domain:default-project:Public";
  create("virtual-network", network, {{"network_ipam_refs", subnets("192.0.2.0", 24)}});
  create("floating-ip-pool", network + ":Public");
  const auto before = other_.get("virtual-network", network);
  start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(other_.get("virtual-network", network), before);
  EXPECT_FALSE(other_.get("floating-ip-pool", network + ":Public").contains("annotations"));
  EXPECT_TRUE(other_.has("floating-ip", network + ":Public:gb_guestbook"));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(SharedApi, APublicNetworkMayBeInAnotherProject) {
  setup_.settings.public_network = setup_.oracle.public_network = "default-domain:edge:wan";
  World world(setup_.settings);
  OtherClient other(world.api());
  other.create("project", {{"fq_name", {"default-domain", "edge"}}, {"parent_type", "domain"}});
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(converges(world));
  EXPECT_TRUE(is_as_desired(world, setup_));
  EXPECT_TRUE(audits_and_restart_write_nothing(world));
}

}  // namespace
}  // namespace knm::test
