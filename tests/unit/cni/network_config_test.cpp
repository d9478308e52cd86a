#include "controller/cni/core/network_config.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"
#include "tests/unit/cni/samples.hpp"

namespace knm::cni {
namespace {

using nlohmann::json;

json least() { return {{"cniVersion", "1.1.0"}, {"name", "contrail"}, {"type", "contrail-cni"}, {"kubeconfig", "/k"}}; }

base::Result<NetworkConfig> read(const json& object, Command command = Command::add) {
  return read_network_config(object.dump(), command);
}

void expect_error(const base::Result<NetworkConfig>& config, errc code, const std::string& word) {
  ASSERT_FALSE(config) << word;
  EXPECT_EQ(config.error().code, code) << config.error().message;
  EXPECT_NE(config.error().message.find(word), std::string::npos) << config.error().message;
}

TEST(NetworkConfig, HasDefaults) {
  const auto config = read(least());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->version, Version::v1_1_0);
  EXPECT_EQ(config->name, "contrail");
  EXPECT_EQ(config->kubeconfig, "/k");
  EXPECT_EQ(config->bridge, "br-int");
  EXPECT_EQ(config->ovs_database, "");
  EXPECT_EQ(config->mtu, 1400);
  EXPECT_EQ(config->time_limit, std::chrono::seconds(30));
  EXPECT_FALSE(config->checksum_offload);
  EXPECT_FALSE(config->wait_for_flows);
  EXPECT_FALSE(config->adopted_interfaces);
  EXPECT_TRUE(config->gateways.empty());
}

TEST(NetworkConfig, EachKeyIsRead) {
  auto object = least();
  object.update({{"cniVersion", "0.4.0"},
                 {"bridge", "br0"},
                 {"ovsDatabase", "unix:/run/db.sock"},
                 {"mtu", 8942},
                 {"timeoutSeconds", 5},
                 {"checksumOffload", true},
                 {"waitForFlows", true},
                 {"adoptedInterfaces", true},
                 {"gateways", {"fd00::1"}}});
  const auto config = read(object);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->version, Version::v0_4_0);
  EXPECT_EQ(config->bridge, "br0");
  EXPECT_EQ(config->ovs_database, "unix:/run/db.sock");
  EXPECT_EQ(config->mtu, 8942);
  EXPECT_EQ(config->time_limit, std::chrono::seconds(5));
  EXPECT_TRUE(config->checksum_offload);
  EXPECT_TRUE(config->wait_for_flows);
  EXPECT_TRUE(config->adopted_interfaces);
  EXPECT_EQ(config->gateways, std::vector{test::ip("fd00::1")});
}

TEST(NetworkConfig, KeysOfTheSpecificationAreAccepted) {
  auto object = least();
  object.update({{"args", {{"a", 1}}},
                 {"capabilities", {{"portMappings", true}}},
                 {"runtimeConfig", {{"a", 1}}},
                 {"prevResult", nullptr},
                 {"cni.dev/attachments", json::array()},
                 {"cniVersions", {"1.1.0"}}});
  EXPECT_TRUE(read(object));
}

TEST(NetworkConfig, WrongKeysAndValuesAreNamed) {
  const auto with = [](const char* key, const json& value) {
    auto object = least();
    object[key] = value;
    return read(object);
  };
  expect_error(with("brdige", "br0"), errc::unknown_field, R"(`brdige`: "br0")");
  expect_error(with("mtu", "1400"), errc::bad_config, "`mtu`");
  expect_error(with("mtu", 1279), errc::bad_config, "1280 to 65535");
  expect_error(with("mtu", 65536), errc::bad_config, "`mtu`");
  expect_error(with("timeoutSeconds", 0), errc::bad_config, "`timeoutSeconds`");
  expect_error(with("timeoutSeconds", 1.5), errc::bad_config, "`timeoutSeconds`");
  expect_error(with("waitForFlows", "yes"), errc::bad_config, "`waitForFlows`");
  expect_error(with("gateways", "fd00::1"), errc::bad_config, "`gateways`");
  expect_error(with("gateways", {"fd00::1/64"}), errc::bad_config, "`gateways`");
  expect_error(with("bridge", ""), errc::bad_config, "`bridge`");
  expect_error(with("kubeconfig", 1), errc::bad_config, "`kubeconfig`");
  expect_error(with("name", ""), errc::bad_config, "`name`");
  expect_error(read_network_config("{", Command::add), errc::undecodable, "JSON");
  expect_error(read_network_config("[]", Command::add), errc::undecodable, "JSON");
}

TEST(NetworkConfig, AVersionThatIsNotKnownIsRefused) {
  auto object = least();
  for (const json& version : {json("0.3.1"), json("2.0.0"), json(1), json()}) {
    object["cniVersion"] = version;
    expect_error(read(object), errc::bad_version, "0.4.0, 1.0.0 and 1.1.0");
  }
  object.erase("cniVersion");
  expect_error(read(object), errc::bad_version, "missing");
  EXPECT_EQ(version_of("nonsense"), Version::v1_1_0);
  EXPECT_EQ(version_of(R"({"cniVersion":"1.0.0"})"), Version::v1_0_0);
}

TEST(NetworkConfig, EachCallNeedsOtherKeys) {
  auto object = least();
  object.erase("kubeconfig");
  expect_error(read(object, Command::add), errc::bad_config, "`kubeconfig`");
  expect_error(read(object, Command::status), errc::bad_config, "`kubeconfig`");
  EXPECT_TRUE(read(object, Command::del));
  expect_error(read(object, Command::check), errc::bad_config, "`prevResult`");
  object["prevResult"] = json::object();
  EXPECT_TRUE(read(object, Command::check));
  object["kubeconfig"] = "/k";
  expect_error(read(object, Command::add), errc::bad_config, "`prevResult`");
  expect_error(read(object, Command::gc), errc::bad_config, "`cni.dev/valid-attachments`");
}

TEST(NetworkConfig, DelAcceptsAConfigurationThatAddWouldRefuse) {
  auto object = least();
  object.update({{"mtu", "1400"}, {"brdige", "br0"}, {"bridge", ""}, {"ovsDatabase", "unix:/run/db.sock"}});
  ASSERT_FALSE(read(object, Command::add));
  const auto config = read(object, Command::del);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->ovs_database, "unix:/run/db.sock");
  object["name"] = "";
  expect_error(read(object, Command::del), errc::bad_config, "`name`");
}

TEST(NetworkConfig, ValidAttachmentsAreReadAndNothingIsGuessed) {
  auto object = least();
  auto& list = object["cni.dev/valid-attachments"];
  list = json::array();
  EXPECT_EQ(read(object, Command::gc)->valid_attachments, std::vector<AttachmentRef>());
  list = {{{"containerID", "a"}, {"ifname", "eth0"}}};
  EXPECT_EQ(read(object, Command::gc)->valid_attachments, (std::vector<AttachmentRef>{{"a", "eth0"}}));
  for (const json& wrong :
       {json(), json::object(), json::array({"a"}), json::array({json::object()}),
        json::array({{{"containerID", "a"}, {"ifname", 1}}}), json::array({{{"containerID", "a"}}})}) {
    list = wrong;
    expect_error(read(object, Command::gc), errc::bad_config, "`cni.dev/valid-attachments`");
  }
}

}  // namespace
}  // namespace knm::cni
