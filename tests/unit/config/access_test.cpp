// The keys about TLS and the login, and the configurations in docs/config-api-access.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "controller/config/parse.hpp"

namespace knm {
namespace {

using ::testing::HasSubstr, ::testing::Not;

const std::string keystone =
    "auth-type: keystone\nauth-url: https://k:5000/v3\nauth-user: u\nauth-password-file: /p\nauth-project: admin\n";

std::string refused(const std::string& yaml) {
  const auto settings = parse_settings(yaml, "c.yaml");
  return settings ? "accepted" : settings.error().message;
}

TEST(ConfigAccess, TlsIsTrueFalseOrAMapping) {
  EXPECT_FALSE(parse_settings("api-tls: false\n", "c")->api_tls.enabled);
  EXPECT_TRUE(parse_settings("api-tls: true\n", "c")->api_tls.enabled);
  const auto tls =
      parse_settings("api-tls: {ca-file: /ca, cert-file: /c, key-file: /k, server-name: n, min-version: 1.3}\n", "c")
          ->api_tls;
  TlsKeys expected;
  expected.enabled = true;
  expected.ca_file = "/ca", expected.cert_file = "/c", expected.key_file = "/k", expected.server_name = "n";
  expected.require_tls_1_3 = true;
  EXPECT_EQ(tls, expected);
  EXPECT_TRUE(parse_settings("api-tls: {insecure: true}\n", "c")->api_tls.insecure);
}

TEST(ConfigAccess, WrongTlsIsRefusedWithARemedy) {
  EXPECT_THAT(refused("api-tls: yes\n"), HasSubstr("api-tls: `yes` is not a boolean"));
  EXPECT_THAT(refused("api-tls: [a]\n"), HasSubstr("is a list"));
  EXPECT_THAT(refused("api-tls: {ca: /x}\n"), HasSubstr("api-tls.ca: is not a known key; the keys are ca-file"));
  EXPECT_THAT(refused("api-tls: {ca-file: x}\n"), HasSubstr("api-tls.ca-file: is not an absolute path"));
  EXPECT_THAT(refused("api-tls: {cert-file: /x}\n"), HasSubstr("only one of cert-file and key-file"));
  EXPECT_THAT(refused("api-tls: {ca-file: /x, insecure: true}\n"), HasSubstr("no effect with insecure"));
  EXPECT_THAT(refused("api-tls: {min-version: 1.1}\n"), HasSubstr("write 1.2 or 1.3"));
}

TEST(ConfigAccess, ALoginNeedsItsKeysAndNoOthers) {
  EXPECT_EQ(refused(keystone), "accepted");
  EXPECT_EQ(refused("auth-type: basic\nauth-user: u\nauth-password-file: /p\n"), "accepted");
  EXPECT_THAT(refused("auth-type: keystone\n"), HasSubstr("needs auth-url"));
  EXPECT_THAT(refused("auth-type: keystone\n"), HasSubstr("needs auth-password-file"));
  EXPECT_THAT(refused("auth-type: keystone\n"), HasSubstr("the scope of the token; write auth-project"));
  EXPECT_THAT(refused("auth-type: basic\n"), HasSubstr("needs auth-user"));
  EXPECT_THAT(refused(keystone + "auth-domain: d\n"), HasSubstr("auth-domain: is a second scope"));
  EXPECT_THAT(refused(keystone + "auth-project-id: i\n"), HasSubstr("auth-project-id: is a second scope"));
  EXPECT_THAT(refused(keystone + "auth-user-id: i\n"), HasSubstr("auth-user-id: is a second user"));
  EXPECT_THAT(refused(keystone + "auth-credential-id: x\n"),
              HasSubstr("auth-user: has no effect with an application credential"));
  const std::string credential = "auth-type: keystone\nauth-url: https://k:5000/v3\nauth-credential-secret-file: /s\n";
  EXPECT_EQ(refused(credential + "auth-credential-id: x\n"), "accepted");
  EXPECT_EQ(refused(credential + "auth-credential-id-file: /x\n"), "accepted");
  EXPECT_THAT(refused(credential + "auth-credential-id: x\nauth-credential-id-file: /x\n"),
              HasSubstr("auth-credential-id-file: is a second id; remove auth-credential-id or"));
  EXPECT_THAT(refused(credential), HasSubstr("needs auth-credential-id for an application credential; write it, or"));
  EXPECT_THAT(refused(keystone + "auth-credential-id-file: /x\n"),
              HasSubstr("auth-user: has no effect with an application credential"));
  EXPECT_THAT(refused("auth-user: u\n"), HasSubstr("auth-user: has no effect with auth-type none; write auth-type"));
  EXPECT_THAT(refused("auth-type: ldap\n"), HasSubstr("write none, basic or keystone"));
  EXPECT_THAT(refused("auth-type: keystone\nauth-url: http://k/v3\nauth-tls: true\n"),
              HasSubstr("auth-url is http://"));
}

TEST(ConfigAccess, KeystonesObjectsMayHaveIds) {
  const std::string by_id =
      "auth-type: keystone\nauth-url: https://k:5000/v3\nauth-user-id: u\nauth-password-file: /p\n";
  EXPECT_EQ(refused(by_id + "auth-project-id: p\n"), "accepted");
  EXPECT_EQ(refused(by_id + "auth-domain-id: d\n"), "accepted");
  EXPECT_THAT(refused(by_id + "auth-project-id: p\nauth-user-domain: d\n"),
              HasSubstr("auth-user-domain: has no effect with auth-user-id"));
  EXPECT_THAT(refused(by_id + "auth-project-id: p\nauth-project-domain: d\n"),
              HasSubstr("auth-project-domain: has no effect with auth-project-id"));
}

TEST(ConfigAccess, TheOldIdentityApiIsRefused) {
  EXPECT_THAT(refused("auth-url: https://k:5000/v2.0\n"), HasSubstr("Identity API v2.0, which Keystone has no longer"));
  EXPECT_THAT(refused("auth-url: https://k:5000\n"), HasSubstr("has no /v3 at its end"));
  EXPECT_THAT(refused("auth-url: k:5000/v3\n"), Not(HasSubstr("accepted")));
}

// A person may write the secret itself where its file belongs.
TEST(ConfigAccess, AnErrorDoesNotRepeatASecret) {
  EXPECT_THAT(refused("auth-password-file: s3cret\n"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("auth-credential-secret-file: s3cret\n"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("auth-credential-id-file: s3cret\n"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("auth-password: s3cret\n"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("auth-password: s3cret\n"), HasSubstr("the path of the file as auth-password-file"));
  EXPECT_THAT(refused("auth-url: https://u:s3cret@k/v3\n"), Not(HasSubstr("s3cret")));
}

TEST(ConfigAccess, TheConfigurationsInDocsAreAccepted) {
  std::ifstream file(KNM_SOURCE_DIR "/docs/config-api-access.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string fence = "```yaml\n";
  int found = 0;
  for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at), ++found) {
    at += fence.size();
    const auto yaml = page.substr(at, page.find("```", at) - at);
    EXPECT_EQ(refused(yaml), "accepted") << yaml;
  }
  EXPECT_EQ(found, 6);
}

}  // namespace
}  // namespace knm
