#include "controller/run/config_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace knm {
namespace {

using ::testing::ElementsAre, ::testing::HasSubstr, ::testing::IsEmpty;

Settings with_keystone() {
  Settings settings;
  settings.auth.type = AuthType::keystone;
  settings.auth.url = "https://keystone.example.org:5000/v3";
  settings.auth.user = "u", settings.auth.password_file = "/p", settings.auth.project = "admin";
  settings.api_tls.enabled = true;
  settings.api_tls.ca_file = "/ca";
  return settings;
}

TEST(ConfigAccess, ServersHaveTlsOrNot) {
  Settings settings;
  settings.api_server = {"a", "::1"};
  EXPECT_EQ(config_servers(settings).at(1).url(), "http://[::1]:8082");
  EXPECT_FALSE(config_access(settings).tls);
  settings.api_tls.enabled = true;
  EXPECT_EQ(config_servers(settings).at(0).url(), "https://a:8082");
}

TEST(ConfigAccess, SettingsReachTheClient) {
  auto settings = with_keystone();
  settings.api_tls.require_tls_1_3 = true;
  const auto access = config_access(settings);
  ASSERT_TRUE(access.tls);
  EXPECT_EQ(access.tls->ca_file, "/ca");
  EXPECT_EQ(access.tls->min_version, net::TlsVersion::v1_3);
  const auto& login = std::get<contrail::KeystoneLogin>(access.login);
  EXPECT_EQ(login.server.url(), "https://keystone.example.org:5000/v3");
  EXPECT_EQ(login.user_domain, "Default");
  EXPECT_EQ(login.project, "admin");
}

TEST(ConfigAccess, UnsafeSettingsAreWarnedOf) {
  auto settings = with_keystone();
  EXPECT_THAT(access_warnings(settings), IsEmpty());
  EXPECT_THAT(unverified_servers(settings), IsEmpty());
  settings.api_tls.insecure = settings.auth.tls.insecure = true;
  EXPECT_THAT(access_warnings(settings),
              ElementsAre(HasSubstr("api-tls is insecure"), HasSubstr("auth-tls is insecure")));
  EXPECT_THAT(unverified_servers(settings), ElementsAre("config-api", "keystone"));
  settings = with_keystone();
  settings.auth.url = "http://keystone/v3";
  settings.api_tls.enabled = false;
  EXPECT_THAT(access_warnings(settings), ElementsAre(HasSubstr("sent to Keystone without TLS"),
                                                     HasSubstr("token is sent to the config API without TLS")));
  EXPECT_THAT(access_warnings(Settings{}), IsEmpty());
}

}  // namespace
}  // namespace knm
