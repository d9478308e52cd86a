#include "controller/bind/range_changes.hpp"

#include <gtest/gtest.h>

#include "controller/bind/role.hpp"
#include "controller/model/identity.hpp"

// How networks follow a change of the ranges: from objects as they are read, without an intent.
namespace knm::test {
namespace {

using contrail::Cidr;
using contrail::IpAddress;
using contrail::Object;
using contrail::Type;

const std::string owner = "kubernetes/ours";
const std::string public_network = "default-domain:default-project:Public";
const std::string addr_alloc = "default-domain:default-project:addr-alloc";

std::vector<Cidr> cidrs(const std::vector<std::string>& texts) {
  std::vector<Cidr> out;
  for (const auto& text : texts) out.push_back(*Cidr::parse(text));
  return out;
}

std::vector<Cidr> subnets_of(const std::vector<contrail::IpamReference>& ipams) {
  std::vector<Cidr> out;
  for (const auto& ipam : ipams)
    for (const auto& subnet : ipam.subnets) out.push_back(subnet.cidr);
  return out;
}

Settings configured() {
  Settings out;
  out.private_ip_range = cidrs({"10.0.0.0/16"});
  out.service_cluster_ip_range = cidrs({"10.254.0.0/16"});
  out.public_ip_range = cidrs({"192.0.2.0/24"});
  return out;
}

// A network with subnets whose ids the controller derives.
Object network(const contrail::FqName& name, const std::vector<std::string>& subnets, std::string_view kind) {
  Object out;
  out.type = Type::virtual_network;
  out.fq_name = name;
  out.uuid = uuid_of_uid(name);
  out.annotations = mark(owner, kind, "uid", name);
  out.ipams = {{Names::ipam(), {}, {}}};
  for (const auto& cidr : cidrs(subnets)) {
    contrail::Subnet subnet;
    subnet.cidr = cidr;
    subnet.subnet_uuid = subnet_uuid(out.uuid, cidr);
    out.ipams.front().subnets.push_back(subnet);
  }
  return out;
}

// A network that several clusters share, including this one.
Object shared(const contrail::FqName& name, const std::vector<std::string>& subnets) {
  auto out = network(name, subnets, {});
  out.annotations = shared_annotation(owner, "PublicNetwork", name);
  return out;
}

Object address(const std::string& text) {
  Object out;
  out.type = Type::instance_ip;
  out.networks = {{addr_alloc, {}}};
  out.address = IpAddress::parse(text);
  return out;
}

class RangeChangesTest : public testing::Test {
 protected:
  SlotId read(const Object& object, Ownership ownership) {
    const auto id = table_.slot(object.type, object.fq_name);
    table_[id].identify({{object.uuid, 0}, ownership});
    table_.set_observed(id, true, digests_of(object));
    changes_.read(object, id, owner);
    return id;
  }
  // An inventory that shows only these objects.
  void inventory(const std::vector<Object>& objects) {
    changes_.begin_count();
    for (const auto& object : objects) changes_.count(object);
    changes_.end_count();
  }

