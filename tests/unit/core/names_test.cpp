#include "controller/model/names.hpp"

#include <gtest/gtest.h>

namespace knm {
namespace {

using contrail::Family;

TEST(Names, NamesOfASingleCluster) {
  const Names names{Settings{}};
  EXPECT_EQ(names.project("shop"), "default-domain:shop");
  EXPECT_EQ(names.pod_network("shop", "web"), "default-domain:shop:web");
  EXPECT_EQ(names.service_network("shop", "web"), "default-domain:shop:service-web");
  EXPECT_EQ(names.access_policy("shop", "web"), "default-domain:shop:__svc_web");
  EXPECT_EQ(names.interface("shop", "web-0"), "default-domain:shop:web-0");
  EXPECT_EQ(names.address_use("shop", "web-0", Family::v4), "shop_web-0");
  EXPECT_EQ(names.address_use("shop", "web-0", Family::v6), "shop_web-0_v6");
  EXPECT_EQ(Names::address_allocation("uid", Family::v4), "uid");
  EXPECT_EQ(Names::address_allocation("uid", Family::v6), "uid_v6");
  EXPECT_EQ(names.allocation_network(), "default-domain:default-project:addr-alloc");
  EXPECT_EQ(names.public_network(), "default-domain:default-project:Public");
}

TEST(Names, TheNamespaceIsDerivedFromTheProjectName) {
  EXPECT_EQ(Names{Settings{}}.namespace_of("default-domain:shop"), "shop");
  EXPECT_EQ(Names{Settings{}}.namespace_of("other-domain:shop"), std::nullopt);
  Settings settings;
  settings.cluster_name = "east";
  EXPECT_EQ(Names{settings}.namespace_of("default-domain:east_shop"), "shop");
  EXPECT_EQ(Names{settings}.namespace_of("default-domain:shop"), std::nullopt);
}

TEST(Names, ReservedTierNamesGetAPrefix) {
  const Names names{Settings{}};
  EXPECT_EQ(names.pod_network("shop", "service-web"), "default-domain:shop:__pod_service-web");
  EXPECT_EQ(names.pod_network("shop", "default-virtual-network"), "default-domain:shop:__pod_default-virtual-network");
  EXPECT_EQ(names.pod_network("shop", "services"), "default-domain:shop:services");
  EXPECT_EQ(names.service_network("shop", "service-web"), "default-domain:shop:service-service-web");
}

TEST(Names, NamesOfServiceAddresses) {
  const Names names{Settings{}};
  const auto v4 = *contrail::IpAddress::parse("192.0.2.10"), v6 = *contrail::IpAddress::parse("2001:db8::a");
  EXPECT_EQ(names.cluster_address("shop", "web", "front", Family::v4, false),
            "default-domain:shop:service-web:service-web:front");
  EXPECT_EQ(names.cluster_address("shop", "web", "front", Family::v6, true),
            "default-domain:shop:service-web:service-web:front_v6");
  EXPECT_EQ(names.cluster_address("shop", "web", "front", Family::v4, true),
            "default-domain:shop:service-web:service-web:front_v4");
  const std::string pool = "default-domain:default-project:Public:Public:";
  EXPECT_EQ(names.public_address("shop", "front", v4, true), pool + "shop_front");
  EXPECT_EQ(names.public_address("shop", "front", v4, false), pool + "shop_front_192.0.2.10");
  EXPECT_EQ(names.public_address("shop", "front", v6, false), pool + "shop_front_2001-db8--a");
}

TEST(Names, NamesWithAClusterName) {
  Settings settings;
  settings.cluster_name = "east";
  settings.default_domain = "org";
  settings.default_project = "org:infra";
  settings.public_network = "org:edge:wan";
  const Names names{settings};
  EXPECT_EQ(names.project("shop"), "org:east_shop");
  EXPECT_EQ(names.address_use("shop", "web-0", Family::v4), "east_shop_web-0");
  EXPECT_EQ(names.public_address("shop", "front", {}, true), "org:edge:wan:wan:east_shop_front");
  EXPECT_EQ(names.allocation_network(), "org:infra:addr-alloc");
  EXPECT_TRUE(names.is_shared_project("org:infra"));
  EXPECT_TRUE(names.is_shared_project("org:edge"));
  EXPECT_FALSE(names.is_shared_project("org:east_shop"));
}

}  // namespace
}  // namespace knm
