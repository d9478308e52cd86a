#include "contrail-client/auth/keystone.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "contrail-client/error.hpp"

namespace contrail {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

KeystoneLogin user() {
  KeystoneLogin login{.server = net::parse_endpoint("https://keystone.example:5000/v3").value()};
  login.user = "controller";
  login.user_domain = "Default";
  login.password_file = "/secret/password";
  login.project = "admin";
  login.project_domain = "services";
  return login;
}

net::HttpResponse issued(const std::string& body) { return {201, {{"X-Subject-Token", "t0ken"}}, body}; }

TEST(TokenRequest, HasUserAndProjectByName) {
  const auto request = token_request(user(), "s3cret \"quoted\"");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/auth/tokens?nocatalog");
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"auth": {
    "identity": {"methods": ["password"], "password": {"user": {
      "name": "controller", "domain": {"name": "Default"}, "password": "s3cret \"quoted\""}}},
    "scope": {"project": {"name": "admin", "domain": {"name": "services"}}}}})"));
}

TEST(TokenRequest, IdsReplaceNamesAndTheirDomains) {
  auto login = user();
  login.user_id = "u1", login.project_id = "p1";
  EXPECT_EQ(json::parse(token_request(login, "s3cret").body), json::parse(R"({"auth": {
    "identity": {"methods": ["password"], "password": {"user": {"id": "u1", "password": "s3cret"}}},
    "scope": {"project": {"id": "p1"}}}})"));
  EXPECT_NE(parse_token(login, {401, {}, ""}).error().message.find("refuses the user with the id 'u1' (401)"),
            std::string::npos);
  login.domain_id = "d1";
  EXPECT_EQ(json::parse(token_request(login, "x").body)["auth"]["scope"], json::parse(R"({"domain": {"id": "d1"}})"));
}

TEST(TokenRequest, MayHaveADomainAsScope) {
  auto login = user();
  login.project.clear();
  login.domain = "Default";
  EXPECT_EQ(json::parse(token_request(login, "x").body)["auth"]["scope"],
            json::parse(R"({"domain": {"name": "Default"}})"));
}

// It has the scope of its project: another one is an error.
TEST(TokenRequest, AnApplicationCredentialHasNoScope) {
  KeystoneLogin login = user();
  login.credential_id = "1234";
  EXPECT_EQ(json::parse(token_request(login, "s3cret").body), json::parse(R"({"auth": {"identity": {
    "methods": ["application_credential"], "application_credential": {"id": "1234", "secret": "s3cret"}}}})"));
}

TEST(TokenAnswer, HasTheTokenAndItsLifetimeByTheServersClock) {
  const auto token = parse_token(user(), issued(R"({"token": {"issued_at": "2026-01-31T12:00:00.000000Z",
                                                   "expires_at": "2026-01-31T13:30:01.000000Z"}})"));
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->text, "t0ken");
  EXPECT_EQ(token->lifetime, 5401s);
}

TEST(TokenAnswer, MayHaveNoLifetime) {
  for (const char* body : {R"({"token": {}})", R"({"token": {"expires_at": "2026-01-31T12:00:00Z"}})",
                           R"({"token": {"issued_at": "soon", "expires_at": 5}})"}) {
    const auto token = parse_token(user(), issued(body));
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->lifetime, std::nullopt) << body;
  }
}

TEST(TokenAnswer, ErrorsSayWhatToCheckAndRepeatNothing) {
  const net::HttpResponse no_field{201, {}, R"({"token": {}})"};
  const struct {
    net::HttpResponse response;
    errc code;
    std::string says;
  } cases[] = {
      {{401, {}, "s3cret"}, errc::login_refused, "the secret in /secret/password"},
      {{401, {}, "s3cret"}, errc::login_refused, "the user 'controller' of the domain 'Default'"},
      {{401, {}, "s3cret"}, errc::login_refused, "a role in the project 'admin'"},
      {{404, {}, "<html>s3cret"}, errc::no_token, "the URL is that of the Identity API v3"},
      {{300, {}, "{}"}, errc::no_token, "the URL is that of the Identity API v3"},
      {{301, {}, ""}, errc::no_token, "the URL that it redirects to"},
      {{503, {}, "s3cret"}, errc::no_token, "status 503"},
      {{200, {{"X-Subject-Token", "t0ken"}}, "{}"}, errc::no_token, "status 200"},
      {no_field, errc::no_token, "X-Subject-Token"},
      {issued("<html>s3cret</html>"), errc::no_token, "not that of the Identity API v3"},
      {issued("[]"), errc::no_token, "not that of the Identity API v3"},
      {issued(R"({"token": "s3cret"})"), errc::no_token, "not that of the Identity API v3"},
  };
  for (const auto& c : cases) {
    const auto token = parse_token(user(), c.response);
    ASSERT_FALSE(token) << c.says;
    EXPECT_EQ(token.error().code, make_error_code(c.code)) << c.says;
    EXPECT_NE(token.error().message.find(c.says), std::string::npos) << token.error().message;
    EXPECT_NE(token.error().message.find("https://keystone.example:5000/v3"), std::string::npos);
    EXPECT_EQ(token.error().message.find("s3cret"), std::string::npos) << token.error().message;
    EXPECT_EQ(token.error().message.find("t0ken"), std::string::npos) << token.error().message;
  }
}

// Keystone 30 answers so after it was deleted.
TEST(TokenAnswer, AnUnknownApplicationCredentialIsRefused) {
  auto login = user();
  login.credential_id = "1234";
  const auto token = parse_token(login, {404, {}, R"({"error": {"code": 404}})"});
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, make_error_code(errc::login_refused));
  EXPECT_NE(token.error().message.find("does not know the application credential '1234' (404)"), std::string::npos);
}

TEST(TokenAnswer, ARefusedApplicationCredentialIsNamed) {
  auto login = user();
  login.credential_id = "1234";
  login.credential_secret_file = "/secret/credential";
  const auto token = parse_token(login, {401, {}, ""});
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().message.find("the application credential '1234'"), std::string::npos);
  EXPECT_NE(token.error().message.find("/secret/credential"), std::string::npos);
}

}  // namespace
}  // namespace contrail