  const Settings settings_ = configured();
  const Names names_{settings_};
  Table table_;
  RangeChanges changes_{settings_, names_, table_};
};

TEST_F(RangeChangesTest, AtTheBeginningTheConfiguredRangesAreDesired) {
  EXPECT_FALSE(changes_.plan());
  EXPECT_EQ(subnets_of(changes_.allocation_ipams()), settings_.private_ip_range);
  EXPECT_EQ(subnets_of(changes_.public_ipams()), settings_.public_ip_range);
  EXPECT_TRUE(changes_.needs_public_network());
  EXPECT_TRUE(changes_.pending().empty());
  EXPECT_EQ(changes_.refuse(), std::nullopt);
}

TEST_F(RangeChangesTest, AFormerRangeStaysWhileAnInventoryShowsOneOfItsAddresses) {
  read(shared(addr_alloc, {"10.0.0.0/16", "10.9.0.0/16"}), Ownership::shared);
  inventory({address("10.9.1.1")});
  changes_.plan();
  EXPECT_EQ(changes_.pending(), (std::set<RangeChanges::Pending>{{addr_alloc, *Cidr::parse("10.9.0.0/16"), false}}));
  EXPECT_EQ(subnets_of(changes_.allocation_ipams()), cidrs({"10.0.0.0/16", "10.9.0.0/16"}));

  inventory({address("10.0.1.1")});
  changes_.plan();
  EXPECT_TRUE(changes_.pending().empty());
  EXPECT_EQ(subnets_of(changes_.allocation_ipams()), settings_.private_ip_range);
}

TEST_F(RangeChangesTest, AFormerRangeStaysIfTheServerRefusesItsDeletion) {
  const auto id = read(shared(addr_alloc, {"10.0.0.0/16", "10.9.0.0/16"}), Ownership::shared);
  inventory({});
  changes_.plan();
  ASSERT_TRUE(changes_.pending().empty());
  changes_.subnet_refused(id);
  changes_.plan();
  EXPECT_EQ(changes_.pending().size(), 1U);
}

TEST_F(RangeChangesTest, ARangeThatOverlapsAnExistingSubnetIsReportedAndItsAddressesRefused) {
  auto there = shared(public_network, {"192.0.2.0/25"});
  there.ipams.front().subnets.front().subnet_uuid = uuid_of_uid("made by another client");
  read(there, Ownership::unowned);
  EXPECT_TRUE(changes_.plan()) << "Services must be bound again";
  EXPECT_FALSE(changes_.plan()) << "reported once";
  EXPECT_EQ(changes_.pending(),
            (std::set<RangeChanges::Pending>{{public_network, *Cidr::parse("192.0.2.0/24"), true}}));
  const auto refusal = changes_.refuse_public(*IpAddress::parse("192.0.2.200"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, "RangeBlocked");
  EXPECT_EQ(changes_.refuse_public(*IpAddress::parse("192.0.2.20")), std::nullopt)
      << "the existing subnet contains the address";
}

TEST_F(RangeChangesTest, ADesiredNetworkWithAFormerRangeStopsTheController) {
  const auto id = read(network("default-domain:a:web", {"10.9.0.0/16"}, "PodTier"), Ownership::owned);
  EXPECT_EQ(changes_.refuse(), std::nullopt) << "the network is not desired, so it is deleted";
  table_[id].want({static_cast<std::uint8_t>(Role::pod_network)}, {});
  EXPECT_EQ(
      changes_.refuse(),
      "the network default-domain:a:web has the range 10.9.0.0/16, which private-ip-range ([10.0.0.0/16]) does "
      "not list; list the former range after the new range (private-ip-range: [10.0.0.0/16, 10.9.0.0/16]), or delete "
      "the objects that use the network before the range changes");
  read(network("default-domain:a:web", {"10.0.0.0/16"}, "PodTier"), Ownership::owned);
  EXPECT_EQ(changes_.refuse(), std::nullopt);
}

TEST_F(RangeChangesTest, ForeignNetworksDoNotStopTheController) {
  const auto id = read(network("default-domain:a:web", {"10.9.0.0/16"}, "PodTier"), Ownership::foreign);
  table_[id].want({static_cast<std::uint8_t>(Role::pod_network)}, {});
  EXPECT_EQ(changes_.refuse(), std::nullopt);
}

TEST(RangeChangesWithoutAPublicRange, NeedThePublicNetworkWhileASubnetOfThisClusterExists) {
  auto settings = configured();
  settings.public_ip_range.clear();
  const Names names(settings);
  Table table;
  RangeChanges changes(settings, names, table);
  EXPECT_FALSE(changes.needs_public_network());
  EXPECT_FALSE(changes.needs_public_pool());
  const auto there = shared(public_network, {"192.0.2.0/24"});
  const auto id = table.slot(there.type, there.fq_name);
  table[id].identify({{there.uuid, 0}, Ownership::shared});
  table.set_observed(id, true, digests_of(there));
  changes.read(there, id, owner);
  EXPECT_TRUE(changes.needs_public_network());
  EXPECT_FALSE(changes.needs_public_pool());
}

}  // namespace
}  // namespace knm::test
