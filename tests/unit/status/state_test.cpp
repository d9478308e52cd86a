#include "controller/status/state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/guestbook.hpp"
#include "tests/support/other_client.hpp"
#include "tests/unit/status/clusters.hpp"

namespace knm::test {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

// The element of a list whose `member` is `value`; fails if there is none.
Json element(const Json& list, const std::string& member, const std::string& value) {
  for (const auto& candidate : list)
    if (candidate.at(member) == value) return candidate;
  ADD_FAILURE() << "nothing with " << member << " = " << value << " in " << list.dump(2);
  return {};
}

std::size_t settled(const Json& states) { return states.value("in sync", std::size_t{0}); }

std::unique_ptr<World> converged_guestbook() {
  auto world = std::make_unique<World>();
  Guestbook::apply_all(*world);
  world->start();
  EXPECT_TRUE(world->converge());
  return world;
}

// The reason must not be a missing Service, and the report must not suggest that the tier will be reached later.
TEST(State, ShowsWhyAServiceWithoutPodsIsNotReached) {
  World world;
  world.apply(make_namespace("shop"));
  world.apply(make_pod("shop", "web-0", "web", {.uses = "outside,agent,nothing"}));
  world.apply(make_service("shop", "outside", "outside", "10.254.1.1", {.selector = false}));
  const auto agent = make_pod("shop", "agent-0", "agent", {.host_network = true});
  world.apply(agent);
  world.apply(make_service("shop", "agent", "agent", "", {.headless = true}));
  world.apply(make_slice("shop", "agent", {agent}));
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  const auto uses = element(element(state["namespaces"], "name", "shop")["pod_tiers"], "tier", "web")["uses"];
  const auto outside = element(uses, "tier", "shop/outside"), nodes = element(uses, "tier", "shop/agent");
  EXPECT_NE(outside["why_not"].get<std::string>().find("have no Pods"), std::string::npos);
  EXPECT_NE(nodes["why_not"].get<std::string>().find("the network of the nodes"), std::string::npos);
  EXPECT_EQ(outside["never"], true);
  EXPECT_EQ(nodes["never"], true);
  EXPECT_FALSE(element(uses, "tier", "shop/nothing").contains("never"));
  EXPECT_TRUE(state["problems"].empty());
  EXPECT_EQ(state["counts"]["notices"], 2);
  EXPECT_EQ(element(state["notices"], "object", "shop/outside")["reason"], "ServiceNotConnected");
  EXPECT_EQ(element(state["notices"], "object", "shop/agent")["reason"], "EndpointsOnNodes");
}

TEST(State, ShowsTheControllerAndThatItHasConverged) {
  const auto world = converged_guestbook();
  const auto state = state_json(*world);
  EXPECT_EQ(state["format"], state_format);
  EXPECT_EQ(state["controller"]["version"], "0.1.0");
  EXPECT_EQ(state["controller"]["owner"], world->engine().binder().owners().ours());
  EXPECT_EQ(state["controller"]["phase"], "running");
  EXPECT_EQ(state["config_api"]["address"], "http://localhost:8082");
  EXPECT_EQ(state["config_api"]["answers"], true);
  EXPECT_EQ(state["converged"], true);
  EXPECT_TRUE(state["out_of_sync"].empty());
  EXPECT_TRUE(state["problems"].empty());
}

TEST(State, ShowsTheNotificationsOfTheConfigApi) {
  World world;
  world.start();
  EXPECT_FALSE(state_of(world.engine())["config_api"].contains("notifications"));
  Surroundings around;
  around.notifications = {
      .state = "following", .since_heard = std::chrono::milliseconds(1500), .events = 7, .error = "cut\n"};
  const auto shown = state_of(world.engine(), around)["config_api"]["notifications"];
  EXPECT_EQ(shown["state"], "following");
  EXPECT_EQ(shown["heard_ms_ago"], 1500);
  EXPECT_EQ(shown["events"], 7);
  EXPECT_EQ(shown["streams"], 0);
  EXPECT_EQ(shown["missed"], 0);
  EXPECT_EQ(shown["error"].get<std::string>().find('\n'), std::string::npos);
}

TEST(State, CountsTheObjectsOfTheConfigApi) {
  World world;
  Guestbook::apply_all(world);
  const auto before = world.api().counts();
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  std::size_t compared = 0;
  for (const auto& [type, count] : world.api().counts()) {
    const auto made = count - before.at(type);
    if (made == 0) continue;
    EXPECT_EQ(settled(state["entries"][std::string(type)]), made) << type;
    ++compared;
  }
  EXPECT_EQ(compared, 8U);
  EXPECT_EQ(settled(state["entries"]["pod-state"]), 6U);
  EXPECT_EQ(state["counts"]["pods"], 6);
  EXPECT_EQ(state["counts"]["pods_waiting"], 0);
  EXPECT_EQ(state["counts"]["pod_tiers"], 3);
  EXPECT_EQ(state["counts"]["services"], 4);
  EXPECT_EQ(state["counts"]["addresses"], 5);
}

TEST(State, ListsTheNetworksThatTheConfigApiLists) {
  const auto world = converged_guestbook();
  const auto answer =
      Json::parse(world->api().handle({"GET", "/virtual-networks", "localhost:8082", "", {}}).body)["virtual-networks"];
  std::map<std::string, std::string> there;
  for (const auto& network : answer) {
    std::string name;
    for (const auto& part : network["fq_name"]) name += (name.empty() ? "" : ":") + part.get<std::string>();
    there[name] = network["uuid"];
  }
  std::map<std::string, std::string> shown;
  const auto state = state_json(*world);
  for (const auto& network : state["networks"]) {
    EXPECT_EQ(network["state"], "in sync");
    shown[network["name"]] = network["uuid"];
  }
  EXPECT_EQ(shown.size(), 9U);
  for (const auto& [name, uuid] : shown) EXPECT_EQ(there[name], uuid) << name;
}

// The gateway of an adopted network reserves one of the ClusterIPs.
TEST(State, ShowsOnlyAddressesWithAFloatingIp) {
  auto settings = demo_settings();
  settings.service_cluster_ip_range.push_back(*contrail::Cidr::parse("fd00:20::/112"));
  World world(settings);
  world.apply(make_namespace("shop"));
  OtherClient other(world.api());
  other.create(
      "project",
      {{"fq_name", {"default-domain", "shop"}}, {"parent_type", "domain"}, {"uuid", uid("namespace", "shop")}});
  other.create("virtual-network", Json::parse(R"({
    "fq_name": ["default-domain", "shop", "service-db"], "parent_type": "project",
    "network_ipam_refs": [{"to": ["default-domain", "default-project", "default-network-ipam"], "attr": {"ipam_subnets": [
      {"subnet": {"ip_prefix": "10.254.0.0", "ip_prefix_len": 16}, "default_gateway": "10.254.0.1"},
      {"subnet": {"ip_prefix": "fd00:20::", "ip_prefix_len": 112}, "default_gateway": "fd00:20::1"}]}}]})"));
  auto service = make_service("shop", "db", "db", "10.254.0.1");
  service.cluster_ips.emplace_back("fd00:20::9");
  world.apply(service);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto ns = element(state_json(world)["namespaces"], "name", "shop");
  const auto& addresses = ns["service_tiers"][0]["services"][0]["addresses"];
  ASSERT_EQ(addresses.size(), 1U) << addresses.dump(2);
  EXPECT_EQ(addresses[0]["address"], "fd00:20::9");
}

TEST(State, PodsMatchTheirPodState) {
  const auto world = converged_guestbook();
  const auto state = state_json(*world);
  const auto ns = element(state["namespaces"], "name", "gb");
  EXPECT_EQ(ns["project"]["name"], "default-domain:gb");
  std::size_t compared = 0;
  for (const auto& tier : ns["pod_tiers"]) {
    EXPECT_EQ(tier["network"]["name"], "default-domain:gb:" + tier["tier"].get<std::string>());
    EXPECT_EQ(tier["network"]["state"], "in sync");
    for (const auto& pod : tier["pods"]) {
      const auto& object = world->pods().at("gb/" + pod["name"].get<std::string>());
      const auto annotation = Json::parse(*k8s::find_value(object.meta.annotations, "opencontrail.org/pod-state"));
      EXPECT_EQ(pod["addresses"], Json::array({annotation["ipAddress"]}));
      EXPECT_EQ(pod["interface"], annotation["uuid"]);
      EXPECT_EQ(pod["connected"], true);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6U);
}

TEST(State, AccessEqualsTheUses) {
  const auto world = converged_guestbook();
  const auto state = state_json(*world);
  std::vector<std::string> edges;
  for (const auto& edge : state["access"]) {
    edges.push_back(edge["from"].get<std::string>() + " > " + edge["to"].get<std::string>());
    EXPECT_EQ(edge["why"]["rule"], "uses");
    EXPECT_EQ(edge["why"]["pods"], edge["why"]["of"]);
    EXPECT_EQ(edge["policy"], "default-domain:gb:__svc_" + edge["to"].get<std::string>().substr(3));
    EXPECT_EQ(edge["state"], "in sync");
  }
  EXPECT_THAT(edges, ElementsAre("gb/guestbook > gb/redis-master", "gb/guestbook > gb/redis-slave",
                                 "gb/redis-slave > gb/redis-master"));
  ASSERT_EQ(state["all_pods"].size(), 1U);
  EXPECT_EQ(state["all_pods"][0]["to"], "kube-system/default");
  EXPECT_EQ(state["all_pods"][0]["rule"], "cluster-service");
  EXPECT_EQ(state["all_pods"][0]["user_count"], 3);
  EXPECT_EQ(state["all_pods"][0]["policy"], "default-domain:kube-system:__svc_default");
}

TEST(State, ShowsAddressesBackendsAndPortsOfServices) {
  const auto world = converged_guestbook();
  const auto ns = element(state_json(*world)["namespaces"], "name", "gb");
  const auto tier = element(ns["service_tiers"], "tier", "guestbook");
  EXPECT_EQ(tier["network"]["name"], "default-domain:gb:service-guestbook");
  EXPECT_FALSE(tier.contains("policy"));
  const auto service = element(tier["services"], "name", "guestbook");
  ASSERT_EQ(service["addresses"].size(), 2U);
  EXPECT_EQ(service["addresses"][0]["address"], "10.254.1.3");
  EXPECT_EQ(service["addresses"][0]["kind"], "cluster");
  EXPECT_EQ(service["addresses"][1]["address"], "192.0.2.10");
  EXPECT_EQ(service["addresses"][1]["kind"], "external");
  EXPECT_EQ(service["addresses"][1]["name"], "default-domain:default-project:Public:Public:gb_guestbook");
  EXPECT_EQ(service["port_mappings"], Json::array({{{"protocol", "tcp"}, {"port", 80}, {"target", 3000}}}));
  EXPECT_EQ(service["backend_count"], 3);
  const auto pods = element(ns["pod_tiers"], "tier", "guestbook")["pods"];
  for (const auto& backend : service["backends"])
    EXPECT_EQ(backend["addresses"], element(pods, "name", backend["pod"])["addresses"]);
  EXPECT_EQ(element(ns["service_tiers"], "tier", "redis-master")["policy"]["name"],
            "default-domain:gb:__svc_redis-master");
}

TEST(State, ShowsUnmetAndPartialUsesAndHeadlessServices) {
  World world;
  apply_shop(world);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  const auto ns = element(state["namespaces"], "name", "shop");
  const auto uses = element(ns["pod_tiers"], "tier", "web")["uses"];
  const auto api = element(uses, "tier", "shop/api"), search = element(uses, "tier", "shop/search");
  EXPECT_EQ(api["open"], true);
  EXPECT_EQ(api["pods"], 3);
  EXPECT_EQ(search["open"], false);
  EXPECT_EQ(search["pods"], 1);
  EXPECT_EQ(search["of"], 3);
  EXPECT_EQ(search["why_not"], "the tier has no Service");
  const auto db = element(ns["service_tiers"], "tier", "db");
  EXPECT_FALSE(db.contains("network"));
  EXPECT_EQ(db["services"][0]["headless"], true);
  EXPECT_TRUE(db["services"][0]["addresses"].empty());
  std::size_t direct = 0;
  for (const auto& edge : state["access"]) {
    if (!edge.contains("direct")) continue;
    EXPECT_EQ(edge["to"], "shop/db");
    EXPECT_EQ(edge["direct"], Json::array({"shop/db"}));
    ++direct;
  }
  EXPECT_EQ(direct, 2U);
}

// A request may arrive between a change and its settle.
TEST(State, IsConsistentBeforeAChangeIsSettled) {
  const auto world = converged_guestbook();
  auto& engine = world->engine();
  for (const auto& pod : Guestbook::all_pods()) engine.drop_pod(pod.meta.ns + "/" + pod.meta.name);
  for (const auto& service : Guestbook::services()) engine.drop_service(service.meta.ns + "/" + service.meta.name);
  engine.drop_namespace("gb");
  auto state = state_json(*world);
  EXPECT_EQ(state["counts"]["pods"], 0);
  const auto ns = element(state["namespaces"], "name", "gb");
  const auto service = element(ns["service_tiers"], "tier", "guestbook")["services"][0];
  EXPECT_EQ(service["backend_count"], 3);
  EXPECT_EQ(service["backends"][0]["addresses"], Json::array());
  engine.settle(world->now());
  state = state_json(*world);
  EXPECT_TRUE(state["namespaces"].empty());
  EXPECT_EQ(state["converged"], false) << "the config objects still have to be deleted";
  ASSERT_TRUE(world->converge());
  state = state_json(*world);
  EXPECT_EQ(state["converged"], true);
  EXPECT_EQ(settled(state["entries"]["virtual-network"]), 3U) << "two shared networks, and that of the DNS tier";
  ASSERT_EQ(state["retained"].size(), 1U);
  EXPECT_EQ(state["retained"][0]["tier"], "kube-system/default");
  EXPECT_EQ(state["retained"][0]["namespace_exists"], true);
}

// --- Out of sync
// ---------------------------------------------------------------------------------------------------------

TEST(State, TheCountsAddUpAfterEveryStep) {
  World world;
  Guestbook::apply_all(world);
  world.start();
  std::size_t steps = 0;
  bool converged = false;
  for (;; ++steps) {
    const auto state = state_json(world);
    std::size_t open = 0;
    for (const auto& [kind, states] : state["entries"].items())
      for (const auto& [name, count] : states.items())
        if (name != "in sync") open += count.get<std::size_t>();
    EXPECT_EQ(state["counts"]["out_of_sync"], open) << "after " << steps << " requests";
    converged = state["converged"].get<bool>();
    EXPECT_EQ(converged, open == 0) << "after " << steps << " requests";
    if (!world.step()) break;
  }
  EXPECT_TRUE(converged);
  EXPECT_EQ(steps, 54U);  // 48 objects, 6 annotations
}

TEST(State, ReadingTheStateChangesNothing) {
  World observed, reference;
  for (auto* world : {&observed, &reference}) {
    Guestbook::apply_all(*world);
    world->start();
  }
  do state_json(observed);
  while (observed.step());
  ASSERT_TRUE(reference.converge());
  EXPECT_EQ(observed.write_list(), reference.write_list());
}

TEST(State, ShowsWhatPodsWaitFor) {
  World world;
  Guestbook::apply_all(world);
  world.start();
  refuse(world, "redis-slave");
  for (int i = 0; i < 1000; ++i) world.step();
  const auto state = state_json(world);
  EXPECT_EQ(state["converged"], false);
  EXPECT_EQ(state["counts"]["pods_waiting"], 2);
  const auto ns = element(state["namespaces"], "name", "gb");
  const auto tier = element(ns["pod_tiers"], "tier", "redis-slave");
  EXPECT_EQ(tier["waiting_count"], 2);
  const auto reason = tier["pods"][0]["waits_for"];
  EXPECT_EQ(reason["what"], "virtual-network default-domain:gb:redis-slave");
  EXPECT_EQ(reason["state"], "failed, will be retried");
  EXPECT_EQ(reason["error"], "HTTP 500: Internal  trouble: ?? database");
  const auto network = element(state["out_of_sync"], "name", "default-domain:gb:redis-slave");
  EXPECT_EQ(network["state"], "backing off");
  EXPECT_EQ(network["intention"], "verify");
  EXPECT_EQ(network["for"], "gb/redis-slave");
  EXPECT_GE(network["failures"], 1);
  EXPECT_TRUE(network.contains("retry_in_ms"));
}

TEST(State, ShowsThatTheConfigApiDoesNotAnswer) {
  World world;
  Guestbook::apply_all(world);
  world.start();
  take_down(world);
  for (int i = 0; i < 100; ++i) world.step();
  const auto state = state_json(world);
  EXPECT_EQ(state["config_api"]["answers"], false);
  EXPECT_EQ(state["config_api"]["error"], "connection refused");
  EXPECT_EQ(state["counts"]["pods_waiting"], 6);
}

TEST(State, ShowsAConflictAtEveryPodThatItImpedes) {
  World world;
  const auto post = [&](const std::string& collection, const std::string& body) {
    ASSERT_EQ(world.api().handle({"POST", collection, "localhost:8082", body, {}}).status, 200);
  };
  post("/projects", R"({"project":{"fq_name":["default-domain","gb"],"parent_type":"domain","uuid":")" +
                        make_namespace("gb").meta.uid + R"("}})");
  post("/virtual-networks",
       R"({"virtual-network":{"fq_name":["default-domain","gb","guestbook"],"parent_type":"project",
           "annotations":{"key_value_pair":[{"key":"opencontrail.org/owner","value":"west/1"}]}}})");
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  EXPECT_EQ(state["converged"], false);
  EXPECT_EQ(element(state["out_of_sync"], "state", "conflict")["name"], "default-domain:gb:guestbook");
  const auto problem = element(state["problems"], "reason", "ObjectNotOwned");
  EXPECT_EQ(problem["kind"], "Namespace");
  EXPECT_EQ(problem["object"], "gb");
  const auto tier = element(element(state["namespaces"], "name", "gb")["pod_tiers"], "tier", "guestbook");
  ASSERT_EQ(tier["pods"].size(), 3U);
  for (const auto& pod : tier["pods"]) {
    EXPECT_EQ(pod["waits_for"]["what"], "virtual-network default-domain:gb:guestbook");
    EXPECT_EQ(pod["waits_for"]["state"], "belongs to another owner");
  }
}

