#include "controller/cni/core/observed.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

// As iproute2 6.1 prints it.
TEST(ObservedDevices, AreReadWithTheirAddresses) {
  const auto devices = read_devices(
      R"([{"ifindex":2,"link_index":7,"ifname":"eth0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1400,)"
      R"("qdisc":"noqueue","operstate":"UP","link_type":"ether","address":"02:4e:2e:18:ce:20","link_netnsid":0,)"
      R"("addr_info":[{"family":"inet","local":"10.0.0.7","prefixlen":32,"scope":"global","label":"eth0"},)"
      R"({"family":"inet6","local":"fd00::7","prefixlen":128,"scope":"global","nodad":true},)"
      R"({"family":"inet6","local":"fe80::4e:2eff:fe18:ce20","prefixlen":64,"scope":"link"}]}])");
  ASSERT_TRUE(devices) << devices.error().message;
  EXPECT_EQ(*devices,
            (std::vector<Device>{{"eth0", 2, 7, "02:4e:2e:18:ce:20", 1400, true, {"10.0.0.7/32", "fd00::7/128"}}}));
}

TEST(ObservedDevices, ADeviceThatIsDownHasNoFlag) {
  const auto devices = read_devices(R"([{"ifindex":1,"ifname":"lo","flags":["LOOPBACK"],"mtu":65536}])");
  ASSERT_TRUE(devices);
  EXPECT_EQ(*devices, (std::vector<Device>{{"lo", 1, 0, "", 65536, false, {}}}));
}

TEST(ObservedRoutes, AreReadFromBothFamilies) {
  const auto routes =
      read_routes(R"([{"dst":"default","gateway":"fd00::ff","dev":"eth0","metric":1024,"flags":[],"pref":"medium"},)"
                  R"({"dst":"10.0.255.254","dev":"eth0","scope":"link","flags":[]}])");
  ASSERT_TRUE(routes);
  EXPECT_EQ(*routes, (std::vector<Route>{{"default", "fd00::ff", "eth0"}, {"10.0.255.254", "", "eth0"}}));
}

TEST(ObservedRoutes, NothingIsPrintedWhereThereIsNone) {
  EXPECT_EQ(read_routes("")->size(), 0U);
  EXPECT_EQ(read_routes("\n")->size(), 0U);
  EXPECT_EQ(read_routes("[ ]\n")->size(), 0U);
}

// As ovs-vsctl 3.1 prints it.
TEST(ObservedPorts, AreReadWithTheirExternalIdsAndErrors) {
  const auto ports = read_ports(
      R"({"data":[["knm1",["map",[["iface-id","4e2e"],["attached-mac","02:4e:2e:18:ce:20"]]],["set",[]]],)"
      R"(["knm2",["map",[]],"could not open network device knm2"]],"headings":["name","external_ids","error"]})");
  ASSERT_TRUE(ports) << ports.error().message;
  EXPECT_EQ(*ports, (std::vector<Port>{{"knm1", {{"iface-id", "4e2e"}, {"attached-mac", "02:4e:2e:18:ce:20"}}, ""},
                                       {"knm2", {}, "could not open network device knm2"}}));
}

TEST(ObservedPorts, NoPortIsAnEmptyTable) {
  EXPECT_EQ(read_ports(R"({"data":[],"headings":["name","external_ids"]})")->size(), 0U);
}

TEST(Observed, OutputOfAnotherFormIsAnError) {
  for (const char* text : {"{", "{}", "[1]", R"([{"ifname":1}])", R"([{"addr_info":[1]}])"})
    EXPECT_FALSE(read_devices(text)) << text;
  for (const char* text : {"x", R"({"dst":"default"})", R"([{"dst":1}])"}) EXPECT_FALSE(read_routes(text)) << text;
  for (const char* text :
       {"", "[]", "{}", R"({"data":1})", R"({"data":[["a"]]})", R"({"data":[["a","b"]]})",
        R"({"data":[["a",["set",[]],"e"]]})", R"({"data":[["a",["map",[]]]]})", R"({"data":[[1,["map",[]],"e"]]})"}) {
    const auto ports = read_ports(text);
    ASSERT_FALSE(ports) << text;
    EXPECT_EQ(ports.error().code, errc::io_failure);
  }
}

TEST(Observed, LinesAreASet) {
  EXPECT_EQ(read_lines(""), std::set<std::string>());
  EXPECT_EQ(read_lines("a\n\nb"), (std::set<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace knm::cni
