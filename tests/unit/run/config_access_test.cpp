#include "controller/run/config_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/scripted_server.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace knm {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre, ::testing::HasSubstr, ::testing::IsEmpty, ::testing::Not, ::testing::StartsWith;

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

// The proxy answers in the place of servers that do not exist.
TEST(ConfigAccess, ConfigApiAndKeystoneAreReachedThroughTheirProxies) {
  asio::io_context context;
  test::TempFolder folder;
  const std::string token =
      "HTTP/1.1 201 Created\r\nX-Subject-Token: t0ken\r\nContent-Length: 13\r\n\r\n{\"token\": {}}";
  test::ScriptedServer proxy(
      context, {{test::ReadRequest{}, test::Send{token}},
                {test::ReadRequest{}, test::Send{test::ok(R"({"uuid": "b0000001-0000-4000-8000-000000000000"})")},
                 test::ReadRequest{}, test::Send{test::ok("")}}});
  auto settings = with_keystone();
  settings.api_server = {"config.invalid"};
  settings.api_tls = {};
  settings.auth.url = "http://keystone.invalid:5000/v3";
  settings.auth.password_file = folder.write("password", "s3cret");
  auto parts = config_client_parts(context.get_executor(), settings, {.http = proxy.url()}, {});
  ASSERT_TRUE(parts) << parts.error().message;
  contrail::Client client(context.get_executor(), parts->servers, parts->options);
  const auto answer = test::run(context, client.exchange({"DELETE", "/project/1", ""}, std::chrono::seconds(20)));
  ASSERT_TRUE(answer) << answer.error().error.message;
  const auto& requests = proxy.log().requests;
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[0], StartsWith("POST http://keystone.invalid:5000/v3/auth/tokens?nocatalog "));
  EXPECT_THAT(requests[2], StartsWith("DELETE http://config.invalid:8082/project/1 "));
}

TEST(ConfigAccess, NoProxyIsObeyedForEachServer) {
  asio::io_context context;
  Settings settings;
  settings.api_server = {"10.0.0.11", "192.0.2.1", "localhost"};
  const net::ProxyVariables variables{.http = "http://proxy.example.org:3128", .no_proxy = "10.0.0.0/8"};
  const auto parts = config_client_parts(context.get_executor(), settings, variables, {});
  ASSERT_TRUE(parts) << parts.error().message;
  const auto& proxies = parts->options.proxies;
  ASSERT_EQ(proxies.size(), 3U);
  EXPECT_FALSE(proxies[0]);
  ASSERT_TRUE(proxies[1]);
  EXPECT_EQ(proxies[1]->address.host, "proxy.example.org");
  EXPECT_FALSE(proxies[2]);
}

TEST(ConfigAccess, AWrongProxyIsAnErrorWithoutItsPassword) {
  asio::io_context context;
  Settings settings;
  settings.api_server = {"192.0.2.1"};
  const auto parts =
      config_client_parts(context.get_executor(), settings, {.http = "socks5://u:s3cret@proxy.example.org"}, {});
  ASSERT_FALSE(parts);
  EXPECT_THAT(parts.error().message, HasSubstr("HTTP_PROXY"));
  EXPECT_THAT(parts.error().message, Not(HasSubstr("s3cret")));
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