TEST(State, ShowsOnlyTheProblemOfANamespaceWithAForeignProject) {
  World world;
  const std::string body = R"({"project":{"fq_name":["default-domain","gb"],"parent_type":"domain"}})";
  ASSERT_EQ(world.api().handle({"POST", "/projects", "localhost:8082", body, {}}).status, 200);
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  EXPECT_EQ(state["converged"], false);
  EXPECT_EQ(element(state["out_of_sync"], "state", "conflict")["name"], "default-domain:gb");
  EXPECT_EQ(element(state["problems"], "reason", "ProjectNotOwned")["object"], "gb");
}

TEST(State, ShowsPodsThatWaitForAFreeAddress) {
  World world(with_private_range("10.0.0.0/29"));  // three for Pods: network, gateway, DNS and broadcast are reserved
  Guestbook::apply_all(world);
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  EXPECT_EQ(state["converged"], false);
  std::size_t without = 0;
  const auto ns = element(state["namespaces"], "name", "gb");
  for (const auto& tier : ns["pod_tiers"])
    for (const auto& pod : tier["pods"])
      if (!pod["connected"].get<bool>()) {
        EXPECT_EQ(pod["waits_for"]["what"], "a free address");
        ++without;
      }
  EXPECT_EQ(without, world.engine().binder().addresses().without_address().size());
  EXPECT_GT(without, 0U);
}

