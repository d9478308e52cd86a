#include "tests/unit/core/load_balancer_fixture.hpp"

// The addresses of LoadBalancer Services, from the Service to its status and back.
namespace knm::test {
namespace {

TEST_F(LoadBalancerAddresses, AServiceGetsAnAddressThatItsStatusShows) {
  begin();
  apply(service("s"));
  ASSERT_EQ(status("s").size(), 1U);
  EXPECT_EQ(floating_ips("s"), status("s"));
  EXPECT_TRUE(contrail::Cidr::parse("192.0.2.0/24")->contains(*contrail::IpAddress::parse(status("s").front())));
  EXPECT_FALSE(reports("s", "NoPublicAddress"));
}

TEST_F(LoadBalancerAddresses, ARestartWritesNothing) {
  begin();
  apply(service("s"));
  world_->clear_log();
  world_->restart();
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(world_->writes() + world_->patches(), 0U) << testing::PrintToString(world_->write_list());
}

TEST_F(LoadBalancerAddresses, ARequestedAddressIsAssignedAndCanBeChanged) {
  begin();
  apply(service("s", balanced("192.0.2.77")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.77"});
  apply(service("s", balanced("192.0.2.78")));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.78"});
  EXPECT_EQ(floating_ips("s"), std::vector<std::string>{"192.0.2.78"});
}

TEST_F(LoadBalancerAddresses, ARequestThatCannotBeMetIsReportedAndChangesNoAddress) {
  begin();
  apply(service("s", balanced("203.0.113.1")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(reports("s", "AddressOutOfRange"));
  apply(service("s", balanced("192.0.2.254")));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(reports("s", "AddressReserved"));
  apply(service("s"));
  const auto given = status("s");
  ASSERT_EQ(given.size(), 1U);
  apply(service("s", balanced("203.0.113.1")));
  EXPECT_EQ(status("s"), given);
  apply(service("s", balanced("rubbish")));
  EXPECT_TRUE(reports("s", "InvalidLoadBalancerIP"));
  EXPECT_EQ(status("s"), given);
}

TEST_F(LoadBalancerAddresses, ARequestForAnAddressInUseIsMetOnceItIsFree) {
  auto settings = demo_settings();
  settings.address_cool_down = std::chrono::seconds(0);
  begin(settings);
  apply(service("s", balanced("192.0.2.77")));
  apply(service("t", balanced("192.0.2.77")));
  EXPECT_TRUE(status("t").empty());
  EXPECT_TRUE(reports("t", "AddressInUse"));
  world_->remove_service("a/s");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("t"), std::vector<std::string>{"192.0.2.77"});
  EXPECT_FALSE(reports("t", "AddressInUse"));
}

TEST_F(LoadBalancerAddresses, AnExhaustedRangeIsReportedAndRetried) {
  begin(small_range());  // .1 to .4 are usable
  for (const auto* name : {"a", "b", "c", "d"}) apply(service(name));
  apply(service("e"));
  EXPECT_TRUE(status("e").empty());
  EXPECT_TRUE(reports("e", "NoPublicAddress"));
  const auto freed = status("b");
  world_->remove_service("a/b");
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("e"), freed);
  EXPECT_FALSE(reports("e", "NoPublicAddress"));
}

// The interface can move only after its references are deleted: the floating IP is detached, but the status stays.
TEST_F(LoadBalancerAddresses, ABackendMayChangeItsTier) {
  begin();
  const auto pod = make_pod("a", "web-1", "web");
  world_->apply(pod);
  world_->apply(make_slice("a", "l", {pod}));
  apply(service("l"));
  const auto shown = status("l");
  ASSERT_EQ(shown.size(), 1U);
  world_->apply(make_pod("a", "web-1", "other"));
  ASSERT_TRUE(world_->converge());
  EXPECT_EQ(status("l"), shown);
  EXPECT_EQ(floating_ips("l"), shown);
}

TEST_F(LoadBalancerAddresses, AForgedStatusIsRepaired) {
  begin();
  apply(service("s"));
  const auto given = status("s");
  for (const auto& forged : {"203.0.113.9", "192.0.2.99", "rubbish"}) {
    forge("s", {forged});
    EXPECT_EQ(status("s"), given);
    EXPECT_EQ(floating_ips("s"), given);
  }
}

TEST_F(LoadBalancerAddresses, ServicesOfAnotherClassAreIgnored) {
  auto settings = demo_settings();
  settings.load_balancer_class = "example.com/ours";
  begin(settings);
  auto other = service("s");
  other.has_load_balancer_class = true;
  other.load_balancer_class = "example.com/theirs";
  other.ingress = {"198.51.100.1"};
  apply(other);
  EXPECT_EQ(status("s"), std::vector<std::string>{"198.51.100.1"});
  EXPECT_EQ(world_->patches(), 0U);
  auto own = service("t");
  own.has_load_balancer_class = true;
  own.load_balancer_class = "example.com/ours";
  apply(own);
  EXPECT_EQ(status("t").size(), 1U);
}

TEST_F(LoadBalancerAddresses, WithoutTheDefaultAServiceWithoutClassIsIgnored) {
  auto settings = demo_settings();
  settings.load_balancer_default = false;
  begin(settings);
  apply(service("s"));
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, AChangeOfTheTypeReleasesTheAddress) {
  begin();
  apply(service("s"));
  apply(service("s", {}));
  EXPECT_TRUE(floating_ips("s").empty());
  EXPECT_TRUE(status("s").empty());
}

TEST_F(LoadBalancerAddresses, AChangeOfTheClassReleasesTheAddressAndTheStatus) {
  begin();
  apply(service("s"));
  auto other = service("s");
  other.has_load_balancer_class = true;
  other.load_balancer_class = "example.com/theirs";
  apply(other);
  EXPECT_TRUE(status("s").empty());
  EXPECT_TRUE(floating_ips("s").empty());
}

// Entries that the other implementation has written in the meantime stay, including host names.
TEST_F(LoadBalancerAddresses, StatusEntriesOfOtherControllersStay) {
  begin();
  apply(service("s"));
  auto other = service("s");
  other.has_load_balancer_class = true;
  other.load_balancer_class = "example.com/theirs";
  other.ingress = status("s");
  other.ingress.insert(other.ingress.begin(), "lb.example.org");
  apply(other);
  EXPECT_EQ(status("s"), std::vector<std::string>{"lb.example.org"});
  EXPECT_TRUE(floating_ips("s").empty());
}

// No implementation writes such a list. The controller does not parse it: the list claims no address, and no part of it
// is lost.
TEST_F(LoadBalancerAddresses, AVeryLongStatusOfAnotherClassIsNotChanged) {
  begin();
  apply(service("s"));
  auto other = service("s");
  other.has_load_balancer_class = true;
  other.load_balancer_class = "example.com/theirs";
  other.ingress = status("s");
  for (int i = 0; i < 1000; ++i) other.ingress.push_back("lb-" + std::to_string(i) + ".example.org");
  apply(other);
  EXPECT_EQ(status("s"), other.ingress);
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, AVeryLongStatusOfAnOwnedServiceIsReplaced) {
  begin();
  apply(service("s"));
  const auto given = status("s");
  for (const bool while_stopped : {false, true}) {
    std::vector<std::string> forged;
    for (int i = 1; i < 200; ++i) forged.push_back("198.51.100." + std::to_string(i));
    if (while_stopped) world_->crash();
    forge("s", forged);
    if (while_stopped) world_->start();
    ASSERT_TRUE(world_->converge());
    EXPECT_EQ(status("s"), given);
    EXPECT_EQ(floating_ips("s"), given);
  }
}

// Such a Service gets no traffic, and its status shows it.
TEST_F(LoadBalancerAddresses, WithoutASelectorAndPodsTheStatusIsCleared) {
  begin();
  const auto pod = make_pod("a", "p", "db");
  world_->apply(pod);
  auto options = balanced();
  options.selector = false;
  world_->apply(make_slice("a", "s", {pod}));
  for (const bool while_stopped : {false, true}) {
    apply(service("s", options));
    world_->apply(make_slice("a", "s", {pod}));
    ASSERT_TRUE(world_->converge());
    ASSERT_EQ(status("s").size(), 1U);
    if (while_stopped) world_->crash();
    world_->apply(make_slice("a", "s", {}));
    if (while_stopped) world_->start();
    ASSERT_TRUE(world_->converge());
    EXPECT_TRUE(status("s").empty());
    EXPECT_TRUE(floating_ips("s").empty());
  }
  forge("s", {"192.0.2.9", "lb.example.org"});
  EXPECT_TRUE(status("s").empty());
  EXPECT_FALSE(OtherClient(world_->api()).has("virtual-network", "default-domain:a:service-web"));
}

TEST_F(LoadBalancerAddresses, AddressesOfForeignFloatingIpsAreAvoided) {
  begin(small_range());
  ASSERT_TRUE(world_->converge());
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.4"}) create_foreign(address);
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
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.4"}) create_foreign(address);
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.3"});
}

TEST_F(LoadBalancerAddresses, ExternalIpsOfOtherServicesAreAvoided) {
  begin(small_range());
  ServiceOptions options;
  options.external_ips = {"192.0.2.1", "192.0.2.2", "192.0.2.4"};
  apply(service("x", options));
  apply(service("s"));
  EXPECT_EQ(status("s"), std::vector<std::string>{"192.0.2.3"});
}

TEST_F(LoadBalancerAddresses, ADualStackServiceGetsOneAddressOfEachFamily) {
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

TEST_F(LoadBalancerAddresses, AfterARebuildOfTheConfigApiTheAddressComesFromTheStatus) {
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

TEST_F(LoadBalancerAddresses, AfterARebuildOfTheConfigApiEachServiceGetsItsFormerAddress) {
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
  EXPECT_TRUE(reports("a", "NoPublicAddress"));
}

// --- A status that cannot be written

TEST_F(LoadBalancerAddresses, ARefusedStatusWriteIsRetriedUntilItSucceeds) {
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

TEST_F(LoadBalancerAddresses, TheStatusOfARecreatedServiceIsWrittenAfterARefusalForItsPredecessor) {
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

TEST_F(LoadBalancerAddresses, AFormerAddressThatAnotherClassWritesStaysInTheStatus) {
  begin();
  apply(service("s"));
  const auto former = status("s");
  auto other = world_->cluster().services.at("a/s");
  other.has_load_balancer_class = true;
  other.load_balancer_class = "example.com/theirs";
  world_->apply(other);
  while (!status("s").empty()) ASSERT_TRUE(world_->step());
  EXPECT_EQ(floating_ips("s"), former);
  world_->clear_log();
  forge("s", former);
  EXPECT_EQ(status("s"), former);
  EXPECT_EQ(world_->patches(), 0U);
  EXPECT_TRUE(floating_ips("s").empty());
}

TEST_F(LoadBalancerAddresses, AChangeOfABackendWritesNoStatus) {
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

// --- A server that fails

TEST_F(LoadBalancerAddresses, APublishedAddressIsKeptWhileTheServerFails) {
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

// Wherever the crash happens, the status finally shows the address that reached the server.
TEST_F(LoadBalancerAddresses, ACrashAfterAnyWriteChoosesNoOtherAddress) {
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
