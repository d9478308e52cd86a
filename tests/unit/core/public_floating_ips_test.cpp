#include "controller/bind/public_floating_ips.hpp"

#include <gtest/gtest.h>

#include "controller/model/identity.hpp"

// Which floating IPs of the public pool have an address, and for which Service they were made.
namespace knm {
namespace {

using contrail::IpAddress;
using contrail::Type;

class PublicFloatingIpsTest : public testing::Test {
 protected:
  // A floating IP of this name exists with the address, made for the Service of this UID.
  SlotId exists(const std::string& name, const IpAddress& address, const char* uid,
                Ownership ownership = Ownership::owned) {
    const auto id = table_.slot(Type::floating_ip, "d:p:Public:Public:" + name);
    table_[id].identify({{uuid_of_uid(name), identity_of(uid)}, ownership});
    contrail::Object object;
    object.type = Type::floating_ip;
    object.address = address;
    table_.set_observed(id, true, digests_of(object));
    floating_ips_.read(address, id);
    return id;
  }

  const IpAddress one_ = *IpAddress::parse("192.0.2.1"), two_ = *IpAddress::parse("192.0.2.2");
  Table table_;
  PublicFloatingIps floating_ips_{table_};
};

TEST_F(PublicFloatingIpsTest, FindsTheOwnedFloatingIpWithAnAddress) {
  const auto id = exists("a", one_, "web");
  exists("b", two_, "web", Ownership::foreign);
  EXPECT_EQ(floating_ips_.owned_at(one_), id);
  EXPECT_EQ(floating_ips_.other_at(one_, id), no_slot);
  EXPECT_EQ(floating_ips_.owned_at(two_), no_slot);
  EXPECT_TRUE(floating_ips_.has("web", one_));
  EXPECT_FALSE(floating_ips_.has("db", one_));
}

TEST_F(PublicFloatingIpsTest, KnowsTheAddressesThatAnInventoryShowedForAService) {
  exists("a", one_, "web");
  exists("b", two_, "web");
  exists("c", *IpAddress::parse("2001:db8::1"), "db");
  EXPECT_EQ(floating_ips_.made_for("web"), (std::vector{one_, two_}));
  floating_ips_.begin_inventory();
  EXPECT_TRUE(floating_ips_.made_for("web").empty());
}

TEST_F(PublicFloatingIpsTest, AMovedFloatingIpShowsItsPresentAddressOnly) {
  const auto id = exists("a", one_, "web");
  exists("a", two_, "web");
  EXPECT_EQ(floating_ips_.owned_at(one_), no_slot);
  EXPECT_EQ(floating_ips_.owned_at(two_), id);
  EXPECT_EQ(floating_ips_.addresses_of(id), std::vector{two_});
  EXPECT_EQ(floating_ips_.made_for("web"), std::vector{two_});
}

TEST_F(PublicFloatingIpsTest, ADesiredAddressCountsOnceItExists) {
  const auto id = table_.slot(Type::floating_ip, "d:p:Public:Public:a");
  floating_ips_.note(one_, id);
  EXPECT_EQ(floating_ips_.owned_at(one_), no_slot);
  exists("a", one_, "web");
  EXPECT_EQ(floating_ips_.owned_at(one_), id);
}

TEST_F(PublicFloatingIpsTest, AnEntryThatIsGoneHasNoAddress) {
  const auto id = exists("a", one_, "web");
  floating_ips_.gone(id);
  EXPECT_EQ(floating_ips_.owned_at(one_), no_slot);
  EXPECT_TRUE(floating_ips_.addresses_of(id).empty());
}

}  // namespace
}  // namespace knm
