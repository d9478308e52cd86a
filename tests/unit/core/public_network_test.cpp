#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// An unowned public network: its own subnets are not changed, and missing ranges are added beside them.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string network = "default-domain:default-project:Public";
const std::string pool = network + ":Public";
const std::string ipam = "default-domain:default-project:__ipam_Public";
const std::string address = pool + ":gb_guestbook";
const std::string default_ipam = "default-domain:default-project:default-network-ipam";

class PublicNetwork : public testing::Test {
 protected:
  void make_network(const std::string& prefix, int length, const json& more = json::object()) {
    json subnet{{"subnet", {{"ip_prefix", prefix}, {"ip_prefix_len", length}}}};
    subnet.update(more);
    other_->create("virtual-network",
                   {{"fq_name", split_name(network)},
                    {"parent_type", "project"},
                    {"network_ipam_refs",
                     {{{"to", split_name(default_ipam)}, {"attr", {{"ipam_subnets", json::array({subnet})}}}}}}});
  }
  void start() {
    Guestbook::apply_all(*world_);
    world_->start();
    ASSERT_TRUE(converges(*world_));
  }
  void public_ranges(const std::vector<std::string>& texts) {
    setup_.oracle.public_ranges = texts;
    setup_.settings.public_ip_range.clear();
    for (const auto& text : texts) setup_.settings.public_ip_range.push_back(*contrail::Cidr::parse(text));
  }
  void restart() {
    world_->configure(setup_.settings);
    world_->restart();
    ASSERT_TRUE(converges(*world_));
  }
  // ipam → its ranges
  std::map<std::string, std::set<std::string>> subnets() const {
    std::map<std::string, std::set<std::string>> out;
    const auto object = other_->get("virtual-network", network);
    for (const auto& reference : object.value("network_ipam_refs", json::array()))
      for (const auto& subnet : reference["attr"]["ipam_subnets"])
        out[joined(reference["to"])].insert(subnet["subnet"]["ip_prefix"].get<std::string>() + "/" +
                                            subnet["subnet"]["ip_prefix_len"].dump());
    return out;
  }
  std::vector<std::string> reasons(const std::string& service) {
    std::vector<std::string> out;
    const auto& pages = world_->engine().problems().pages();
    if (const auto page = pages.find({SubjectKind::service, service}); page != pages.end())
      for (const auto& problem : page->second.all()) out.push_back(problem.reason);
    return out;
  }
  using Subnets = std::map<std::string, std::set<std::string>>;
  using Strings = std::vector<std::string>;

  Configuration setup_ = demo_setup();
  std::optional<World> world_{setup_.settings};
  std::optional<OtherClient> other_{world_->api()};
};

TEST_F(PublicNetwork, ACoveredRangeNeedsNoSubnet) {
  make_network("192.0.0.0", 16);
  const auto before = other_->get("virtual-network", network);
  start();
  EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"192.0.0.0/16"}}}));
  EXPECT_EQ(other_->get("virtual-network", network)["network_ipam_refs"], before["network_ipam_refs"]);
  EXPECT_FALSE(other_->has("network-ipam", ipam));
  EXPECT_TRUE(other_->has("floating-ip", address));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, AnyOtherRangeIsAddedUnderAnOwnedIpam) {
  make_network("203.0.113.0", 24);
  const auto before = other_->get("virtual-network", network);
  start();
  EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"203.0.113.0/24"}}, {ipam, {"192.0.2.0/24"}}}));
  EXPECT_EQ(other_->get("virtual-network", network)["network_ipam_refs"][0], before["network_ipam_refs"][0]);
  EXPECT_NE(other_->get("network-ipam", ipam).dump().find("opencontrail.org/owner"), std::string::npos);
  EXPECT_FALSE(other_->get("virtual-network", network).contains("annotations"));
  EXPECT_TRUE(other_->has("floating-ip", address));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, TheIpamIsDeletedWithItsLastSubnet) {
  make_network("203.0.113.0", 24);
  start();
  public_ranges({"203.0.113.0/25"});
  restart();
  EXPECT_TRUE(other_->has("network-ipam", ipam)) << "the owned floating IP existed when the subnets were planned";
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"203.0.113.0/24"}}}));
  EXPECT_FALSE(other_->has("network-ipam", ipam));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, WithoutARangeNoOwnedSubnetRemains) {
  make_network("203.0.113.0", 24);
  start();
  public_ranges({});
  restart();
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"203.0.113.0/24"}}}));
  EXPECT_FALSE(other_->has("network-ipam", ipam));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, TheNameOfTheIpamContainsTheClusterName) {
  setup_.settings.cluster_name = setup_.oracle.cluster_name = "east";
  world_.emplace(setup_.settings);
  other_.emplace(world_->api());
  make_network("203.0.113.0", 24);
  start();
  EXPECT_TRUE(other_->has("network-ipam", "default-domain:default-project:__ipam_east_Public"));
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, AnAddressThatTheNetworkReservesIsRefused) {
  make_network("192.0.2.0", 24, {{"default_gateway", "192.0.2.10"}});
  start();
  EXPECT_FALSE(other_->has("floating-ip", address));
  EXPECT_EQ(reasons("gb/guestbook"), Strings{"AddressReserved"});
  auto service = world_->cluster().services.at("gb/guestbook");
  service.external_ips = {"192.0.2.11"};
  world_->apply(service);
  ASSERT_TRUE(converges(*world_));
  EXPECT_TRUE(other_->has("floating-ip", address));
  EXPECT_EQ(reasons("gb/guestbook"), Strings{});
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
}

