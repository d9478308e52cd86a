#include <map>

#include "tests/unit/core/load_balancer_fixture.hpp"

// Which Service gets an address that several claim, and addresses of foreign objects.
namespace knm::test {
namespace {

TEST_F(LoadBalancerAddresses, AForgedStatusTakesNoAddressFromAYoungerService) {
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

TEST_F(LoadBalancerAddresses, AForgedStatusGetsNoAddressOfAnExhaustedRange) {
  begin(small_range());
  auto options = balanced();
  options.created = 2;
  for (const auto* name : {"a", "b", "c", "d"}) apply(service(name, options));
  options.created = 1;
  apply(service("o", options));
  for (const bool restarts : {false, true}) {
    const auto others = status("b");
    if (restarts) world_->crash();
    forge("o", others);
    if (restarts) world_->start();
    ASSERT_TRUE(world_->converge());
    EXPECT_TRUE(status("o").empty()) << restarts;
    EXPECT_EQ(status("b"), others) << restarts;
    EXPECT_EQ(floating_ips("b"), others) << restarts;
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

// A Service keeps its address over a restart and whatever the age of the other claimants.
TEST_F(LoadBalancerAddresses, NoExternalIpTakesTheAddressOfALoadBalancer) {
  begin();
  auto options = balanced();
  options.created = 2;
  apply(service("s", options));
  const auto given = status("s");
  ServiceOptions claim;
  claim.external_ips = given;
  for (const auto& [name, created] : {std::pair{"y", 3}, {"o", 1}}) {
    claim.created = created;
    apply(service(name, claim));
  }
  for (const bool restarts : {false, true}) {
    if (restarts) world_->restart();
    ASSERT_TRUE(world_->converge());
    for (const auto* name : {"y", "o"}) {
      EXPECT_TRUE(reports(name, "AddressInUse")) << name;
      EXPECT_TRUE(floating_ips(name).empty()) << name;
    }
    EXPECT_EQ(floating_ips("s"), given);
    EXPECT_EQ(status("s"), given);
  }
  world_->remove_service("a/s");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(floating_ips("o"), given);
  EXPECT_FALSE(reports("o", "AddressInUse"));
  EXPECT_TRUE(reports("y", "AddressInUse"));
}

// A status is a claim of the second rank: when the config API was rebuilt, specifications come first.
TEST_F(LoadBalancerAddresses, AStatusAloneGivesWayToAnExternalIpOfAYoungerService) {
  begin();
  auto options = balanced();
  options.created = 1;
  apply(service("s", options));
  const auto given = status("s");
  world_->crash();
  OtherClient(world_->api()).remove("floating-ip", "default-domain:default-project:Public:Public:a_s");
  ServiceOptions claim;
  claim.external_ips = given;
  claim.created = 2;
  world_->apply(service("y", claim));
  world_->start();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(floating_ips("y"), given);
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_NE(status("s"), given);
  EXPECT_EQ(floating_ips("s"), status("s"));
}

// The edit is an external IP or a request, before or after a restart.
TEST_F(LoadBalancerAddresses, AnEditOfAnOlderServiceTakesNoAddress) {
  for (const bool by_request : {false, true})
    for (const bool restarts : {false, true}) {
      begin();
      ServiceOptions victim;
      victim.external_ips = {"192.0.2.40"};
      victim.created = 2;
      apply(service("v", victim));
      auto thief = by_request ? balanced() : ServiceOptions();
      thief.created = 1;
      apply(service("t", thief));
      if (restarts) world_->crash();
      by_request ? void(thief.load_balancer_ip = "192.0.2.40") : thief.external_ips.push_back("192.0.2.40");
      world_->apply(service("t", thief));
      if (restarts) world_->start();
      ASSERT_TRUE(world_->converge());
      EXPECT_EQ(floating_ips("v"), std::vector<std::string>{"192.0.2.40"}) << by_request << restarts;
      EXPECT_TRUE(reports("t", "AddressInUse"));
      // The Service keeps the address under other labels and beside other addresses.
      victim.external_ips = {"192.0.2.39", "192.0.2.40"};
      auto moved = service("v", victim);
      moved.meta.labels = {{"name", "db"}};
      apply(moved);
      EXPECT_EQ(floating_ips("v"), (std::vector<std::string>{"192.0.2.39", "192.0.2.40"}));
      EXPECT_FALSE(reports("v", "AddressInUse"));
      EXPECT_EQ(floating_ips("t"), by_request ? status("t") : std::vector<std::string>{});
      // The address is free as soon as no Service claims it.
      apply(service("v", ServiceOptions()));
      const auto thiefs = floating_ips("t");
      EXPECT_NE(std::find(thiefs.begin(), thiefs.end(), "192.0.2.40"), thiefs.end()) << by_request << restarts;
    }
}

TEST_F(LoadBalancerAddresses, TwoServicesCanExchangeTheirAddresses) {
  for (const auto& order : std::vector<std::vector<int>>{{0, 1}, {1, 0}})
    for (const int steps : {0, 3, 1000}) {
      begin();
      apply(service("a", balanced("192.0.2.20")));
      apply(service("b", balanced("192.0.2.21")));
      world_->clear_log();
      for (const int which : order) {
        world_->apply(which == 0 ? service("a", balanced("192.0.2.21")) : service("b", balanced("192.0.2.20")));
        for (int i = 0; i < steps && world_->step();) ++i;
      }
      ASSERT_TRUE(world_->converge());
      EXPECT_EQ(status("a"), std::vector<std::string>{"192.0.2.21"});
      EXPECT_EQ(status("b"), std::vector<std::string>{"192.0.2.20"});
      EXPECT_EQ(floating_ips("a"), status("a"));
      EXPECT_EQ(floating_ips("b"), status("b"));
      for (const auto& exchange : world_->log()) EXPECT_NE(exchange.status, 409) << exchange.request.target;
      EXPECT_FALSE(reports("a", "AddressInUse") || reports("b", "AddressInUse"));
    }
}

TEST_F(LoadBalancerAddresses, ThreeServicesCanExchangeTheirAddressesInARing) {
  begin();
  const std::vector<std::string> names{"a", "b", "c"};
  const auto address = [](std::size_t i) { return "192.0.2." + std::to_string(20 + i % 3); };
  for (std::size_t i = 0; i < 3; ++i) apply(service(names[i], balanced(address(i))));
  for (std::size_t i = 0; i < 3; ++i) apply(service(names[i], balanced(address(i + 1))));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(status(names[i]), std::vector<std::string>{address(i + 1)});
}

// A request that cannot be met must not release the current address.
TEST_F(LoadBalancerAddresses, ARequestOutsideTheRangeKeepsTheCurrentAddress) {
  begin();
  apply(service("a", balanced("192.0.2.20")));
  apply(service("a", balanced("203.0.113.1")));
  apply(service("b", balanced("192.0.2.20")));
  EXPECT_EQ(status("a"), std::vector<std::string>{"192.0.2.20"});
  EXPECT_TRUE(status("b").empty());
  EXPECT_TRUE(reports("b", "AddressInUse"));
}

// The rule holds for both kinds of claims.
TEST_F(LoadBalancerAddresses, AFreedAddressGoesToTheOldestWaitingService) {
  const auto claim = [](bool by_request, std::int64_t created) {
    auto options = by_request ? balanced("192.0.2.50") : ServiceOptions();
    if (!by_request) options.external_ips = {"192.0.2.50"};
    options.created = created;
    return options;
  };
  for (const bool held_by_request : {false, true})
    for (const bool older : {false, true})
      for (const bool younger : {false, true})
        for (const bool older_first : {false, true}) {
          SCOPED_TRACE(std::to_string(held_by_request) + std::to_string(older) + std::to_string(younger));
          begin();
          apply(service("h", claim(held_by_request, 5)));
          apply(older_first ? service("o", claim(older, 1)) : service("y", claim(younger, 2)));
          apply(older_first ? service("y", claim(younger, 2)) : service("o", claim(older, 1)));
          ASSERT_EQ(floating_ips("h"), std::vector<std::string>{"192.0.2.50"});
          world_->clear_log();
          world_->remove_service("a/h");
          ASSERT_TRUE(world_->converge());
          EXPECT_EQ(floating_ips("o"), std::vector<std::string>{"192.0.2.50"});
          EXPECT_TRUE(floating_ips("y").empty());
          EXPECT_TRUE(reports("y", "AddressInUse"));
          EXPECT_FALSE(reports("o", "AddressInUse"));
          for (const auto& exchange : world_->log()) EXPECT_NE(exchange.status, 409) << exchange.request.target;
        }
}

TEST_F(LoadBalancerAddresses, AServiceGetsNoMoreAddressesThanTheLimitOfItsNamespace) {
  auto settings = demo_settings();
  settings.public_address_limit = 3;
  begin(settings);
  ServiceOptions greedy;
  for (int i = 1; i < 253; ++i) greedy.external_ips.push_back("192.0.2." + std::to_string(i));
  apply(service("g", greedy));
  EXPECT_EQ(floating_ips("g"), (std::vector<std::string>{"192.0.2.1", "192.0.2.2", "192.0.2.3"}));
  EXPECT_TRUE(reports("g", "PublicAddressLimit"));
  EXPECT_TRUE(reports("g", "TooManyExternalIPs"));
  apply(service("l"));
  EXPECT_TRUE(status("l").empty());
  EXPECT_TRUE(reports("l", "PublicAddressLimit"));
  EXPECT_FALSE(reports("l", "NoPublicAddress"));
  // Existing addresses stay under a lower limit and over a restart.
  settings.public_address_limit = 1;
  world_->crash();
  world_->configure(settings);
  world_->start();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(floating_ips("g").size(), 3U);
  greedy.external_ips = {"192.0.2.1", "192.0.2.9"};
  apply(service("g", greedy));
  EXPECT_EQ(floating_ips("g"), std::vector<std::string>{"192.0.2.1"});
  greedy.external_ips = {};
  apply(service("g", greedy));
  EXPECT_EQ(status("l").size(), 1U);
}

TEST_F(LoadBalancerAddresses, ARequestIsMetOnceItIsFreeAlthoughTheServiceHasAnother) {
  auto settings = demo_settings();
  settings.address_cool_down = std::chrono::seconds(0);
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

TEST_F(LoadBalancerAddresses, ARequestForAForeignAddressIsMetOnceAnAuditShowsThatItIsFree) {
  begin();
  apply(service("t"));
  create_foreign("192.0.2.77");
  apply(service("s", balanced("192.0.2.77")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(reports("s", "AddressInUse"));
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(world_->converge());
  OtherClient(world_->api()).remove("floating-ip", "default-domain:default-project:Public:Public:theirs-192.0.2.77");
  ASSERT_TRUE(world_->audit());
  while (world_->step()) continue;  // no time passes
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
}

// The same at once, where the config API notifies of it: no request finds out that the address is taken, and none that
// it is free.
TEST_F(LoadBalancerAddresses, ARequestForAForeignAddressIsMetOnceANotificationShowsThatItIsFree) {
  begin(demo_settings(), true);
  apply(service("t"));
  create_foreign("192.0.2.77");
  world_->deliver_all();
  world_->clear_log();
  apply(service("s", balanced("192.0.2.77")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(reports("s", "AddressInUse"));
  other().remove("floating-ip", "default-domain:default-project:Public:Public:theirs-192.0.2.77");
  while (world_->step()) continue;  // no time passes
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
  EXPECT_EQ(world_->reads(), 0U);
  for (const auto& exchange : world_->log()) EXPECT_EQ(exchange.status, 200);
}

// The events of one turn of the loop are settled together: a Service that waits is bound once, not once for each of
// them.
TEST_F(LoadBalancerAddresses, NotificationsOfOneTurnAreBoundTogether) {
  const std::map<std::string, std::string> wishes{{"s", "192.0.2.77"}, {"u", "192.0.2.78"}};
  begin(demo_settings(), true);
  apply(service("t"));
  for (const auto& [name, address] : wishes) create_foreign(address);
  world_->deliver_all();
  for (const auto& [name, address] : wishes) apply(service(name, balanced(address)));
  for (const auto& [name, address] : wishes)
    other().remove("floating-ip", "default-domain:default-project:Public:Public:theirs-" + address);
  world_->deliver_all();
  const auto given = [&](const std::string& name) {
    std::vector<std::string> out;
    for (const auto& address : world_->engine().binder().load_balancers().of("a/" + name).addresses)
      out.push_back(address.text());
    return out;
  };
  EXPECT_TRUE(given("s").empty());
  EXPECT_TRUE(given("u").empty());
  world_->engine().settle(world_->now());
  for (const auto& [name, address] : wishes) EXPECT_EQ(given(name), std::vector<std::string>{address});
  while (world_->step()) continue;  // no time passes
  for (const auto& [name, address] : wishes) EXPECT_EQ(status(name), std::vector<std::string>{address});
}

TEST_F(LoadBalancerAddresses, ARangeThatIsExhaustedOnTheServerIsReported) {
  begin(small_range());
  ASSERT_TRUE(world_->converge());
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) create_foreign(address);
  world_->apply(service("s"));
  for (int steps = 0; steps < 200 && !reports("s", "NoPublicAddress"); ++steps) world_->step();
  EXPECT_TRUE(reports("s", "NoPublicAddress"));
}

// --- Objects of other clients

// An unowned floating IP has the name that Service "s" desires.
class UnownedFloatingIp : public LoadBalancerAddresses {
 protected:
  void SetUp() override {
    begin();
    ASSERT_TRUE(world_->converge());
    uuid_ = OtherClient(world_->api())
                .create("floating-ip", {{"fq_name", split_name(name_)},
                                        {"parent_type", "floating-ip-pool"},
                                        {"floating_ip_address", "192.0.2.10"}});
    world_->restart();
  }
  std::string field(const std::string& key) { return OtherClient(world_->api()).get("floating-ip", name_)[key]; }

  const std::string name_ = "default-domain:default-project:Public:Public:a_s";
  std::string uuid_;
};

TEST_F(UnownedFloatingIp, IsAdoptedWithItsAddress) {
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.10"});
  EXPECT_EQ(field("uuid"), uuid_);
}

TEST_F(UnownedFloatingIp, IsNotDeletedIfTheServiceRequestsAnotherAddress) {
  apply(service("s", balanced("192.0.2.20")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.20"});
  EXPECT_EQ(field("uuid"), uuid_);
  EXPECT_EQ(field("floating_ip_address"), "192.0.2.10");
}

}  // namespace
}  // namespace knm::test
