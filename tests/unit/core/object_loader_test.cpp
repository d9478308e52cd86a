#include "controller/bind/object_loader.hpp"

#include <gtest/gtest.h>

#include "controller/bind/object_renderer.hpp"
#include "controller/model/identity.hpp"
#include "controller/model/policy_rules.hpp"
#include "tests/support/builders.hpp"

// What the table and its parts know after loading objects of the config API, without a binder or an engine.
namespace knm::test {
namespace {

using contrail::Cidr;
using contrail::Family;
using contrail::IpAddress;
using contrail::Object;
using contrail::Type;

const std::string owner = "kubernetes/cluster-uid";
const std::string pod_uid = "22222222-2222-2222-2222-222222222222";

Settings configured() {
  Settings out;
  out.private_ip_range = {*Cidr::parse("10.0.0.0/16")};
  out.service_cluster_ip_range = {*Cidr::parse("10.254.0.0/16")};
  out.public_ip_range = {*Cidr::parse("192.0.2.0/24")};
  out.cluster_service = {{"shop", "dns"}};
  return out;
}

class Loader : public testing::Test {
 protected:
  Loader() { loader_.set_owner(owner); }

  static Object object(Type type, const contrail::FqName& name, std::string_view uuid) {
    Object out;
    out.type = type;
    out.fq_name = name;
    out.uuid = uuid_of_uid(uuid);
    return out;
  }
  const Entry& load(const Object& object) { return table_[loader_.load(object)]; }
  PodFacts pod() const {
    PodFacts out;
    out.set_key(PackedText("shop/web-1"));
    out.ns = PackedText("shop");
    out.uid = PackedText(pod_uid);
    out.tier = PackedText("web");
    return out;
  }