TEST(State, ShowsWhatTheStartWaitsFor) {
  Engine engine(demo_settings(), 1);
  for (const auto& pod : Guestbook::all_pods()) engine.put(pod);
  auto state = state_of(engine, {.kubernetes_synced = false});
  EXPECT_EQ(state["controller"]["phase"], "waiting for Kubernetes");
  state = state_of(engine, {.config_api_error = "connect: Connection refused"});
  EXPECT_EQ(state["controller"]["phase"], "reading the config API's inventory");
  EXPECT_EQ(state["config_api"]["answers"], false);
  EXPECT_EQ(state["config_api"]["error"], "connect: Connection refused");
  EXPECT_EQ(state["converged"], false);
  EXPECT_EQ(state["counts"]["pods"], 6);
  EXPECT_TRUE(state["namespaces"].empty());
}

TEST(State, ShowsThePartInTheLeaderElection) {
  Engine engine(demo_settings(), 1);
  EXPECT_FALSE(state_of(engine)["controller"].contains("leader_election"));
  Surroundings around;
  around.election = ElectionState{"kube-system", "knm", "a_1", "b_2", false};
  auto state = state_of(engine, around);
  EXPECT_EQ(state["controller"]["phase"], "standby: another instance is the leader");
  EXPECT_EQ(state["controller"]["leader_election"], nlohmann::ordered_json::parse(R"({"lease": "kube-system/knm",
      "identity": "a_1", "leader": "b_2", "leads": false})"));
  around.election->leader.clear();
  EXPECT_EQ(state_of(engine, around)["controller"]["phase"], "waiting for the leader election");
  around.kubernetes_synced = false;
  EXPECT_EQ(state_of(engine, around)["controller"]["phase"], "waiting for Kubernetes");
  around.kubernetes_synced = true;
  around.election->leads = true;
  state = state_of(engine, around);
  EXPECT_EQ(state["controller"]["phase"], "reading the config API's inventory");
  EXPECT_EQ(state["controller"]["leader_election"]["leads"], true);
}

