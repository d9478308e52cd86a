#include "contrail-client/auth/keystone.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"
#include "contrail-client/error.hpp"

namespace contrail {
namespace {

using nlohmann::json;

constexpr int token_issued = 201, token_refused = 401, no_such_page = 404, several_versions = 300;

// An id is unique; a name of a user or a project is so in its domain.
json name_or_id(const std::string& name, const std::string& id, const std::string& domain = {}) {
  if (!id.empty()) return {{"id", id}};
  json object{{"name", name}};
  if (!domain.empty()) object["domain"] = {{"name", domain}};
  return object;
}

bool has_domain_scope(const KeystoneLogin& login) { return !login.domain.empty() || !login.domain_id.empty(); }

// For messages.
std::string quoted(const std::string& name, const std::string& id) {
  return id.empty() ? "'" + name + "'" : "with the id '" + id + "'";
}

json identity(const KeystoneLogin& login, std::string_view secret) {
  if (login.has_credential())
    return {{"methods", {"application_credential"}},
            {"application_credential", {{"id", login.credential_id}, {"secret", secret}}}};
  json user = name_or_id(login.user, login.user_id, login.user_domain);
  user["password"] = secret;
  return {{"methods", {"password"}}, {"password", {{"user", std::move(user)}}}};
}

json scope(const KeystoneLogin& login) {
  if (has_domain_scope(login)) return {{"domain", name_or_id(login.domain, login.domain_id)}};
  return {{"project", name_or_id(login.project, login.project_id, login.project_domain)}};
}

std::string who(const KeystoneLogin& login) {
  if (login.has_credential()) return "the application credential '" + login.credential_id + "'";
  const auto user = "the user " + quoted(login.user, login.user_id);
  return login.user_id.empty() ? user + " of the domain '" + login.user_domain + "'" : user;
}

base::Error refusal(const KeystoneLogin& login) {
  const std::string scoped =
      login.has_credential() ? "that it has not expired"
                             : "that the user is enabled and has a role in " +
                                   (has_domain_scope(login) ? "the domain " + quoted(login.domain, login.domain_id)
                                                            : "the project " + quoted(login.project, login.project_id));
  return {errc::login_refused, "Keystone " + login.server.url() + " refuses " + who(login) +
                                   " (401); check the secret in " + login.secret_file() +
                                   (login.credential_id_file.empty() ? "" : ", the id in " + login.credential_id_file) +
                                   ", and " + scoped};
}

base::Error no_token(const KeystoneLogin& login, const std::string& why) {
  return {errc::no_token, "Keystone " + login.server.url() + " gives no token: " + why};
}

std::string advice_for(int status) {
  if (status == no_such_page || status == several_versions)
    return "; check that the URL is that of the Identity API v3";
  if (status / 100 == 3) return "; write the URL that it redirects to";
  return "";
}

// nullopt: one of the two times is missing or is no time.
std::optional<std::chrono::seconds> lifetime_of(const json& token) {
  const auto time = [&](const char* key) -> std::optional<std::chrono::sys_seconds> {
    const auto at = token.find(key);
    if (at == token.end() || !at->is_string()) return std::nullopt;
    return base::parse_rfc3339(at->get<std::string>());
  };
  const auto from = time("issued_at"), to = time("expires_at");
  if (!from || !to) return std::nullopt;
  return std::max(*to - *from, std::chrono::seconds(0));
}

}  // namespace

net::HttpRequest token_request(const KeystoneLogin& login, std::string_view secret) {
  json body{{"auth", {{"identity", identity(login, secret)}}}};
  if (!login.has_credential()) body["auth"]["scope"] = scope(login);
  return {"POST",
          "/auth/tokens?nocatalog",
          {{"Accept", "application/json"}, {"Content-Type", "application/json"}},
          body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

base::Result<Token> parse_token(const KeystoneLogin& login, const net::HttpResponse& response) {
  if (response.status == token_refused) return refusal(login);
  // Keystone says so of an application credential that was deleted.
  if (response.status == no_such_page && login.has_credential())
    return base::Error{errc::login_refused,
                       "Keystone " + login.server.url() + " does not know " + who(login) +
                           " (404); write another one, or check that the URL is that of the Identity API v3"};
  if (response.status != token_issued)
    return no_token(login, "status " + std::to_string(response.status) + advice_for(response.status));
  const auto* text = net::find_header(response.headers, "X-Subject-Token");
  if (!text || text->empty())
    return no_token(login, "its answer has no field X-Subject-Token; check that nothing on the way removes it");
  const json answer = json::parse(response.body, nullptr, false);
  const auto token = answer.is_object() ? answer.find("token") : answer.end();
  if (!answer.is_object() || token == answer.end() || !token->is_object())
    return no_token(login, "its answer is not that of the Identity API v3; check the URL");
  return Token{*text, lifetime_of(*token)};
}

}  // namespace contrail
