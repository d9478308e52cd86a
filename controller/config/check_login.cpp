#include "controller/config/check_login.hpp"

#include <array>
#include <string>
#include <string_view>

namespace knm {
namespace {

// The ways to log in, in the order of the columns below.
enum class LoginWay : std::uint8_t { none, basic, password, credential };
constexpr std::array<std::string_view, 4> way_words{"auth-type none", "auth-type basic", "a user of Keystone",
                                                    "an application credential"};

// For each way, whether it needs the key (n), may have it (o), or has no use for it (-).
struct LoginRule {
  std::string_view key, use;
  bool (*is_set)(const AuthKeys&);
};

const std::array login_rules{
    LoginRule{"auth-url", "--nn", [](const AuthKeys& a) { return !a.url.empty(); }},
    LoginRule{"auth-tls", "--oo", [](const AuthKeys& a) { return a.tls.enabled; }},
    LoginRule{"auth-user", "-nn-", [](const AuthKeys& a) { return !a.user.empty(); }},
    LoginRule{"auth-user-domain", "--o-", [](const AuthKeys& a) { return a.user_domain != AuthKeys{}.user_domain; }},
    LoginRule{"auth-password-file", "-nn-", [](const AuthKeys& a) { return !a.password_file.empty(); }},
    LoginRule{"auth-project", "--o-", [](const AuthKeys& a) { return !a.project.empty(); }},
    LoginRule{"auth-project-domain", "--o-",
              [](const AuthKeys& a) { return a.project_domain != AuthKeys{}.project_domain; }},
    LoginRule{"auth-domain", "--o-", [](const AuthKeys& a) { return !a.domain.empty(); }},
    LoginRule{"auth-credential-id", "---n", [](const AuthKeys& a) { return !a.credential_id.empty(); }},
    LoginRule{"auth-credential-secret-file", "---n",
              [](const AuthKeys& a) { return !a.credential_secret_file.empty(); }},
};

LoginWay way_of(const AuthKeys& auth) {
  if (auth.type == AuthType::none) return LoginWay::none;
  if (auth.type == AuthType::basic) return LoginWay::basic;
  return auth.credential_id.empty() && auth.credential_secret_file.empty() ? LoginWay::password : LoginWay::credential;
}

// At the key, if it is in the file, else at the beginning.
void blame_key(std::string_view key, std::string why, Reading& reading) {
  const auto written = reading.written.find(std::string(key));
  reading.problems.add(written != reading.written.end() ? written->second : Place{}, std::string(key), std::move(why));
}

void check_scope(const AuthKeys& auth, Reading& reading) {
  const auto is_given = [&](const std::string& key, const std::string& value) {
    return !value.empty() || reading.written.contains(key);
  };
  if (!is_given("auth-project", auth.project) && !is_given("auth-domain", auth.domain))
    blame_key("auth-type", "needs the scope of the token; write auth-project, or auth-domain", reading);
  if (!auth.project.empty() && !auth.domain.empty())
    blame_key("auth-domain", "is a second scope, and a token has one; remove auth-project or auth-domain", reading);
}

}  // namespace

void check_login(const Settings& settings, Reading& reading) {
  if (reading.problems.has("auth-type")) return;  // which keys belong to it is not known
  const auto& auth = settings.auth;
  const auto way = way_of(auth);
  const auto column = static_cast<std::size_t>(way);
  const std::string words(way_words.at(column));
  for (const auto& rule : login_rules) {
    const bool is_set = rule.is_set(auth);
    // A key with a wrong value has its report already.
    const bool is_written = reading.written.contains(std::string(rule.key));
    if (rule.use.at(column) == 'n' && !is_set && !is_written)
      blame_key("auth-type", "needs " + std::string(rule.key) + " for " + words + "; write it", reading);
    if (rule.use.at(column) == '-' && is_set)
      blame_key(
          rule.key,
          "has no effect with " + words + "; " +
              (way == LoginWay::none ? "write auth-type: keystone or basic, or remove the key" : "remove the key"),
          reading);
  }
  if (way == LoginWay::password) check_scope(auth, reading);
  if (way == LoginWay::basic && auth.user.find(':') != std::string::npos)
    blame_key("auth-user", "has a ':', which ends the user's name in a login of type basic", reading);
  if (auth.tls.enabled && !auth.url.empty() && auth.url.starts_with("http://"))
    blame_key("auth-tls", "has no effect, since auth-url is http://; write https://, or remove the key", reading);
}

}  // namespace knm
