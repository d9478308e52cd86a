#include "controller/bind/adopted.hpp"

#include <gtest/gtest.h>

#include "controller/bind/object_renderer.hpp"
#include "controller/model/identity.hpp"
#include "controller/model/pod_state.hpp"

// The ids and names of adopted objects, from table entries that are made by hand.
namespace knm::test {
namespace {

using contrail::Cidr;
using contrail::IpAddress;
using contrail::Type;

const std::string uid = "22222222-2222-2222-2222-222222222222", mac = "02:11:22:33:44:55";
const contrail::Uuid found = uuid_of_uid("99999999-9999-9999-9999-999999999999");

class AdoptedTest : public testing::Test {
 protected:
  SlotId interface(Ownership ownership, const contrail::Uuid& uuid, std::string_view made_for) {
    const auto id = table_.slot(Type::virtual_machine_interface, "default-domain:a:p");
    table_[id].identify({{uuid, identity_of(made_for)}, ownership});
    table_.set_observed(id, true, {});
    return id;
  }

  Table table_;
  Adopted adopted_{table_};
};

TEST_F(AdoptedTest, AMissingInterfaceGetsDerivedIds) {
  EXPECT_EQ(adopted_.uuid_of_interface(no_slot, uid), interface_uuid(uid));
  EXPECT_EQ(adopted_.mac_of_interface(no_slot, uid), mac_of(interface_uuid(uid)));
}

TEST_F(AdoptedTest, AnUnownedInterfaceKeepsItsIds) {
  const auto id = interface(Ownership::unowned, found, "");
  adopted_.note_mac(id, found, mac);
  EXPECT_EQ(adopted_.uuid_of_interface(id, uid), found);
  EXPECT_EQ(adopted_.mac_of_interface(id, uid), mac);
}

TEST_F(AdoptedTest, ALaterChangeOfTheMacIsDrift) {
  const auto id = interface(Ownership::unowned, found, "");
  adopted_.note_mac(id, found, mac);
  adopted_.note_mac(id, found, "02:ff:ff:ff:ff:ff");
  EXPECT_EQ(adopted_.mac_of_interface(id, uid), mac);
  adopted_.forget(id);
  EXPECT_EQ(adopted_.mac_of_interface(id, uid), mac_of(found));
}

TEST_F(AdoptedTest, AnInterfaceMadeForAFormerPodIsNotUsed) {
  const auto id = interface(Ownership::owned, found, "an older UID");
  adopted_.note_mac(id, found, mac);
  EXPECT_EQ(adopted_.uuid_of_interface(id, uid), interface_uuid(uid));
  EXPECT_EQ(adopted_.mac_of_interface(id, uid), mac_of(interface_uuid(uid)));
  interface(Ownership::owned, found, uid);
  EXPECT_EQ(adopted_.mac_of_interface(id, uid), mac);
}

TEST_F(AdoptedTest, AForeignInterfaceIsNotUsed) {
  const auto id = interface(Ownership::foreign, found, uid);
  EXPECT_EQ(adopted_.uuid_of_interface(id, uid), interface_uuid(uid));
}

TEST_F(AdoptedTest, AVirtualMachineMayHaveAnotherNameInTheConfigApi) {
  const auto id = table_.slot(Type::virtual_machine, uid);
  EXPECT_EQ(adopted_.name_of_machine(id), uid);
  adopted_.note_name(id, "web-1__shop");
  EXPECT_EQ(adopted_.name_of_machine(id), "web-1__shop");
  adopted_.forget_name(id);
  EXPECT_EQ(adopted_.name_of_machine(id), uid);
}

TEST_F(AdoptedTest, TheGatewayComesFromTheObservedSubnet) {
  const auto range = *Cidr::parse("10.0.0.0/24");
  const auto id = table_.slot(Type::virtual_network, "default-domain:a:web");
  contrail::Subnet subnet;
  subnet.cidr = range;
  subnet.gateway = IpAddress::parse("10.0.0.1");
  subnet.dns = IpAddress::parse("10.0.0.2");
  table_[id].set_foreign_ipams({{"ipam", {}, {subnet}}});
  EXPECT_EQ(adopted_.gateway(id, range), gateway_of(range)) << "the network does not exist yet";
  EXPECT_FALSE(adopted_.reserves(id, *IpAddress::parse("10.0.0.1")));

  table_.set_observed(id, true, {});
  EXPECT_EQ(adopted_.gateway(id, range), IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(adopted_.gateway(id, *Cidr::parse("10.1.0.0/24")), gateway_of(*Cidr::parse("10.1.0.0/24")));
  EXPECT_TRUE(adopted_.reserves(id, *IpAddress::parse("10.0.0.2")));
  EXPECT_FALSE(adopted_.reserves(id, *IpAddress::parse("10.0.0.3")));
  EXPECT_FALSE(adopted_.reserves(no_slot, *IpAddress::parse("10.0.0.2")));
}

}  // namespace
}  // namespace knm::test
