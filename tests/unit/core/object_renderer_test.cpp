#include "controller/bind/object_renderer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/model/identity.hpp"
#include "controller/model/provenance.hpp"

// Objects from facts that are made by hand: without a cluster, a table or a server.
namespace knm::test {
namespace {

using contrail::Cidr;
using contrail::Family;
using contrail::IpAddress;
using contrail::Object;
using contrail::Type;

const std::string ns_uid = "11111111-1111-1111-1111-111111111111";
const std::string pod_uid = "22222222-2222-2222-2222-222222222222";
const std::string service_uid = "33333333-3333-3333-3333-333333333333";

Settings configured() {
  Settings out;
  out.private_ip_range = {*Cidr::parse("10.0.0.0/16"), *Cidr::parse("10.1.0.0/16")};
  out.service_cluster_ip_range = {*Cidr::parse("10.254.0.0/16")};
  out.public_ip_range = {*Cidr::parse("192.0.2.0/24")};
  return out;
}

TierSet tiers(const std::vector<std::string>& keys) {
  TierSet out;
  for (const auto& key : keys) out.insert(PackedText(key));
  return out;
}

PodFacts pod() {
  PodFacts out;
  out.set_key(PackedText("shop/web-1"));
  out.ns = PackedText("shop");
  out.uid = PackedText(pod_uid);
  out.tier = PackedText("web");
  return out;
}

ServiceFacts service() {
  ServiceFacts out;
  out.ns = "shop";
  out.name = "db";
  out.uid = service_uid;
  out.tier = "data";
  auto& reach = out.reach[0];
  reach.mappings = {{"tcp", 80, 8080}};
  return out;
}

std::vector<contrail::FqName> names_of(const std::vector<contrail::Reference>& references) {
  std::vector<contrail::FqName> out;
  for (const auto& reference : references) out.push_back(reference.to);
  return out;
}

class Renderer : public testing::Test {
 protected:
  Renderer() { owners_.set("kubernetes/cluster-uid"); }

