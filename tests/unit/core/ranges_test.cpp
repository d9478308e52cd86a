#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Configured ranges change while networks have the former ranges.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string public_network = "default-domain:default-project:Public";
const std::string addr_alloc = "default-domain:default-project:addr-alloc";
const std::string guestbook = "default-domain:gb:guestbook";

std::vector<contrail::Cidr> cidrs(const std::vector<std::string>& texts) {
  std::vector<contrail::Cidr> out;
  for (const auto& text : texts) out.push_back(*contrail::Cidr::parse(text));
  return out;
}

class Ranges : public testing::Test {
 protected:
  Ranges() {
    Guestbook::apply_all(world_);
    world_.start();
  }
  void settle() {
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
  }
  void private_ranges(const std::vector<std::string>& texts) {
    setup_.oracle.private_ranges = texts;
    setup_.settings.private_ip_range = cidrs(texts);
  }
  void service_ranges(const std::vector<std::string>& texts) {
    setup_.oracle.service_ranges = texts;
    setup_.settings.service_cluster_ip_range = cidrs(texts);
  }
  void public_ranges(const std::vector<std::string>& texts) {
    setup_.oracle.public_ranges = texts;
    setup_.settings.public_ip_range = cidrs(texts);
  }
  void restart() {
    world_.configure(setup_.settings);
    world_.restart();
  }
  void audit() { ASSERT_TRUE(world_.audit()); }
  std::set<std::string> subnets(const std::string& network) const {
    std::set<std::string> out;
    const auto object = other_.get("virtual-network", network);
    for (const auto& ipam : object.value("network_ipam_refs", json::array()))
      for (const auto& subnet : ipam["attr"]["ipam_subnets"])
        out.insert(subnet["subnet"]["ip_prefix"].get<std::string>() + "/" + subnet["subnet"]["ip_prefix_len"].dump());
    return out;
  }
  void is_refused(const std::string& network, const std::string& former, const std::string& remedy) {
    world_.clear_log();
    restart();
    ASSERT_TRUE(world_.engine().refusal());
    const auto& line = *world_.engine().refusal();
    for (const auto& part : {network, former, remedy}) EXPECT_NE(line.find(part), std::string::npos) << line;
    EXPECT_FALSE(world_.engine().running());
    EXPECT_FALSE(world_.engine().poll(world_.now()));
    EXPECT_EQ(world_.writes(), 0U);
  }
  std::string create_foreign_address(const std::string& address) {
    return other_.create("floating-ip", {{"fq_name", split_name(public_network + ":Public:theirs")},
                                         {"parent_type", "floating-ip-pool"},
                                         {"floating_ip_address", address}});
  }
  using Strings = std::set<std::string>;

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(Ranges, AChangedPrivateRangeIsRefusedWhileANetworkHasTheFormerOne) {
  settle();
  private_ranges({"10.1.0.0/16"});
  is_refused("default-domain:gb:", "10.0.0.0/16", "private-ip-range: [10.1.0.0/16, 10.0.0.0/16]");
  EXPECT_NE(world_.engine().refusal()->find("2 more owned networks"), std::string::npos);
}

TEST_F(Ranges, AGrownPrivateRangeIsAChangedRange) {
  settle();
  private_ranges({"10.0.0.0/15"});
  is_refused("default-domain:gb:", "10.0.0.0/16", "restore the former configuration");
}

TEST_F(Ranges, TheFormerPrivateRangeMayFollowTheNewOne) {
  settle();
  private_ranges({"10.1.0.0/16", "10.0.0.0/16"});
  restart();
  world_.apply(make_pod("gb", "late", "guestbook"));
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(world_.engine().refusal());
  EXPECT_EQ(subnets(guestbook), (Strings{"10.0.0.0/16", "10.1.0.0/16"}));
  EXPECT_EQ(subnets(addr_alloc), (Strings{"10.0.0.0/16", "10.1.0.0/16"}));
  EXPECT_EQ(other_.get("instance-ip", "gb_guestbook-0")["instance_ip_address"].get<std::string>().substr(0, 5),
            "10.0.");
  EXPECT_EQ(other_.get("instance-ip", "gb_late")["instance_ip_address"].get<std::string>().substr(0, 5), "10.1.");
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Ranges, WithoutPodsThePrivateRangeCanBeChanged) {
  settle();
  const auto pods = world_.pods();
  for (const auto& [key, pod] : pods) world_.remove_pod(key);
  settle();
  private_ranges({"10.0.0.0/15"});  // overlaps the former range, which must be deleted at once
  restart();
  for (const auto& [key, pod] : pods) world_.apply(pod);
  settle();
  EXPECT_EQ(subnets(addr_alloc), Strings{"10.0.0.0/15"});
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// A Namespace that is deleted while the controller is down does not use the range.
TEST_F(Ranges, NetworksThatAreNoLongerDesiredDoNotCount) {
  settle();
  world_.crash();
  world_.remove_namespace("gb");
  private_ranges({"10.1.0.0/16"});
  restart();
  ASSERT_TRUE(converges(world_));
  audit();
  settle();
  EXPECT_EQ(subnets(addr_alloc), Strings{"10.1.0.0/16"});
}

TEST_F(Ranges, AChangedServiceRangeIsRefusedWhileANetworkHasTheFormerOne) {
  settle();
  service_ranges({"10.96.0.0/16"});
  is_refused("service-", "10.254.0.0/16", "service-cluster-ip-range: [10.96.0.0/16, 10.254.0.0/16]");
}

TEST_F(Ranges, ASecondServiceRangeIsAddedToExistingNetworks) {
  settle();
  service_ranges({"10.254.0.0/16", "10.96.0.0/16"});
  restart();
  world_.apply(make_service("gb", "new", "guestbook", "10.96.0.7"));
  settle();
  EXPECT_EQ(subnets("default-domain:gb:service-guestbook"), (Strings{"10.254.0.0/16", "10.96.0.0/16"}));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Ranges, AChangedPublicRangeIsAddedAndTheFormerDeletedWithItsLastAddress) {
  settle();
  auto foreign = create_foreign_address("192.0.2.77");
  public_ranges({"198.51.100.0/24"});
  restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), (Strings{"192.0.2.0/24", "198.51.100.0/24"}));
  EXPECT_FALSE(other_.has("floating-ip", public_network + ":Public:gb_guestbook"))
      << "the address is out of the new range";
  EXPECT_EQ(world_.engine().binder().ranges().pending().size(), 1U);
  EXPECT_EQ(world_.reported(Report::Kind::range_stays), 1U);
  world_.clear_log();
  for (int i = 0; i < 3; ++i) {
    audit();
    ASSERT_TRUE(converges(world_));
  }
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.reported(Report::Kind::range_stays), 1U);

  other_.remove("floating-ip", public_network + ":Public:theirs");
  audit();
  settle();
  EXPECT_EQ(subnets(public_network), Strings{"198.51.100.0/24"});
  EXPECT_TRUE(world_.engine().binder().ranges().pending().empty());
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Ranges, AShrunkPublicRangeStaysWhileItIsUsed) {
  settle();
  create_foreign_address("192.0.2.77");
  public_ranges({"192.0.2.0/26"});
  restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), Strings{"192.0.2.0/24"});
  EXPECT_TRUE(other_.has("floating-ip", public_network + ":Public:gb_guestbook"));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