TEST(State, ShowsProblemsOfKubernetesObjects) {
  World world;
  apply_shop(world);
  world.apply(make_service("shop", "thief", "thief", "10.254.3.1", {.external_ips = {"8.8.8.8"}, .created = 2000}));
  world.apply(make_pod("shop", "odd", "odd", {.uses = "db,b%"}));
  world.start();
  ASSERT_TRUE(world.converge());
  const auto state = state_json(world);
  EXPECT_EQ(state["counts"]["problems"], 3);
  EXPECT_EQ(element(state["problems"], "reason", "AddressInUse")["object"], "shop/thief");
  EXPECT_EQ(element(state["problems"], "reason", "InvalidUses")["kind"], "Pod");
  EXPECT_EQ(element(state["problems"], "reason", "InvalidUses")["object"], "shop/odd");
}

// --- Big clusters
// --------------------------------------------------------------------------------------------------------

TEST(State, FoldsBigClustersAndKeepsTheCounts) {
  World world;
  apply_mesh(world, 8, 5);
  apply_shop(world);
  world.start();
  ASSERT_TRUE(world.converge());
  world.apply(make_pod("mesh", "late", "tier-00"));  // not yet connected
  const std::size_t networks =
      2 + 1 + (8 + 8) + (5 + 3) + 1;  // shared, DNS, mesh, shop (two tiers without a service network), tools
  Surroundings around;
  around.limits = {.namespaces = 1,
                   .tiers = 2,
                   .pods = 3,
                   .services = 1,
                   .users = 1,
                   .access = 4,
                   .networks = 6,
                   .out_of_sync = 1,
                   .problems = 0};
  const auto folded = state_of(world.engine(), around);
  EXPECT_EQ(folded["counts"]["occupied_namespaces"], 4);
  ASSERT_EQ(folded["namespaces"].size(), 1U);
  const auto& ns = folded["namespaces"][0];
  EXPECT_EQ(ns["name"], "kube-system");
  around.limits.namespaces = 2;
  const auto mesh = state_of(world.engine(), around)["namespaces"][1];
  EXPECT_EQ(mesh["pod_tier_count"], 8);
  ASSERT_EQ(mesh["pod_tiers"].size(), 2U);
  const auto& tier = mesh["pod_tiers"][0];
  EXPECT_EQ(tier["pod_count"], 6);
  ASSERT_EQ(tier["pods"].size(), 3U);
  EXPECT_EQ(tier["pods"][0]["name"], "late") << "waiting Pods are shown first";
  EXPECT_EQ(tier["pods"][0]["connected"], false);
  EXPECT_EQ(mesh["service_tiers"][0]["services"][0]["backend_count"], 5);
  EXPECT_EQ(mesh["service_tiers"][0]["services"][0]["backends"].size(), 3U);
  EXPECT_EQ(folded["access"].size(), 4U);
  EXPECT_EQ(folded["counts"]["access"], 18);
  EXPECT_EQ(folded["networks"].size(), 6U);
  EXPECT_EQ(folded["counts"]["networks"], networks);
  EXPECT_EQ(folded["out_of_sync"].size(), 1U);
  around.limits = {.all_pods = 0};
  EXPECT_EQ(state_of(world.engine(), around)["namespaces"][1]["pod_tiers"][0]["pods"].size(), 3U);
  around.limits = StateLimits::none();
  const auto full = state_of(world.engine(), around);
  EXPECT_EQ(full["networks"].size(), networks);
  EXPECT_EQ(full["access"].size(), 18U);
  EXPECT_EQ(full["namespaces"].size(), 4U);
}

}  // namespace
}  // namespace knm::test
