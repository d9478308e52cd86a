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

// Each key has a value of its own, so that none can be lost or exchanged.
TlsKeys tls_keys(const std::string& where) {
  TlsKeys keys;
  keys.enabled = keys.require_tls_1_3 = true;
  keys.ca_file = where + "/ca", keys.cert_file = where + "/cert", keys.key_file = where + "/key";
  keys.server_name = where + ".example.org";
  return keys;
}
net::TlsSettings tls_settings(const std::string& where) {
  net::TlsSettings tls;
  tls.ca_file = where + "/ca", tls.cert_file = where + "/cert", tls.key_file = where + "/key";
  tls.server_name = where + ".example.org";
  tls.min_version = net::TlsVersion::v1_3;
  return tls;
}

TEST(ConfigAccess, AllSettingsOfTlsReachTheClient) {
  Settings settings;
  settings.api_tls = tls_keys("config");
  EXPECT_EQ(config_access(settings).tls, tls_settings("config"));
  EXPECT_EQ(config_access(settings).login, contrail::Login(contrail::NoLogin{}));
  settings.api_tls = {};
  settings.api_tls.enabled = settings.api_tls.insecure = true;
  net::TlsSettings insecure;
  insecure.insecure = true;
  EXPECT_EQ(config_access(settings).tls, insecure) << "and the minimum version is 1.2";
}

TEST(ConfigAccess, AllSettingsOfALoginReachTheClient) {
  Settings settings;
  auto& auth = settings.auth;
  auth.type = AuthType::basic;
  auth.user = "user", auth.password_file = "/password";
  EXPECT_EQ(config_access(settings).login, contrail::Login(contrail::BasicLogin{"user", "/password"}));
  auth.type = AuthType::keystone;
  auth.url = "https://keystone.example.org:5000/v3";
  auth.tls = tls_keys("keystone");
  auth.user_domain = "user-domain", auth.user_id = "user-id";
  auth.credential_id = "credential-id", auth.credential_id_file = "/id", auth.credential_secret_file = "/secret";
  auth.project = "project", auth.project_domain = "project-domain", auth.project_id = "project-id";
  auth.domain = "domain", auth.domain_id = "domain-id";
  contrail::KeystoneLogin login{.server = net::parse_endpoint(auth.url).value()};
  login.tls = tls_settings("keystone");
  login.user = "user", login.user_domain = "user-domain", login.user_id = "user-id", login.password_file = "/password";
  login.credential_id = "credential-id", login.credential_id_file = "/id", login.credential_secret_file = "/secret";
  login.project = "project", login.project_domain = "project-domain", login.project_id = "project-id";
  login.domain = "domain", login.domain_id = "domain-id";
  EXPECT_EQ(config_access(settings).login, contrail::Login(login));
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