  const Settings settings_ = configured();
  const Names names_{settings_};
  Intent intent_{settings_};
  Table table_;
  PodAddresses addresses_{settings_};
  RangeChanges ranges_{settings_, names_, table_};
  LoadBalancers load_balancers_{settings_, names_, intent_, table_, [](const auto&) { return std::nullopt; }};
  ObjectLoader loader_{settings_, intent_, table_, names_, addresses_, ranges_, load_balancers_};
  const ObjectRenderer renderer_{settings_, names_, loader_.owners()};
};

TEST_F(Loader, AnOwnedObjectWithItsDerivedUuidIsNotAdopted) {
  auto network = renderer_.pod_network("shop/web", "namespace-uid", {});
  EXPECT_EQ(loader_.find(network), no_slot);
  const auto& entry = load(network);
  EXPECT_NE(loader_.find(network), no_slot);
  EXPECT_TRUE(entry.exists());
  EXPECT_EQ(entry.ownership(), Ownership::owned);
  EXPECT_EQ(entry.uuid(), network.uuid);
  EXPECT_EQ(entry.identity(), identity_of("namespace-uid"));
  EXPECT_FALSE(entry.is_adopted());

  network.uuid = uuid_of_uid("of another client");
  EXPECT_TRUE(load(network).is_adopted());
}

TEST_F(Loader, ObjectsOfOtherOwnersAreForeignAndThoseWithoutUnowned) {
  auto network = renderer_.pod_network("shop/web", "namespace-uid", {});
  network.annotations[std::string(annotation_owner)] = "kubernetes/another-uid";
  EXPECT_EQ(load(network).ownership(), Ownership::foreign);
  network.annotations.clear();
  EXPECT_EQ(load(network).ownership(), Ownership::unowned);
}

TEST_F(Loader, TheObjectsOfAFormerClusterAreOwnedAfterATakeOver) {
  auto network = renderer_.pod_network("shop/web", "namespace-uid", {});
  network.annotations[std::string(annotation_owner)] = "kubernetes/former-uid";
  EXPECT_EQ(load(network).ownership(), Ownership::foreign);
  EXPECT_TRUE(loader_.take_over("former-uid"));
  EXPECT_FALSE(loader_.take_over("former-uid")) << "a repeated take-over changes nothing";
  EXPECT_EQ(load(network).ownership(), Ownership::owned);
  EXPECT_TRUE(load(network).is_of_former_cluster());
}

TEST_F(Loader, TheDeletionOfAnOrphanIsHeld) {
  auto policy = renderer_.access_policy("shop/data", "namespace-uid", {}, false);
  EXPECT_EQ(load(policy).deletion_hold(), DeletionHold::none);
  policy.annotations[std::string(annotation_kind)] = "Unheard";
  EXPECT_EQ(load(policy).deletion_hold(), DeletionHold::unexplained);
  policy.annotations[std::string(annotation_kind)] = "AccessPolicy";
  EXPECT_EQ(load(policy).deletion_hold(), DeletionHold::none);
}

TEST_F(Loader, AVirtualMachineIsFoundByItsUuid) {
  const auto machine = object(Type::virtual_machine, "web-1__shop", pod_uid);
  const auto id = loader_.load(machine);
  EXPECT_EQ(table_[id].name(), pod_uid);
  EXPECT_EQ(loader_.find(machine), id);
  EXPECT_EQ(loader_.adopted().name_of_machine(id), "web-1__shop");

  auto interface = object(Type::virtual_machine_interface, "default-domain:shop:web-1", "an interface");
  interface.machines = {{"web-1__shop", machine.uuid}};
  loader_.load(interface);
  EXPECT_EQ(table_.find(Type::virtual_machine, "web-1__shop"), no_slot) << "the reference resolves to the same entry";

  loader_.made_anew(id);
  EXPECT_EQ(loader_.adopted().name_of_machine(id), pod_uid);
}

TEST_F(Loader, AnUnownedInterfaceKeepsItsMac) {
  auto interface = object(Type::virtual_machine_interface, "default-domain:shop:web-1", "an interface");
  interface.mac = "02:11:22:33:44:55";
  const auto id = loader_.load(interface);
  EXPECT_EQ(loader_.adopted().mac_of_interface(id, pod_uid), interface.mac);
}

TEST_F(Loader, AReservationHoldsItsAddressUntilItIsDeleted) {
  const auto address = IpAddress::parse("10.0.0.7");
  const auto id = loader_.load(renderer_.reservation(pod(), Family::v4, address));
  EXPECT_EQ(addresses_.of(pod_uid, Family::v4), address);
  table_.set_observed(id, false, {});
  loader_.gone(id, Time{0});
  EXPECT_EQ(addresses_.of(pod_uid, Family::v4), std::nullopt);
  EXPECT_NE(addresses_.next_cooled_down(), std::nullopt);
}

TEST_F(Loader, AnAddressWithoutReservationIsHeldOnlyForARunningPod) {
  const auto address = IpAddress::parse("10.0.0.7");
  const auto use = renderer_.instance_ip(pod(), Family::v4, address);
  EXPECT_NE(load(use).reserved_by(), no_slot);
  EXPECT_EQ(addresses_.of(pod_uid, Family::v4), std::nullopt);

  intent_.put(make_namespace("shop"));
  auto running = make_pod("shop", "web-1", "web");
  intent_.put(running);
  intent_.settle();
  auto facts = pod();
  facts.uid = intent_.pod("shop/web-1")->uid;
  loader_.load(renderer_.instance_ip(facts, Family::v4, address));
  EXPECT_EQ(addresses_.of(facts.uid, Family::v4), address);
}

TEST_F(Loader, SubnetsOfOtherClientsAreForeign) {
  auto network = renderer_.pod_network("shop/web", "namespace-uid", {});
  EXPECT_TRUE(load(network).cold().foreign_ipams.empty());
  contrail::Subnet subnet;
  subnet.cidr = *Cidr::parse("172.16.0.0/24");
  subnet.subnet_uuid = uuid_of_uid("a subnet of another client");
  network.ipams.push_back({"default-domain:other:ipam", {}, {subnet}});
  const auto& entry = load(network);
  ASSERT_EQ(entry.cold().foreign_ipams.size(), 1U);
  EXPECT_EQ(entry.cold().foreign_ipams[0].subnets.size(), 1U);
}

TEST_F(Loader, ADerivedRuleThatWasRewrittenIsReclaimed) {
  for (const auto* name : {"default-domain:shop:web", "default-domain:shop:db"})
    loader_.load(object(Type::virtual_network, name, name));
  auto policy = renderer_.access_policy("shop/data", "namespace-uid", {}, false);
  policy.rules = rules_between({"default-domain:shop:web"}, {"default-domain:shop:db"}, false, 900'000);
  identify(policy.fq_name, policy.rules);
  EXPECT_TRUE(load(policy).cold().foreign_rules.empty());

  policy.rules.front().destinations = {"default-domain:other:net"};
  contrail::Rule foreign;
  foreign.uuid = uuid_of_uid("99999999-9999-4999-9999-999999999999");
  foreign.sources = foreign.destinations = {"default-domain:other:net"};
  policy.rules.push_back(foreign);
  const auto id = loader_.load(policy);
  ASSERT_EQ(table_[id].cold().foreign_rules.size(), 2U) << "the content of the rule does not match its id";
  loader_.reclaim_rules(id);
  ASSERT_EQ(table_[id].cold().foreign_rules.size(), 1U);
  EXPECT_EQ(table_[id].cold().foreign_rules[0], foreign);
  EXPECT_NE(table_[id].observed().find(rewritten_rule(policy.rules.front().uuid).key), nullptr);
}

TEST_F(Loader, ForeignRulesThatAnAdoptionRemovedAreForgotten) {
  auto policy = object(Type::network_policy, "default-domain:shop:__svc_data", "found");
  for (const auto* uuid : {"99999999-9999-4999-9999-999999999991", "99999999-9999-4999-9999-999999999992"}) {
    contrail::Rule rule;
    rule.uuid = uuid_of_uid(uuid);
    rule.sources = {uuid};
    policy.rules.push_back(rule);
  }
  const auto id = loader_.load(policy);
  ASSERT_EQ(table_[id].cold().foreign_rules.size(), 2U);
  loader_.adopt_rules(id, {policy.rules.back()});
  ASSERT_EQ(table_[id].cold().foreign_rules.size(), 1U);
  EXPECT_EQ(table_[id].cold().foreign_rules[0], policy.rules.back());
}

TEST_F(Loader, ARetainedNetworkExistsWithoutAService) {
  EXPECT_EQ(loader_.retained_tiers(), (std::vector<TierKey>{"shop/dns"}));
  EXPECT_EQ(loader_.retained("shop/dns"), no_slot);
  const auto id = loader_.load(renderer_.service_network("shop/dns", "namespace-uid", {}));
  EXPECT_EQ(loader_.retained("shop/dns"), id);
  loader_.load(renderer_.service_network("shop/data", "namespace-uid", {}));
  EXPECT_EQ(loader_.retained("shop/data"), no_slot) << "the tier is not configured as retained";
}

TEST_F(Loader, AnInventoryRecordsTheHoldersOfPublicAddresses) {
  auto floating_ip = object(Type::floating_ip, Names::pool(names_.public_network()) + ":theirs", "theirs");
  floating_ip.address = IpAddress::parse("192.0.2.9");
  loader_.begin_inventory();
  loader_.count(floating_ip);
  loader_.end_inventory();
  EXPECT_NE(load_balancers_.holder_of(no_slot, *floating_ip.address), std::nullopt);
  loader_.begin_inventory();
  loader_.end_inventory();
  EXPECT_EQ(load_balancers_.holder_of(no_slot, *floating_ip.address), std::nullopt);
}

}  // namespace
}  // namespace knm::test
