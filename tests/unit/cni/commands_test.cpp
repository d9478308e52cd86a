#include "controller/cni/core/commands.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cni/samples.hpp"

namespace knm::cni {
namespace {

std::string joined(const Words& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

TEST(Commands, ThePairIsMadeInOneLine) {
  auto attachment = test::attachment();
  attachment.device = "knm0";
  EXPECT_EQ(line_of_pair(attachment, "/proc/1/fd/7"),
            "link add name knm0 mtu 1400 type veth peer name eth0 mtu 1400 address 02:4e:2e:18:ce:20 netns "
            "/proc/1/fd/7\n");
}

TEST(Commands, EachFamilyHasItsRoutesOnce) {
  auto attachment = test::dual_stack();
  attachment.addresses.push_back({test::ip("10.0.0.8"), test::ip("10.0.255.254")});
  EXPECT_EQ(lines_inside(attachment),
            "link set eth0 up\n"
            "address add 10.0.0.7/32 dev eth0\n"
            "route replace 10.0.255.254/32 dev eth0\n"
            "route replace 0.0.0.0/0 via 10.0.255.254 dev eth0\n"
            "address add fd00::7/128 nodad dev eth0\n"
            "route replace fd00::ffff/128 dev eth0\n"
            "route replace ::/0 via fd00::ffff dev eth0\n"
            "address add 10.0.0.8/32 dev eth0\n");
}

TEST(Commands, APortIsMadeInOneTransaction) {
  auto attachment = test::attachment();
  attachment.device = "knm0";
  const auto text = joined(plug_port(attachment));
  EXPECT_EQ(text.find("--may-exist add-port br-int knm0 -- set interface knm0 external_ids:"), 0U) << text;
  for (const char* word :
       {R"(external_ids:iface-id="4e2e18ce-2043-536c-bc98-78adf6321775")",
        R"(external_ids:attached-mac="02:4e:2e:18:ce:20")", R"(external_ids:contrail-cni-network="contrail")",
        R"(external_ids:contrail-cni-container="c0ffee")", R"(external_ids:contrail-cni-ifname="eth0")",
        R"(external_ids:contrail-cni-pod="shop/web-1")",
        R"(external_ids:contrail-cni-pod-uid="7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77")"})
    EXPECT_NE(text.find(word), std::string::npos) << word;
}

TEST(Commands, ValuesAreQuoted) {
  EXPECT_EQ(find_ports(R"(a"b\c)").back(), R"(external_ids:contrail-cni-network="a\"b\\c")");
}

TEST(Commands, SeveralPortsGoInOneTransaction) {
  EXPECT_EQ(joined(unplug_ports({"a", "b"})), "-- --if-exists del-port a -- --if-exists del-port b");
}

}  // namespace
}  // namespace knm::cni
