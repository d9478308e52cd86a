#include "tests/unit/core/load_balancer_fixture.hpp"

// Who has an address that several say is theirs, and what is somebody else's.
namespace knm::test {
namespace {

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

// --- What others have made

// There is a floating IP of the name that Service "s" would have, made by somebody without a mark.
class UnmarkedFloatingIp : public LoadBalancerAddresses {
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

TEST_F(UnmarkedFloatingIp, OfTheServicesNameIsAdoptedWithItsAddress) {
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.10"});
  EXPECT_EQ(field("uuid"), uuid_);
}

TEST_F(UnmarkedFloatingIp, WithAnotherAddressIsNotDeleted) {
  apply(service("s", balanced("192.0.2.20")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.20"});
  EXPECT_EQ(field("uuid"), uuid_);
  EXPECT_EQ(field("floating_ip_address"), "192.0.2.10");
}

}  // namespace
}  // namespace knm::test
