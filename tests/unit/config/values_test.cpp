#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "controller/config/listen.hpp"
#include "controller/config/parse.hpp"

// Accepted files and the resulting settings.
namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Settings parsed(const std::string& yaml) {
  auto settings = parse_settings(yaml, "c.yaml");
  if (settings) return *settings;
  ADD_FAILURE() << settings.error().message;
  return {};
}

contrail::Cidr range(std::string_view text) { return contrail::Cidr::parse(text).value(); }

TEST(ConfigValues, AcceptsTheDemoConfiguration) {
  const auto settings = parsed(
      "public-ip-range: 10.1.0.0/16\n"
      "cluster-service: kube-system/default\n"
      "api-server: 127.0.0.1\n"
      "listen-http: 127.0.0.1:0\n");
  EXPECT_THAT(settings.public_ip_range, ElementsAre(range("10.1.0.0/16")));
  EXPECT_THAT(settings.cluster_service, ElementsAre(ClusterService{"kube-system", "default"}));
  EXPECT_THAT(settings.api_server, ElementsAre("127.0.0.1"));
  EXPECT_EQ(settings.listen_http, (ListenAddress{"127.0.0.1", 0}));
}

TEST(ConfigValues, ASingleValueEqualsAListOfOne) {
  EXPECT_EQ(parsed("network-label: tier\n"), parsed("network-label: [tier]\n"));
  EXPECT_EQ(parsed("network-label: tier\n"), parsed("network-label:\n- tier\n"));
  EXPECT_THAT(parsed("network-label: [opencontrail.org/name, name]\n").network_label,
              ElementsAre("opencontrail.org/name", "name"));
  EXPECT_THAT(parsed("private-ip-range: [10.16.0.0/14, 'fd00:10::/64']\n").private_ip_range,
              ElementsAre(range("10.16.0.0/14"), range("fd00:10::/64")));
}

TEST(ConfigValues, AnEmptyValueMeansNoneIfThatIsTheDefault) {
  EXPECT_EQ(parsed("public-ip-range:\ncluster-name: ~\nexternal-service:\n"), Settings{});
  EXPECT_TRUE(parsed("namespace-service: []\n").namespace_service.empty());
  EXPECT_EQ(parsed("global-connect-exclude: ''\n").global_connect_exclude, Pattern());
}

TEST(ConfigValues, AcceptsDurations) {
  EXPECT_EQ(parsed("batch-window: 0s\n").batch_window, 0ms);
  EXPECT_EQ(parsed("audit-interval: 1m30s\n").audit_interval, 90s);
  EXPECT_EQ(parsed("request-timeout: 500ms\n").request_timeout, 500ms);
  EXPECT_EQ(parsed("orphan-grace: 1h\n").orphan_grace, 1h);
}

TEST(ConfigValues, AcceptsFractions) {
  EXPECT_DOUBLE_EQ(parsed("mass-delete-fraction: 1/4\n").mass_delete_fraction, 0.25);
  EXPECT_DOUBLE_EQ(parsed("mass-delete-fraction: 25%\n").mass_delete_fraction, 0.25);
  EXPECT_DOUBLE_EQ(parsed("mass-delete-fraction: 0.25\n").mass_delete_fraction, 0.25);
}

TEST(ConfigValues, AcceptsExternalServices) {
  const auto services = parsed(
                            "external-service:\n"
                            "  oracle: default-domain:legacy:oracle-db\n"
                            "  ldap:\n"
                            "    network: default-domain:legacy:ldap\n"
                            "    namespaces: [shop, billing]\n")
                            .external_service;
  ASSERT_EQ(services.size(), 2);
  EXPECT_EQ(services.at("oracle"), (ExternalService{"default-domain:legacy:oracle-db", {}}));
  EXPECT_EQ(services.at("ldap"), (ExternalService{"default-domain:legacy:ldap", {"shop", "billing"}}));
}

TEST(ConfigValues, AcceptsHostsOfTheConfigApi) {
  EXPECT_THAT(parsed("api-server: [Config-1.example.org, 10.0.0.7, '2001:db8::7']\n").api_server,
              ElementsAre("Config-1.example.org", "10.0.0.7", "2001:db8::7"));
}

TEST(ConfigValues, OneExternalAddressIsARange) {
  EXPECT_THAT(parsed("public-ip-range: 203.0.113.7/32\n").public_ip_range, ElementsAre(range("203.0.113.7/32")));
}

TEST(ConfigValues, AcceptsListenAddresses) {
  EXPECT_EQ(parsed("listen-http: :9402\n").listen_http, (ListenAddress{"", 9402}));
  EXPECT_EQ(parsed("listen-http: '[::1]:80'\n").listen_http, (ListenAddress{"::1", 80}));
  EXPECT_EQ(parsed("listen-http: localhost:80\n").listen_http, (ListenAddress{"localhost", 80}));
  for (const std::string written : {":9402", "[::1]:80", "127.0.0.1:0", "localhost:1"}) {
    EXPECT_EQ(text(parse_listen_address(written).value()), written);
  }
}

TEST(ConfigValues, AcceptsWindowsLineEndsAndAByteOrderMark) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF"
                   "api-port: 9100\r\nread-only: true\r\n")
                .api_port,
            9100);
}

}  // namespace
}  // namespace knm
