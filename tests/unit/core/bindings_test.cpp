#include "controller/bind/bindings.hpp"

#include <gtest/gtest.h>

#include "controller/bind/role.hpp"
#include "tests/support/builders.hpp"

// The entries of a unit, from entries that are made by hand.
namespace knm::test {
namespace {

using contrail::IpAddress;
using contrail::Type;

class BindingsTest : public testing::Test {
 protected:
  BindingsTest() {
    intent_.put(make_namespace("shop"));
    intent_.put(make_pod("shop", "web-1", "web"));
    intent_.put(make_service("shop", "db", "data", "10.254.1.1"));
    intent_.settle();
  }

  // An entry that the unit desires.
  SlotId entry(const Unit& unit, Type type, const std::string& name, Role role, std::uint32_t index = 0,
               TargetApi home = TargetApi::config) {
    const auto [key, binding] = bindings_.make(unit);
    const auto id = table_.slot(home, type, name);
    const Source source{static_cast<std::uint8_t>(role), index, key};
    home == TargetApi::config ? table_[id].want(source, {}) : table_[id].want_text(source, {}, {});
    binding->slots.push_back(id);
    return id;
  }

  const Settings settings_;
  const Names names_{settings_};
  Intent intent_{settings_};
  Table table_;
  Bindings bindings_{intent_, table_, names_};
  const Unit pod_{UnitKind::pod, "shop/web-1"}, service_{UnitKind::service, "shop/db"};
};

TEST_F(BindingsTest, ABindingIsCreatedOnceAndErased) {
  EXPECT_EQ(bindings_.find(UnitKind::pod, "shop/web-1"), nullptr);
  const auto [key, binding] = bindings_.make(pod_);
  EXPECT_EQ(*key, "shop/web-1");
  EXPECT_EQ(bindings_.make(pod_).second, binding);
  EXPECT_EQ(bindings_.find(UnitKind::pod, "shop/web-1"), binding);
  EXPECT_EQ(bindings_.find(UnitKind::service, "shop/web-1"), nullptr);
  bindings_.erase(pod_);
  EXPECT_EQ(bindings_.find(UnitKind::pod, "shop/web-1"), nullptr);
}

TEST_F(BindingsTest, AnEntryBelongsToTheUnitThatDesiresIt) {
  const auto at = [&](UnitKind kind, const std::string& key, Role role) {
    return bindings_.unit_of(entry({kind, key}, Type::project, "any", role));
  };
  EXPECT_EQ(at(UnitKind::ns, "shop", Role::project), (Unit{UnitKind::ns, "shop"}));
  EXPECT_EQ(at(UnitKind::pod_tier, "shop/web", Role::pod_network), (Unit{UnitKind::pod_tier, "shop/web"}));
  EXPECT_EQ(at(UnitKind::service_tier, "shop/data", Role::access_policy), (Unit{UnitKind::service_tier, "shop/data"}));
  EXPECT_EQ(at(UnitKind::service, "shop/db", Role::load_balancer_status), service_);
  EXPECT_EQ(at(UnitKind::pod, "shop/web-1", Role::pod_state), pod_);
  EXPECT_EQ(at(UnitKind::external_network, "d:x:net", Role::global_policy),
            (Unit{UnitKind::external_network, "d:x:net"}));
  EXPECT_EQ(bindings_.unit_of(table_.slot(Type::project, "not wanted")), std::nullopt);
}

TEST_F(BindingsTest, TheNamespaceOfAnEntryComesFromItsUnitOrItsName) {
  EXPECT_EQ(bindings_.project_of(entry({UnitKind::ns, "shop"}, Type::project, "p", Role::project)), "shop");
  EXPECT_EQ(bindings_.project_of(entry(pod_, Type::virtual_machine, "uid", Role::virtual_machine)), "shop");
  EXPECT_EQ(bindings_.project_of(entry({UnitKind::external_network, "d:x:net"}, Type::virtual_network, "d:x:net",
                                       Role::external_network)),
            "");
  EXPECT_EQ(bindings_.project_of(table_.slot(Type::virtual_network, "default-domain:shop:web")), "shop");
  EXPECT_EQ(bindings_.project_of(table_.slot(Type::virtual_machine, "a UID")), "");
}

TEST_F(BindingsTest, ThePodStateOfAPodIsFound) {
  EXPECT_EQ(bindings_.pod_state("shop/web-1"), no_slot);
  entry(pod_, Type::virtual_machine, "uid", Role::virtual_machine);
  EXPECT_EQ(bindings_.pod_state("shop/web-1"), no_slot);
  const auto id = entry(pod_, Type::project, "shop/web-1", Role::pod_state, 0, TargetApi::pod_state);
  EXPECT_EQ(bindings_.pod_state("shop/web-1"), id);
}

TEST_F(BindingsTest, TheAddressesOfAServiceAreOrdered) {
  const auto second_public = entry(service_, Type::floating_ip, "p2", Role::public_address, 1);
  const auto cluster = entry(service_, Type::floating_ip, "c", Role::cluster_address);
  const auto first_public = entry(service_, Type::floating_ip, "p1", Role::public_address, 0);
  entry(service_, Type::project, "shop/db", Role::load_balancer_status, 0, TargetApi::service_status);
  EXPECT_EQ(bindings_.addresses_of_service("shop/db"), (std::vector{cluster, first_public, second_public}));
  EXPECT_TRUE(bindings_.addresses_of_service("shop/other").empty());
}

TEST_F(BindingsTest, AFloatingIpIsTheAddressOfItsService) {
  const auto address = *IpAddress::parse("10.254.1.1");
  bindings_.make(service_).second->cluster_addresses.push_back({address, false});
  const auto id = entry(service_, Type::floating_ip, "c", Role::cluster_address);
  EXPECT_EQ(bindings_.possession_of(id), (std::pair(ObjectKey("shop/db"), address)));
  EXPECT_EQ(bindings_.possession_of(entry(service_, Type::floating_ip, "c2", Role::cluster_address, 1)), std::nullopt)
      << "the Service no longer has this address";
  EXPECT_EQ(bindings_.possession_of(entry(pod_, Type::instance_ip, "uid", Role::reservation)), std::nullopt);
}

TEST_F(BindingsTest, TheAddressesOfAnInterfaceAreFound) {
  const auto interface = entry(pod_, Type::virtual_machine_interface, "i", Role::interface);
  const auto reservation = entry(pod_, Type::instance_ip, "uid", Role::reservation);
  const auto use = entry(pod_, Type::instance_ip, "shop_web-1", Role::instance_ip);
  EXPECT_EQ(bindings_.addresses_of(interface), (std::vector{reservation, use}));
  EXPECT_TRUE(bindings_.addresses_of(use).empty());
}

TEST_F(BindingsTest, TheSlotsOfAllBindingsAreMarked) {
  const auto id = entry(pod_, Type::virtual_machine, "uid", Role::virtual_machine);
  const auto other = table_.slot(Type::virtual_machine, "of no unit");
  std::vector<bool> slots(table_.size());
  bindings_.mark_slots(slots);
  EXPECT_TRUE(slots[id]);
  EXPECT_FALSE(slots[other]);
}

}  // namespace
}  // namespace knm::test