TEST_F(Ranges, AGrownPublicRangeWaitsForTheDeletionOfTheFormer) {
  public_ranges({"192.0.2.0/25"});
  restart();
  settle();
  create_foreign_address("192.0.2.77");
  public_ranges({"192.0.2.0/24"});
  restart();
  world_.apply(make_service("gb", "high", "guestbook", "10.254.1.9", {.external_ips = {"192.0.2.200"}}));
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), Strings{"192.0.2.0/25"});
  EXPECT_EQ(world_.reported(Report::Kind::range_blocked), 1U);
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::service, "gb/high"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().at(0).reason, "RangeBlocked");
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));

  other_.remove("floating-ip", public_network + ":Public:theirs");
  world_.remove_service("gb/guestbook");  // has an address of the former range as well
  audit();
  ASSERT_TRUE(converges(world_));
  audit();
  settle();
  EXPECT_EQ(subnets(public_network), Strings{"192.0.2.0/24"});
  EXPECT_TRUE(other_.has("floating-ip", public_network + ":Public:gb_high"));
  EXPECT_TRUE(world_.engine().problems().pages().empty());
}

TEST_F(Ranges, AnotherClusterThatSharesTheNetworkKeepsTheFormerRange) {
  settle();
  for (const auto& network : {public_network, addr_alloc})
    other_.annotate("virtual-network", network, "opencontrail.org/user.west", "some-uid");
  public_ranges({"198.51.100.0/24"});
  restart();
  ASSERT_TRUE(converges(world_));
  audit();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), (Strings{"192.0.2.0/24", "198.51.100.0/24"}));
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// Another client allocates an address between a read and the write, and no list shows it.
TEST_F(Ranges, ADeletionOfASubnetThatTheServerRefusesIsTriedOnce) {
  settle();
  world_.remove_service("gb/guestbook");
  public_ranges({"198.51.100.0/24"});
  std::size_t attempts = 0;
  world_.set_fault([&](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    const bool drops = request.method == "PUT" && request.body.find("198.51.100.0") != std::string::npos &&
                       request.body.find("192.0.2.0") == std::string::npos;
    if (!drops) return std::nullopt;
    ++attempts;
    return ConfigAnswer{Sent::answered, 409, "Cannot Delete IP Block", {}};
  });
  restart();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(converges(world_));
    world_.pass(std::chrono::minutes(1));
    audit();
  }
  EXPECT_EQ(attempts, 1U);
  EXPECT_EQ(subnets(public_network), (Strings{"192.0.2.0/24", "198.51.100.0/24"}));
  world_.set_fault({});
  create_foreign_address("192.0.2.77");
  audit();
  other_.remove("floating-ip", public_network + ":Public:theirs");
  audit();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), Strings{"198.51.100.0/24"});
}

// The subnet stays whatever its id: it may be in use, and the server would refuse its deletion again and again.
TEST_F(Ranges, AnAdditionalSubnetOfATierNetworkStays) {
  settle();
  auto refs = other_.get("virtual-network", guestbook)["network_ipam_refs"];
  const auto uuid = *contrail::Uuid::parse(other_.get("virtual-network", guestbook)["uuid"].get<std::string>());
  const auto cidr = *contrail::Cidr::parse("172.16.0.0/24");
  refs[0]["attr"]["ipam_subnets"].push_back({{"subnet", {{"ip_prefix", "172.16.0.0"}, {"ip_prefix_len", 24}}},
                                             {"subnet_uuid", subnet_uuid(uuid, cidr).text()}});
  other_.put("virtual-network", guestbook, {{"network_ipam_refs", refs}});
  world_.clear_log();
  audit();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());
}

TEST_F(Ranges, WithoutAPublicRangeTheFormerIsDeletedAsWell) {
  settle();
  public_ranges({});
  restart();
  ASSERT_TRUE(converges(world_));
  audit();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(subnets(public_network), Strings{});
}

}  // namespace
}  // namespace knm::test
