// Behaviour without recordings: snapshots, saved states, leaks, orphans, and requests that no client would send.
#include <gtest/gtest.h>

#include <set>

#include "tests/config-api-conformance/api_driver.hpp"

namespace conformance {
namespace {

using nlohmann::json;

json project(const std::string& name) { return {{"fq_name", {"default-domain", name}}, {"parent_type", "domain"}}; }

TEST(Snapshot, ACopyIsIndependent) {
  ApiDriver driver;
  driver.create("project", project("a"));
  ApiDriver copy = driver;
  EXPECT_EQ(copy.api.dump(), driver.api.dump());
  copy.create("project", project("b"));
  EXPECT_EQ(copy.api.count("project"), 3U);
  EXPECT_EQ(driver.api.count("project"), 2U);
  driver.create("project", project("b"));
  EXPECT_EQ(copy.api.dump(), driver.api.dump()) << "the same requests must give the same uuids";
}

TEST(Snapshot, TheSeedChoosesTheUuids) {
  EXPECT_EQ(standin::ConfigApi(7).dump(), standin::ConfigApi(7).dump());
  EXPECT_NE(standin::ConfigApi(7).dump(), standin::ConfigApi(8).dump());
}

TEST(SavedState, LoadsTheSameState) {
  ApiDriver driver;
  driver.create_network("n", "10.1.0.0", 24);
  driver.create_instance_ip("a", "n");
  driver.create_instance_ip("b", "n", {{"instance_ip_address", "10.1.0.7"}});
  const std::string uuid =
      driver.get("/virtual-networks?fq_names=default-domain:default-project:n")["virtual-networks"][0]["uuid"];
  EXPECT_EQ(driver.get("/virtual-network/" + uuid)["virtual-network"]["fq_name"][2], "n");
  driver.status("POST", "/virtual-network/" + uuid + "/ip-alloc", {{"count", 3}});

  ApiDriver loaded;
  loaded.api = standin::ConfigApi::load(driver.api.save());
  EXPECT_EQ(loaded.api.dump(), driver.api.dump());
  EXPECT_EQ(loaded.api.save(), driver.api.save());
  EXPECT_EQ(loaded.create_instance_ip("c", "n"), driver.create_instance_ip("c", "n"));
  EXPECT_EQ(loaded.api.dump(), driver.api.dump());
  EXPECT_EQ(loaded.send("GET", "/virtual-network/" + uuid).headers,
            driver.send("GET", "/virtual-network/" + uuid).headers)
      << "the Etag must survive";
}

TEST(SavedState, InvalidTextIsRefusedWithAReason) {
  for (const char* text : {"", "{", "[]", R"({"format":"x"})", R"({"format":"config-api state 1"})"}) {
    EXPECT_THROW(standin::ConfigApi::load(text), std::runtime_error) << text;
  }
  std::string state = standin::ConfigApi().save();
  state.replace(state.find("\"domain\""), 8, "\"banana\"");
  EXPECT_THROW(standin::ConfigApi::load(state), std::runtime_error);
}

TEST(Addresses, AMovedInstanceIpLeaksItsOldAddressAndReservesNoNewOne) {
  ApiDriver driver;
  driver.create_network("from", "10.1.0.0", 29);
  driver.create_network("to", "10.1.0.0", 29);
  const std::string address = driver.create_instance_ip("a", "from");
  const std::string uuid = driver.get("/instance-ips")["instance-ips"][0]["uuid"];
  const json moved = {
      {"instance-ip", {{"virtual_network_refs", {{{"to", {"default-domain", "default-project", "to"}}}}}}}};
  EXPECT_EQ(driver.status("PUT", "/instance-ip/" + uuid, moved), 200);
  EXPECT_EQ(driver.create_instance_ip("b", "to"), address) << "no address was reserved in the new network";
  EXPECT_EQ(driver.send("DELETE", "/instance-ip/" + uuid).status, 200);
  driver.create_instance_ip("c", "from", {{"instance_ip_address", address}});
  EXPECT_EQ(driver.last_status, 409) << "the old address must have leaked";
}

TEST(Addresses, AnAllocationOfTooManyAddressesTakesNone) {
  ApiDriver driver;
  const std::string network = driver.create_network("n", "10.1.0.0", 29);
  EXPECT_EQ(driver.status("POST", "/virtual-network/" + network + "/ip-alloc", {{"count", 5}}), 400);
  EXPECT_EQ(driver.status("POST", "/virtual-network/" + network + "/ip-alloc", {{"count", 4}}), 200);
  EXPECT_EQ(driver.status("POST", "/virtual-network/" + network + "/ip-alloc", {{"count", 1}}), 400);
  EXPECT_EQ(driver.status("POST", "/virtual-network/" + network + "/ip-alloc", {{"count", 1000000000000}}), 400);
}

TEST(Addresses, TheGatewayCanBeAssignedRepeatedly) {
  ApiDriver driver;
  driver.create_network("n", "10.1.0.0", 24);
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(driver.create_instance_ip(name, "n", {{"instance_ip_address", "10.1.0.254"}}), "10.1.0.254");
  }
}

TEST(Addresses, AllocationPoolsAndAscendingOrderAreSupported) {
  ApiDriver driver;
  const json pools = {{"allocation_pools", {{{"start", "10.1.0.10"}, {"end", "10.1.0.11"}}}}};
  driver.create_network("pooled", "10.1.0.0", 24, pools);
  EXPECT_EQ(driver.create_instance_ip("a", "pooled"), "10.1.0.11");
  EXPECT_EQ(driver.create_instance_ip("b", "pooled"), "10.1.0.10");
  EXPECT_EQ(driver.create_instance_ip("c", "pooled"), "");
  EXPECT_EQ(driver.last_status, 400);

  driver.create_network("upwards", "10.2.0.0", 24, {{"addr_from_start", true}});
  EXPECT_EQ(driver.create_instance_ip("d", "upwards"), "10.2.0.3") << "after gateway and DNS";
}

TEST(Addresses, EveryAddressOfASubnetIsAssignedOnce) {
  ApiDriver driver;
  driver.create_network("n", "10.1.0.0", 24);
  std::set<std::string> seen;
  for (int i = 0; i < 252; ++i) seen.insert(driver.create_instance_ip("ip-" + std::to_string(i), "n"));
  EXPECT_EQ(seen.size(), 252U) << "254 less gateway and DNS";
  EXPECT_EQ(driver.create_instance_ip("one more", "n"), "");
  for (const char* reserved : {"10.1.0.0", "10.1.0.253", "10.1.0.254", "10.1.0.255"})
    EXPECT_FALSE(seen.contains(reserved));
}

TEST(Addresses, ASubnetWithAFloatingIpCannotBeRemoved) {
  ApiDriver driver;
  const std::string network = driver.create_network("n", "10.1.0.0", 24);
  driver.create("floating-ip-pool",
                {{"fq_name", {"default-domain", "default-project", "n", "p"}}, {"parent_type", "virtual-network"}});
  const std::string ip = driver.create(
      "floating-ip",
      {{"fq_name", {"default-domain", "default-project", "n", "p", "f"}}, {"parent_type", "floating-ip-pool"}});
  ASSERT_FALSE(ip.empty());
  const json none = {{"virtual-network", {{"network_ipam_refs", json::array()}}}};
  EXPECT_EQ(driver.status("PUT", "/virtual-network/" + network, none), 409);
  EXPECT_EQ(driver.send("DELETE", "/floating-ip/" + ip).status, 200);
  EXPECT_EQ(driver.status("PUT", "/virtual-network/" + network, none), 200);
  EXPECT_EQ(driver.create_instance_ip("a", "n"), "") << "without subnets there are no addresses";
}

TEST(Orphans, CannotBeAccessedButTheirNamesAndUuidsStayInUse) {
  ApiDriver driver;
  const std::string parent = driver.create("project", project("p"));
  const json network = {{"fq_name", {"default-domain", "p", "default-virtual-network"}}, {"parent_type", "project"}};
  const std::string orphan = driver.create("virtual-network", network);
  EXPECT_EQ(driver.send("DELETE", "/project/" + parent).status, 200);
  EXPECT_EQ(driver.send("GET", "/virtual-network/" + orphan).status, 404);
  EXPECT_EQ(driver.send("DELETE", "/virtual-network/" + orphan).status, 404);
  EXPECT_EQ(driver.status("PUT", "/virtual-network/" + orphan, {{"virtual-network", json::object()}}), 404);
  EXPECT_EQ(driver.get("/virtual-networks?detail=true")["virtual-networks"].size(), 4U);
  driver.create("project", project("p"));
  driver.create("virtual-network", network);
  EXPECT_EQ(driver.last_status, 409);
  json same_uuid = project("q");
  same_uuid["uuid"] = orphan;
  driver.create("project", same_uuid);
  EXPECT_EQ(driver.last_status, 409);
}

TEST(References, ADanglingReferenceIsResolvedOnceItsTargetExists) {
  ApiDriver driver;
  const std::string network = driver.create_network("n", "10.1.0.0", 24);
  const std::string later = "c0ffee00-0000-4000-8000-000000000000";
  const json dangling = {{"virtual-network", {{"network_policy_refs", {{{"uuid", later}, {"attr", nullptr}}}}}}};
  EXPECT_EQ(driver.status("PUT", "/virtual-network/" + network, dangling), 200);
  EXPECT_EQ(driver.get("/virtual-network/" + network)["virtual-network"]["network_policy_refs"][0]["to"],
            json({"ERROR"}));
  EXPECT_TRUE(driver.get("/virtual-networks?back_ref_id=" + later)["virtual-networks"].empty());
  driver.create("network-policy",
                {{"fq_name", {"default-domain", "default-project", "q"}}, {"parent_type", "project"}, {"uuid", later}});
  EXPECT_EQ(driver.get("/virtual-network/" + network)["virtual-network"]["network_policy_refs"][0]["to"][2], "q");
  EXPECT_EQ(driver.send("DELETE", "/network-policy/" + later).status, 409);
}

TEST(References, ADanglingReferenceCanBeDeletedByItsUuid) {
  ApiDriver driver;
  const std::string network = driver.create_network("n", "10.1.0.0", 24);
  const std::string missing = "c0ffee00-0000-4000-8000-000000000000";
  driver.status("PUT", "/virtual-network/" + network,
                {{"virtual-network", {{"network_policy_refs", {{{"uuid", missing}, {"attr", nullptr}}}}}}});
  const json removal = {{"type", "virtual-network"},
                        {"uuid", network},
                        {"ref-type", "network-policy"},
                        {"ref-uuid", missing},
                        {"operation", "DELETE"}};
  EXPECT_EQ(driver.status("POST", "/ref-update", removal), 200);
  EXPECT_FALSE(driver.get("/virtual-network/" + network)["virtual-network"].contains("network_policy_refs"));
}

TEST(References, ADuplicateTargetIsStoredOnce) {
  ApiDriver driver;
  const json ipam = ApiDriver::ipam_reference(json::array());
  const std::string network = driver.create("virtual-network", {{"fq_name", {"default-domain", "default-project", "n"}},
                                                                {"parent_type", "project"},
                                                                {"network_ipam_refs", {ipam, ipam}}});
  EXPECT_EQ(driver.get("/virtual-network/" + network)["virtual-network"]["network_ipam_refs"].size(), 1U);
}

TEST(Update, ARefusedPutChangesNothing) {
  ApiDriver driver;
  const std::string network = driver.create_network("n", "10.1.0.0", 24);
  const std::string before = driver.api.dump();
  const json bad = {
      {"virtual-network",
       {{"display_name", "changed"},
        {"network_policy_refs", {{{"to", {"default-domain", "default-project", "gone"}}, {"attr", nullptr}}}}}}};
  EXPECT_EQ(driver.status("PUT", "/virtual-network/" + network, bad), 400);
  EXPECT_EQ(driver.api.dump(), before);
}

TEST(Update, ItemsOfAListPropertyCanBeChangedOneByOne) {
  ApiDriver driver;
  driver.create_network("n", "10.1.0.0", 24);
  driver.create("floating-ip-pool",
                {{"fq_name", {"default-domain", "default-project", "n", "p"}}, {"parent_type", "virtual-network"}});
  const std::string ip = driver.create(
      "floating-ip",
      {{"fq_name", {"default-domain", "default-project", "n", "p", "f"}}, {"parent_type", "floating-ip-pool"}});
  const auto change = [&](const json& update) {
    return driver.status("POST", "/prop-collection-update", {{"uuid", ip}, {"updates", {update}}});
  };
  const auto mappings = [&] {
    return driver.get("/floating-ip/" + ip)["floating-ip"]["floating_ip_port_mappings"]["port_mappings"];
  };
  const json first = {{"protocol", "tcp"}, {"src_port", 1}, {"dst_port", 1}};
  const json second = {{"protocol", "udp"}, {"src_port", 2}, {"dst_port", 2}};
  const std::string field = "floating_ip_port_mappings";
  EXPECT_EQ(change({{"field", field}, {"operation", "add"}, {"value", first}}), 200);
  EXPECT_EQ(change({{"field", field}, {"operation", "add"}, {"value", second}}), 200);
  EXPECT_EQ(mappings(), json::array({first, second}));
  EXPECT_EQ(change({{"field", field}, {"operation", "modify"}, {"value", second}, {"position", "0"}}), 200);
  EXPECT_EQ(mappings(), json::array({second, second}));
  EXPECT_EQ(change({{"field", field}, {"operation", "delete"}, {"position", "1"}}), 200);
  EXPECT_EQ(mappings(), json::array({second}));
  EXPECT_EQ(change({{"field", field}, {"operation", "delete"}}), 400);
  EXPECT_EQ(change({{"field", field}, {"operation", "set"}, {"value", first}}), 400);
}

TEST(Lists, ThePagesTogetherEqualTheWholeList) {
  ApiDriver driver;
  for (int i = 0; i < 23; ++i) driver.create("project", project("p" + std::to_string(i)));
  const json whole = driver.get("/projects")["projects"];
  for (const int limit : {1, 5, 8, 24, 100}) {
    json paged = json::array();
    std::string marker;
    for (int pages = 0; pages < 30; ++pages) {
      const json page = driver.get("/projects?page_marker=" + marker + "&page_limit=" + std::to_string(limit));
      for (const json& row : page["projects"]) paged.push_back(row);
      if (page["marker"].is_null()) break;
      marker = page["marker"].get<std::string>();
    }
    EXPECT_EQ(paged, whole) << "pages of " << limit;
  }
}

TEST(Lists, BulkAndGetGiveTheSameAnswer) {
  ApiDriver driver;
  driver.create_network("n", "10.1.0.0", 24);
  const std::string parent = driver.get("/projects")["projects"][0]["uuid"];
  const json bulk = {
      {"type", "virtual-network"}, {"parent_id", parent}, {"fields", {"display_name", "network_ipam_refs"}}};
  EXPECT_EQ(
      driver.send("POST", "/list-bulk-collection", bulk.dump()).body,
      driver.send("GET", "/virtual-networks?parent_id=" + parent + "&fields=display_name,network_ipam_refs").body);
}

TEST(Lists, AcceptFourHundredUuidsInOneUrl) {
  ApiDriver driver;
  std::string uuids;
  for (int i = 0; i < 400; ++i) uuids += driver.create("project", project("p" + std::to_string(i))) + ",";
  EXPECT_EQ(driver.get("/projects?obj_uuids=" + uuids)["projects"].size(), 400U);
}

TEST(BadRequests, AreRefusedAndChangeNothing) {
  ApiDriver driver;
  const std::string before = driver.api.dump();
  const std::string deep = R"({"virtual-network":{"ecmp_hashing_include_fields":)" + std::string(100000, '[') +
                           std::string(100000, ']') + "}}";
  const std::pair<std::string, int> bodies[] = {
      {deep, 500},
      {"{\"virtual-network\":{\"fq_name\":[\"\xff\"]}}", 500},
      {R"({"virtual-network":{"fq_name":["\ud800"]}})", 500},
      {"[]", 500},
      {"null", 500},
      {R"({"virtual-network":null})", 500},
      {R"({"virtual-network":{"fq_name":"x"}})", 400},
      {R"({"virtual-network":{"fq_name":[]}})", 400},
      {R"({"virtual-network":{"fq_name":[1]}})", 400},
      {R"({"virtual-network":{"fq_name":["default-domain","default-project","x"],"parent_type":"project","network_ipam_refs":{}}})",
       400},
      {R"({"virtual-network":{"fq_name":["default-domain","default-project","x"],"parent_type":"project","network_ipam_refs":[1]}})",
       400},
      {R"({"virtual-network":{"fq_name":["default-domain","default-project","x"],"parent_type":7}})", 500},
      {R"({"virtual-network":{"fq_name":["default-domain","default-project","x"],"parent_type":"project","uuid":7}})",
       500},
  };
  for (const auto& [body, status] : bodies) {
    EXPECT_EQ(driver.send("POST", "/virtual-networks", body).status, status) << body.substr(0, 100);
  }
  EXPECT_EQ(driver.send("GET", "").status, 200) << "an empty target is the homepage";
  EXPECT_EQ(driver.send("GET", "/%zz%").status, 404);
  EXPECT_EQ(driver.send("GET", "/projects?page_marker=&page_limit=-1").status, 400);
  EXPECT_EQ(driver.send("GET", "/projects?filters=nonsense").status, 400);
  EXPECT_EQ(driver.send("DELETE", "/projects").status, 405);
  EXPECT_EQ(driver.send("GET", "/ref-update").status, 405);
  EXPECT_EQ(driver.api.dump(), before);
}

TEST(BadRequests, ErrorsAreTextUnderTextHtml) {
  ApiDriver driver;
  const standin::Response response = driver.send("GET", "/virtual-network/zzz");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "text/html");
  EXPECT_FALSE(response.body.empty());
}

}  // namespace
}  // namespace conformance