  const Settings settings_ = configured();
  const Names names_{settings_};
  Owners owners_;
  const ObjectRenderer renderer_{settings_, names_, owners_};
};

TEST_F(Renderer, AProjectHasTheUidOfItsNamespaceAsUuid) {
  NamespaceFacts ns;
  ns.name = "shop";
  ns.uid = ns_uid;
  const auto object = renderer_.project(ns);
  EXPECT_EQ(object.type, Type::project);
  EXPECT_EQ(object.fq_name, "default-domain:shop");
  EXPECT_EQ(object.uuid.text(), ns_uid);
  EXPECT_EQ(object.annotations, mark("kubernetes/cluster-uid", "Namespace", ns_uid, "shop"));
}

TEST_F(Renderer, APodsObjectsReferToEachOther) {
  const auto machine = renderer_.virtual_machine(pod());
  EXPECT_EQ(machine.fq_name, pod_uid);
  EXPECT_EQ(machine.display_name, "web-1");

  const auto interface = renderer_.interface(pod(), "02:00:00:00:00:01");
  EXPECT_EQ(interface.uuid, interface_uuid(pod_uid));
  EXPECT_EQ(interface.mac, "02:00:00:00:00:01");
  EXPECT_EQ(names_of(interface.machines), (std::vector{machine.fq_name}));
  EXPECT_EQ(names_of(interface.networks), (std::vector<contrail::FqName>{"default-domain:shop:web"}));

  const auto address = IpAddress::parse("10.0.0.7");
  const auto reservation = renderer_.reservation(pod(), Family::v4, address);
  const auto use = renderer_.instance_ip(pod(), Family::v4, address);
  EXPECT_EQ(reservation.fq_name, pod_uid);
  EXPECT_EQ(names_of(reservation.networks), (std::vector{names_.allocation_network()}));
  EXPECT_TRUE(reservation.interfaces.empty());
  EXPECT_EQ(names_of(use.networks), names_of(interface.networks));
  EXPECT_EQ(names_of(use.interfaces), (std::vector{interface.fq_name}));
  EXPECT_EQ(use.instance_ip_mode, "active-active");
  for (const auto& object : {reservation, use}) EXPECT_EQ(object.address, address);
  for (const auto& object : {machine, interface, reservation, use})
    EXPECT_EQ(object.annotations, mark("kubernetes/cluster-uid", "Pod", pod_uid, "shop/web-1"));
}

TEST_F(Renderer, InstanceIpsOfBothFamiliesDiffer) {
  const auto v4 = renderer_.reservation(pod(), Family::v4, {}), v6 = renderer_.reservation(pod(), Family::v6, {});
  EXPECT_NE(v4.fq_name, v6.fq_name);
  EXPECT_NE(v4.uuid, v6.uuid);
  EXPECT_EQ(v4.address, std::nullopt) << "the server chooses the address";
  EXPECT_NE(renderer_.instance_ip(pod(), Family::v4, {}).uuid, v4.uuid);
}

TEST_F(Renderer, APodNetworkHasTheWholeRangesAndEachPolicyOnce) {
  const auto object = renderer_.pod_network("shop/web", ns_uid, {"d:shop:p1", "d:shop:p2", "d:shop:p1"});
  ASSERT_EQ(object.ipams.size(), 1U);
  const auto& subnets = object.ipams.front().subnets;
  ASSERT_EQ(subnets.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(subnets[i].cidr, settings_.private_ip_range[i]);
    EXPECT_EQ(subnets[i].subnet_uuid, subnet_uuid(object.uuid, subnets[i].cidr));
    EXPECT_EQ(subnets[i].gateway, std::nullopt) << "the server's default";
  }
  ASSERT_EQ(object.policies.size(), 2U);
  EXPECT_EQ(object.policies[0].to, "d:shop:p1");
  EXPECT_EQ(object.policies[1].to, "d:shop:p2");
  EXPECT_EQ(object.policies[0].sequence, contrail::Sequence{});
}

TEST_F(Renderer, AServiceNetworkReservesNoAddress) {
  const auto object = renderer_.service_network("shop/data", ns_uid, {});
  ASSERT_EQ(object.ipams.size(), 1U);
  const auto& subnet = object.ipams.front().subnets.at(0);
  EXPECT_EQ(subnet.cidr, settings_.service_cluster_ip_range.front());
  ASSERT_TRUE(subnet.gateway && subnet.dns);
  EXPECT_TRUE(subnet.gateway->is_unspecified() && subnet.dns->is_unspecified());
  EXPECT_EQ(renderer_.service_pool("shop/data", ns_uid).fq_name, Names::pool(object.fq_name));
}

TEST_F(Renderer, AnAccessPolicyConnectsEachUserWithAllDestinationsOfTheTier) {
  ServiceTierFacts tier;
  tier.addressed = true;
  tier.users = tiers({"shop/web", "shop/api"});
  tier.headless_backends = tiers({"shop/db"});
  tier.external = PackedText("default-domain:other:net");
  const std::vector<contrail::FqName> reached{names_.service_network("shop", "data"), "default-domain:shop:db",
                                              "default-domain:other:net"};
  EXPECT_EQ(renderer_.destinations("shop/data", tier), reached);
  const auto object = renderer_.access_policy("shop/data", ns_uid, tier, false);
  EXPECT_EQ(object.rules.size(), 6U);
  for (const auto& destination : reached)
    EXPECT_EQ(std::count_if(object.rules.begin(), object.rules.end(),
                            [&](const auto& rule) { return rule.destinations == std::vector{destination}; }),
              2);
  const auto bundled = renderer_.access_policy("shop/data", ns_uid, tier, true);
  EXPECT_EQ(bundled.uuid, object.uuid);
}

TEST_F(Renderer, AGlobalPolicyBelongsToTheNamespaceOfItsProject) {
  ExternalNetworkFacts network;
  network.network = "default-domain:shop:net";
  network.tiers = tiers({"shop/web"});
  const auto own = renderer_.global_policy(network, ns_uid, false), none = renderer_.global_policy(network, {}, false);
  EXPECT_EQ(own.fq_name, none.fq_name);
  EXPECT_NE(own.uuid, none.uuid);
  EXPECT_EQ(text_of(own.annotations, annotation_uid), ns_uid);
  EXPECT_EQ(text_of(none.annotations, annotation_uid), "cluster-uid");
  EXPECT_EQ(own.rules, none.rules);
  ASSERT_EQ(own.rules.size(), 1U);
  EXPECT_EQ(own.rules[0].sources, (std::vector<contrail::FqName>{"default-domain:shop:web"}));
  EXPECT_EQ(own.rules[0].destinations, (std::vector{network.network}));
}

TEST_F(Renderer, AnExternalNetworkIsRenderedWithItsPoliciesOnly) {
  const auto object = renderer_.external_network("default-domain:x:net", {"default-domain:x:policy"});
  Object bare;
  bare.type = Type::virtual_network;
  bare.fq_name = "default-domain:x:net";
  bare.policies = object.policies;
  EXPECT_EQ(object.policies.size(), 1U);
  EXPECT_EQ(object.annotations, bare.annotations);
  EXPECT_TRUE(object.ipams.empty());
  EXPECT_TRUE(object.uuid.is_nil());
}

TEST_F(Renderer, AServiceAddressReachesTheBackendsOfItsFamily) {
  const auto facts = service();
  const auto object = renderer_.cluster_address(facts, *IpAddress::parse("10.254.0.9"), false);
  EXPECT_EQ(object.port_mappings, facts.reach[0].mappings);
  EXPECT_TRUE(object.port_mappings_enable);
  EXPECT_EQ(object.traffic_direction, "ingress");
  EXPECT_EQ(names_of(object.projects), (std::vector{names_.project("shop")}));
  EXPECT_EQ(object.address, IpAddress::parse("10.254.0.9"));

  const auto v6 = renderer_.cluster_address(facts, *IpAddress::parse("fd00::9"), true);
  EXPECT_TRUE(v6.port_mappings.empty());
  EXPECT_NE(v6.fq_name, object.fq_name);
}

TEST_F(Renderer, APublicAddressIsInTheProjectOfThePublicNetwork) {
  const auto address = *IpAddress::parse("192.0.2.9");
  const auto short_name = renderer_.public_address(service(), address, true);
  const auto long_name = renderer_.public_address(service(), address, false);
  EXPECT_EQ(names_of(short_name.projects), (std::vector{contrail::parent_of(names_.public_network())}));
  EXPECT_NE(short_name.fq_name, long_name.fq_name);
  EXPECT_EQ(short_name.uuid, long_name.uuid) << "a floating IP keeps its uuid when its name changes";
}

TEST_F(Renderer, ASharedObjectHasNoOwner) {
  contrail::IpamReference ipam;
  ipam.to = Names::ipam();
  ipam.subnets.emplace_back().cidr = settings_.private_ip_range.front();
  Owners others;
  others.set("other/another-uid");
  const ObjectRenderer other(settings_, names_, others);
  const auto own = renderer_.allocation_network({ipam}, {}), foreign = other.allocation_network({ipam}, {});
  EXPECT_EQ(own.uuid, foreign.uuid);
  EXPECT_EQ(own.ipams, foreign.ipams);
  EXPECT_EQ(own.ipams.front().subnets.front().subnet_uuid, subnet_uuid(own.uuid, ipam.subnets.front().cidr));
  EXPECT_EQ(text_of(own.annotations, annotation_owner), shared_owner);
  EXPECT_NE(own.annotations, foreign.annotations) << "each cluster adds its annotation";
  EXPECT_NE(renderer_.public_ipam().uuid, other.public_ipam().uuid) << "the public ipam belongs to one cluster";
}

TEST_F(Renderer, ARuleExplainsEveryObject) {
  NamespaceFacts ns;
  ns.name = "shop";
  ns.uid = ns_uid;
  const auto facts = service();
  for (const auto& object :
       {renderer_.project(ns), renderer_.pod_network("shop/web", ns_uid, {}),
        renderer_.service_network("shop/data", ns_uid, {}), renderer_.service_pool("shop/data", ns_uid),
        renderer_.access_policy("shop/data", ns_uid, {}, false), renderer_.virtual_machine(pod()),
        renderer_.interface(pod(), {}), renderer_.reservation(pod(), Family::v4, {}),
        renderer_.instance_ip(pod(), Family::v6, {}), renderer_.public_ipam(),
        renderer_.cluster_address(facts, *IpAddress::parse("10.254.0.9"), false)}) {
    const auto kind = text_of(object.annotations, annotation_kind), uid = text_of(object.annotations, annotation_uid);
    EXPECT_TRUE(is_explained(object.type, kind, uid)) << object.fq_name;
    EXPECT_TRUE(has_derived_uuid(object)) << object.fq_name;
  }
}

TEST_F(Renderer, OwnerAnnotationsAreRenderedAlone) {
  using Annotations = std::map<std::string, std::string>;
  EXPECT_EQ(renderer_.owner_annotation(false), (Annotations{{"opencontrail.org/owner", "kubernetes/cluster-uid"}}));
  EXPECT_EQ(renderer_.owner_annotation(true), (Annotations{{user_key("kubernetes/cluster-uid"), "cluster-uid"}}));
  EXPECT_EQ(renderer_.leftover_annotations("default-domain:shop:__svc_data", uuid_of_uid(ns_uid)),
            mark("kubernetes/cluster-uid", "AccessPolicy", ns_uid, "shop/data"));
}

}  // namespace
}  // namespace knm::test
