#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

// The addresses of LoadBalancer Services, from the Service to its status and back.
namespace knm::test {
namespace {

ServiceOptions balanced(const std::string& request = "") {
  ServiceOptions options;
  options.type = k8s::ServiceType::load_balancer;
  options.load_balancer_ip = request;
  return options;
}

Settings small_range(const std::string& range = "192.0.2.0/29") {
  auto settings = demo_settings();
  settings.public_ip_range = {*contrail::Cidr::parse(range)};
  return settings;
}

class LoadBalancerAddresses : public testing::Test {
 protected:
  void begin(Settings settings = demo_settings()) {
    world_.emplace(std::move(settings));
    world_->apply(make_namespace("a"));
    world_->start();
  }
  k8s::Service service(const std::string& name, ServiceOptions options = balanced()) {
    return make_service("a", name, "web", "10.254.0." + std::to_string(10 + name.back() - 'a'), options);
  }
  void apply(const k8s::Service& object) {
    world_->apply(object);
    ASSERT_TRUE(world_->converge());
  }
  std::vector<std::string> status(const std::string& name) const {
    return world_->cluster().services.at("a/" + name).ingress_ips;
  }
  // The addresses in the public pool that are marked as made for this Service.
  std::vector<std::string> floating_ips(const std::string& name) {
    std::vector<std::string> out;
    const auto dump = nlohmann::json::parse(world_->api().dump());
    for (const auto& object : dump.value("floating-ip", nlohmann::json::array())) {
      if (object["fq_name"][2] != "Public") continue;
      const auto& marks = object["annotations"]["key_value_pair"];
      const nlohmann::json made_for{{"key", "opencontrail.org/object"}, {"value", "a/" + name}};
      if (std::find(marks.begin(), marks.end(), made_for) != marks.end()) out.push_back(object["floating_ip_address"]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  void forge(const std::string& name, std::vector<std::string> addresses) {
    auto object = world_->cluster().services.at("a/" + name);
    object.ingress_ips = std::move(addresses);
    world_->apply(object);
    if (world_->runs()) ASSERT_TRUE(world_->converge());
  }
  bool complains(const std::string& name, const std::string& reason) {
    const auto& pages = world_->engine().problems().pages();
    const auto page = pages.find({SubjectKind::service, "a/" + name});
    if (page == pages.end()) return false;
    const auto all = page->second.all();
    return std::any_of(all.begin(), all.end(), [&](const auto& problem) { return problem.reason == reason; });
  }
  void put_stranger(const std::string& address) {
    OtherClient(world_->api())
        .create("floating-ip",
                {{"fq_name", split_name("default-domain:default-project:Public:Public:theirs-" + address)},
                 {"parent_type", "floating-ip-pool"},
                 {"floating_ip_address", address},
                 {"annotations", {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", "west/1"}}}}}}});
  }

  std::optional<World> world_;
};

TEST_F(LoadBalancerAddresses, GetAnAddressThatTheirStatusShows) {
  begin();
  apply(service("s"));
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_EQ(floating_ips("s"), status("s"));
  EXPECT_TRUE(contrail::Cidr::parse("192.0.2.0/24")->contains(*contrail::IpAddress::parse(status("s").front())));
  EXPECT_FALSE(complains("s", "NoPublicAddress"));
}

TEST_F(LoadBalancerAddresses, ARestartWritesNothing) {
  begin();
  apply(service("s"));
  world_->clear_log();
  world_->restart();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(world_->writes() + world_->patches(), 0U) << testing::PrintToString(world_->write_list());
}

TEST_F(LoadBalancerAddresses, ARequestedAddressIsHonouredAndMoved) {
  begin();
  apply(service("s", balanced("192.0.2.77")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
  apply(service("s", balanced("192.0.2.78")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.78"});
  EXPECT_EQ(floating_ips("s"), std::vector<std::string>{"192.0.2.78"});
}

TEST_F(LoadBalancerAddresses, ARequestThatCannotBeHonouredIsReportedAndMovesNothing) {
  begin();
  apply(service("s", balanced("203.0.113.1")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(complains("s", "AddressOutOfRange"));
  apply(service("s", balanced("192.0.2.254")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(complains("s", "AddressReserved"));
  apply(service("s"));
  const auto given = status("s");
  ASSERT_EQ(given.size(), 1U);
  apply(service("s", balanced("203.0.113.1")));
  EXPECT_EQ(status("s"), given);
  apply(service("s", balanced("rubbish")));
  EXPECT_TRUE(complains("s", "InvalidLoadBalancerIP"));
  EXPECT_EQ(status("s"), given);
}

TEST_F(LoadBalancerAddresses, ARequestForSomebodyElsesAddressIsHonouredOnceItIsFree) {
  auto settings = demo_settings();
  settings.address_rest = std::chrono::seconds(0);
  begin(settings);
  apply(service("s", balanced("192.0.2.77")));
  apply(service("t", balanced("192.0.2.77")));
  EXPECT_TRUE(status("t").empty());
  EXPECT_TRUE(complains("t", "AddressInUse"));
  world_->remove_service("a/s");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("t"), std::vector<std::string>{"192.0.2.77"});
  EXPECT_FALSE(complains("t", "AddressInUse"));
}

TEST_F(LoadBalancerAddresses, AnExhaustedRangeIsReportedAndRetried) {
  begin(small_range());  // .1 to .4 are given out
  for (const auto* name : {"a", "b", "c", "d"}) apply(service(name));
  apply(service("e"));
  EXPECT_TRUE(status("e").empty());
  EXPECT_TRUE(complains("e", "NoPublicAddress"));
  const auto freed = status("b");
  world_->remove_service("a/b");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("e"), freed);
  EXPECT_FALSE(complains("e", "NoPublicAddress"));
}

TEST_F(LoadBalancerAddresses, AForgedStatusIsPutRight) {
  begin();
  apply(service("s"));
  const auto given = status("s");
  for (const auto& forged : {"203.0.113.9", "192.0.2.99", "rubbish"}) {
    forge("s", {forged});
    EXPECT_EQ(status("s"), given);
    EXPECT_EQ(floating_ips("s"), given);
  }
}

TEST_F(LoadBalancerAddresses, ClassesOfOthersAreLeftAlone) {
  auto settings = demo_settings();
  settings.load_balancer_class = "example.com/ours";
  begin(settings);
  auto theirs = service("s");
  theirs.has_load_balancer_class = true;
  theirs.load_balancer_class = "example.com/theirs";
  theirs.ingress_ips = {"198.51.100.1"};
  apply(theirs);
  EXPECT_EQ(status("s"), std::vector<std::string>{"198.51.100.1"});
  EXPECT_EQ(world_->patches(), 0U);
  auto ours = service("t");
  ours.has_load_balancer_class = true;
  ours.load_balancer_class = "example.com/ours";
  apply(ours);
  EXPECT_EQ(status("t").size(), 1U);
}

TEST_F(LoadBalancerAddresses, WithoutTheDefaultNoClassIsAnothers) {
  auto settings = demo_settings();
  settings.load_balancer_default = false;
  begin(settings);
  apply(service("s"));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, AnotherTypeReleasesTheAddress) {
  begin();
  apply(service("s"));
  apply(service("s", {}));
  EXPECT_TRUE(floating_ips("s").empty());
  EXPECT_TRUE(status("s").empty());
}

TEST_F(LoadBalancerAddresses, AnotherClassReleasesTheAddressAndTheStatus) {
  begin();
  apply(service("s"));
  auto theirs = service("s");
  theirs.has_load_balancer_class = true;
  theirs.load_balancer_class = "example.com/theirs";
  apply(theirs);
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, StrangersInThePoolAreAvoided) {
  begin(small_range());
  ASSERT_TRUE(world_->converge());
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.4"}) put_stranger(address);
  world_->restart();
  world_->clear_log();
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.3"});
  const auto refused = std::count_if(world_->log().begin(), world_->log().end(),
                                     [](const auto& exchange) { return exchange.status == 409; });
  EXPECT_EQ(refused, 0);
}

TEST_F(LoadBalancerAddresses, AnAddressThatTheServerRefusesIsReplaced) {
  begin(small_range());
  ASSERT_TRUE(world_->converge());
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.4"}) put_stranger(address);
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.3"});
}

TEST_F(LoadBalancerAddresses, ExternalIpsOfOthersAreAvoided) {
  begin(small_range());
  ServiceOptions options;
  options.external_ips = {"192.0.2.1", "192.0.2.2", "192.0.2.4"};
  apply(service("x", options));
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.3"});
}

TEST_F(LoadBalancerAddresses, DualStackHasOneOfEachFamily) {
  auto settings = demo_settings();
  settings.public_ip_range.push_back(*contrail::Cidr::parse("2001:db8::/64"));
  settings.service_cluster_ip_range.push_back(*contrail::Cidr::parse("fd00:20::/112"));
  begin(settings);
  auto object = service("s");
  object.cluster_ips.emplace_back("fd00:20::10");
  apply(object);
  ASSERT_EQ(status("s").size(), 2U);
  EXPECT_NE(status("s")[0].find('.'), std::string::npos);
  EXPECT_NE(status("s")[1].find(':'), std::string::npos);
  EXPECT_EQ(floating_ips("s").size(), 2U);
}

TEST_F(LoadBalancerAddresses, ARebuiltConfigApiGivesTheAddressBack) {
  begin();
  apply(service("s", balanced("192.0.2.77")));
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
  world_->crash();
  world_->api() = standin::ConfigApi();
  world_->start();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(floating_ips("s"), std::vector<std::string>{"192.0.2.77"});
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
}

TEST_F(LoadBalancerAddresses, ARebuiltConfigApiGivesEverybodyTheirsBack) {
  begin(small_range());
  std::map<std::string, std::vector<std::string>> before;
  for (const auto* name : {"b", "c", "d", "e"}) apply(service(name)), before[name] = status(name);
  world_->crash();
  world_->api() = standin::ConfigApi();
  world_->apply(service("a"));
  world_->start();
  ASSERT_TRUE(world_->converge());
  for (const auto& [name, addresses] : before) EXPECT_EQ(status(name), addresses) << name;
  EXPECT_TRUE(status("a").empty());
  EXPECT_TRUE(complains("a", "NoPublicAddress"));
}

// --- Who has an address that several say is theirs

TEST_F(LoadBalancerAddresses, AForgedStatusTakesNothingFromAYoungerService) {
  begin();
  auto options = balanced();
  options.created = 1;
  apply(service("o", options));
  options.created = 2;
  apply(service("y", options));
  const auto older = status("o"), younger = status("y");
  world_->clear_log();
  forge("o", younger);
  EXPECT_EQ(status("o"), older);
  EXPECT_EQ(status("y"), younger);
  world_->crash();
  forge("o", younger);
  world_->start();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("o"), older);
  EXPECT_EQ(status("y"), younger);
  EXPECT_EQ(world_->writes(), 0U) << testing::PrintToString(world_->write_list());
}

TEST_F(LoadBalancerAddresses, AForgedStatusGetsNothingOutOfAnExhaustedRange) {
  begin(small_range());
  auto options = balanced();
  options.created = 2;
  for (const auto* name : {"a", "b", "c", "d"}) apply(service(name, options));
  options.created = 1;
  apply(service("o", options));
  for (const bool anew : {false, true}) {
    const auto others = status("b");
    if (anew) world_->crash();
    forge("o", others);
    if (anew) world_->start();
    ASSERT_TRUE(world_->converge());
    EXPECT_TRUE(status("o").empty()) << anew;
    EXPECT_EQ(status("b"), others) << anew;
    EXPECT_EQ(floating_ips("b"), others) << anew;
  }
}

TEST_F(LoadBalancerAddresses, AForgedStatusTakesNoExternalIpFromAYoungerService) {
  begin(small_range());
  ServiceOptions options;
  options.external_ips = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"};
  options.created = 2;
  apply(service("x", options));
  auto older = balanced();
  older.created = 1;
  apply(service("o", older));
  EXPECT_TRUE(status("o").empty());
  forge("o", {"192.0.2.2"});
  EXPECT_TRUE(status("o").empty());
  EXPECT_EQ(floating_ips("x").size(), 4U);
}

TEST_F(LoadBalancerAddresses, OfALoadBalancerAndAnExternalIpTheOlderHasTheAddress) {
  begin();
  auto options = balanced();
  options.created = 2;
  apply(service("s", options));
  const auto given = status("s");
  ServiceOptions claim;
  claim.external_ips = given;
  claim.created = 3;
  apply(service("y", claim));
  EXPECT_TRUE(complains("y", "AddressInUse"));
  EXPECT_TRUE(floating_ips("y").empty());
  EXPECT_EQ(floating_ips("s"), given);
  claim.created = 1;
  apply(service("o", claim));
  EXPECT_EQ(floating_ips("o"), given);
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_NE(status("s"), given);
  EXPECT_EQ(floating_ips("s"), status("s"));
  world_->remove_service("a/o");
  world_->remove_service("a/s");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(floating_ips("y"), given);
  EXPECT_FALSE(complains("y", "AddressInUse"));
}

TEST_F(LoadBalancerAddresses, ARequestIsHonouredOnceItIsFreeThoughTheServiceHasAnother) {
  auto settings = demo_settings();
  settings.address_rest = std::chrono::seconds(0);
  begin(settings);
  apply(service("s", balanced("192.0.2.77")));
  apply(service("t"));
  const auto given = status("t");
  apply(service("t", balanced("192.0.2.77")));
  EXPECT_EQ(status("t"), given);
  world_->remove_service("a/s");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("t"), std::vector<std::string>{"192.0.2.77"});
}

TEST_F(LoadBalancerAddresses, ARequestForAStrangersAddressIsHonouredOnceAnAuditShowsThatItIsFree) {
  begin();
  apply(service("t"));
  put_stranger("192.0.2.77");
  apply(service("s", balanced("192.0.2.77")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(complains("s", "AddressInUse"));
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(world_->converge());
  OtherClient(world_->api()).remove("floating-ip", "default-domain:default-project:Public:Public:theirs-192.0.2.77");
  ASSERT_TRUE(world_->audit());
  while (world_->step()) continue;  // and no time passes
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
}

TEST_F(LoadBalancerAddresses, ARangeThatTheServerSaysIsExhaustedIsReported) {
  begin(small_range());
  ASSERT_TRUE(world_->converge());
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) put_stranger(address);
  world_->apply(service("s"));
  for (int steps = 0; steps < 200 && !complains("s", "NoPublicAddress"); ++steps) world_->step();
  EXPECT_TRUE(complains("s", "NoPublicAddress"));
}

// --- A status that cannot be written

TEST_F(LoadBalancerAddresses, AStatusThatMayNotBeWrittenIsWrittenOnceItMay) {
  begin();
  std::size_t refusals = 0;
  world_->set_patch_fault([&]() -> std::optional<PatchAnswer> {
    if (++refusals > 5) return std::nullopt;
    return PatchAnswer{PatchResult::failed, 0, "services is forbidden"};
  });
  apply(service("s"));
  EXPECT_EQ(refusals, 6U);
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_EQ(floating_ips("s"), status("s"));
}

TEST_F(LoadBalancerAddresses, TheStatusOfASuccessorIsWrittenThoughItsPredecessorsWasRefused) {
  begin();
  auto options = balanced();
  world_->set_patch_fault([&, first = true]() mutable -> std::optional<PatchAnswer> {
    if (!std::exchange(first, false)) return std::nullopt;
    world_->remove_service("a/s");
    options.incarnation = 2;
    world_->apply(service("s", options));
    return PatchAnswer{PatchResult::gone, 0, "the UID in the precondition does not match"};
  });
  apply(service("s"));
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_EQ(floating_ips("s"), status("s"));
}

TEST_F(LoadBalancerAddresses, AnotherWhoWritesOurFormerAddressBackIsLeftToIt) {
  begin();
  apply(service("s"));
  const auto ours = status("s");
  auto theirs = world_->cluster().services.at("a/s");
  theirs.has_load_balancer_class = true;
  theirs.load_balancer_class = "example.com/theirs";
  world_->apply(theirs);
  while (!status("s").empty()) ASSERT_TRUE(world_->step());
  EXPECT_EQ(floating_ips("s"), ours);
  world_->clear_log();
  forge("s", ours);
  EXPECT_EQ(status("s"), ours);
  EXPECT_EQ(world_->patches(), 0U);
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, AStatusIsNotWrittenForABackend) {
  begin();
  auto object = service("s");
  object.has_selector = true;
  apply(object);
  const auto pod = make_pod("a", "web-0", "web");
  world_->apply(pod);
  ASSERT_TRUE(world_->converge());
  world_->clear_log();
  world_->apply(make_slice("a", "s", {pod}));
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(world_->patches(), 0U);
  EXPECT_GT(world_->writes(), 0U);
}

// --- What others have made

TEST_F(LoadBalancerAddresses, AnUnmarkedFloatingIpOfTheServicesNameIsAdoptedWithItsAddress) {
  begin();
  ASSERT_TRUE(world_->converge());
  OtherClient other(world_->api());
  const std::string name = "default-domain:default-project:Public:Public:a_s";
  const auto uuid = other.create(
      "floating-ip",
      {{"fq_name", split_name(name)}, {"parent_type", "floating-ip-pool"}, {"floating_ip_address", "192.0.2.10"}});
  world_->restart();
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.10"});
  EXPECT_EQ(other.get("floating-ip", name)["uuid"], uuid);
}

TEST_F(LoadBalancerAddresses, AnUnmarkedFloatingIpWithAnotherAddressIsNotDeleted) {
  begin();
  ASSERT_TRUE(world_->converge());
  OtherClient other(world_->api());
  const std::string name = "default-domain:default-project:Public:Public:a_s";
  const auto uuid = other.create(
      "floating-ip",
      {{"fq_name", split_name(name)}, {"parent_type", "floating-ip-pool"}, {"floating_ip_address", "192.0.2.10"}});
  world_->restart();
  apply(service("s", balanced("192.0.2.20")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.20"});
  EXPECT_EQ(other.get("floating-ip", name)["uuid"], uuid);
  EXPECT_EQ(other.get("floating-ip", name)["floating_ip_address"], "192.0.2.10");
}

// --- A server that fails

TEST_F(LoadBalancerAddresses, AnAddressThatWasToldIsNotGivenUpForAServerThatFails) {
  begin();
  apply(service("s"));
  const auto given = status("s");
  OtherClient other(world_->api());
  other.remove("floating-ip", "default-domain:default-project:Public:Public:a_s");
  int failures = 0;
  world_->set_fault([&](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.method != "POST" || request.target != "/floating-ips" || ++failures > 8) return std::nullopt;
    return ConfigAnswer{Sent::answered, 500, "the database is slow", {}};
  });
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(world_->converge());
  EXPECT_GT(failures, 8);
  EXPECT_EQ(status("s"), given);
  EXPECT_EQ(floating_ips("s"), given);
}

// Wherever it is cut off, the address that reached the server is the one that the status shows in the end.
TEST_F(LoadBalancerAddresses, ACrashAfterAnyWriteChoosesNothingAnew) {
  std::size_t crashes = 0;
  for (std::size_t steps = 1;; ++steps) {
    begin();
    world_->apply(service("s"));
    std::size_t done = 0;
    while (done < steps && world_->step()) ++done;
    if (done < steps) break;
    const auto before = floating_ips("s");
    world_->restart(steps + 7);
    ASSERT_TRUE(world_->converge());
    ++crashes;
    ASSERT_EQ(status("s").size(), 1U) << "after step " << steps;
    EXPECT_EQ(floating_ips("s"), status("s")) << "after step " << steps;
    if (!before.empty()) EXPECT_EQ(before, status("s")) << "after step " << steps;
  }
  EXPECT_GT(crashes, 5U);
}

}  // namespace
}  // namespace knm::test