TEST_F(PublicNetwork, ARangeThatOverlapsAnExistingSubnetIsReported) {
  make_network("192.0.2.128", 25);
  start();
  EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"192.0.2.128/25"}}}));
  EXPECT_EQ(reasons("gb/guestbook"), Strings{"RangeBlocked"});
  EXPECT_EQ(world_->reported(Report::Kind::range_blocked), 1U);
  EXPECT_TRUE(audits_and_restart_write_nothing(*world_));

  // The other client deletes the subnet.
  other_->put("virtual-network", network, {{"network_ipam_refs", json::array()}});
  ASSERT_TRUE(world_->audit());
  ASSERT_TRUE(converges(*world_));
  EXPECT_EQ(subnets(), (Subnets{{ipam, {"192.0.2.0/24"}}}));
  EXPECT_TRUE(other_->has("floating-ip", address));
  EXPECT_EQ(reasons("gb/guestbook"), Strings{});
}

TEST_F(PublicNetwork, AnExistingPoolIsUsedAndItsFloatingIpsAreAdopted) {
  make_network("192.0.2.0", 24);
  other_->create("floating-ip-pool", {{"fq_name", split_name(pool)}, {"parent_type", "virtual-network"}});
  const auto uuid = other_->create(
      "floating-ip",
      {{"fq_name", split_name(address)}, {"parent_type", "floating-ip-pool"}, {"floating_ip_address", "192.0.2.10"}});
  start();
  EXPECT_FALSE(other_->get("floating-ip-pool", pool).contains("annotations"));
  EXPECT_EQ(other_->get("floating-ip", address)["uuid"], uuid);
  EXPECT_NE(other_->get("floating-ip", address).dump().find("opencontrail.org/owner"), std::string::npos);
  world_->remove_service("gb/guestbook");
  ASSERT_TRUE(converges(*world_));
  EXPECT_TRUE(other_->has("floating-ip-pool", pool));
}

TEST_F(PublicNetwork, AMissingPoolIsCreatedWithOwnerAnnotations) {
  make_network("192.0.2.0", 24);
  start();
  EXPECT_NE(other_->get("floating-ip-pool", pool).dump().find("opencontrail.org/owner"), std::string::npos);
}

// The network appears just before the controller creates its own.
TEST_F(PublicNetwork, ANetworkThatIsFoundLateIsUsedInTheSameWay) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    world_.emplace(setup_.settings);
    other_.emplace(world_->api());
    Guestbook::apply_all(*world_);
    world_->disorder(seed);
    world_->start(seed);
    make_network("203.0.113.0", 24);
    ASSERT_TRUE(converges(*world_));
    EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"203.0.113.0/24"}}, {ipam, {"192.0.2.0/24"}}}));
    EXPECT_FALSE(other_->get("virtual-network", network).contains("annotations"));
    EXPECT_TRUE(other_->has("floating-ip", address));
    EXPECT_TRUE(audits_and_restart_write_nothing(*world_));
  }
}

TEST_F(PublicNetwork, ACrashAfterAnyWriteDoesNotChangeTheResult) {
  std::size_t crashes = 0;
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    world_.emplace(setup_.settings);
    other_.emplace(world_->api());
    make_network("203.0.113.0", 24);
    Guestbook::apply_all(*world_);
    world_->start();
    while (world_->writes() < n && world_->step()) {
    }
    if (world_->writes() < n) break;
    world_->restart();
    ASSERT_TRUE(converges(*world_));
    EXPECT_EQ(subnets(), (Subnets{{default_ipam, {"203.0.113.0/24"}}, {ipam, {"192.0.2.0/24"}}}));
    EXPECT_TRUE(other_->has("floating-ip", address));
    ++crashes;
  }
  EXPECT_GT(crashes, 40U);
}

}  // namespace
}  // namespace knm::test
