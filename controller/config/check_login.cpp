#include "controller/config/check_login.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

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
    LoginRule{"auth-user", "-no-", [](const AuthKeys& a) { return !a.user.empty(); }},
    LoginRule{"auth-user-domain", "--o-", [](const AuthKeys& a) { return a.user_domain != AuthKeys{}.user_domain; }},
    LoginRule{"auth-user-id", "--o-", [](const AuthKeys& a) { return !a.user_id.empty(); }},
    LoginRule{"auth-password-file", "-nn-", [](const AuthKeys& a) { return !a.password_file.empty(); }},
    LoginRule{"auth-project", "--o-", [](const AuthKeys& a) { return !a.project.empty(); }},
    LoginRule{"auth-project-domain", "--o-",
              [](const AuthKeys& a) { return a.project_domain != AuthKeys{}.project_domain; }},
    LoginRule{"auth-project-id", "--o-", [](const AuthKeys& a) { return !a.project_id.empty(); }},
    LoginRule{"auth-domain", "--o-", [](const AuthKeys& a) { return !a.domain.empty(); }},
    LoginRule{"auth-domain-id", "--o-", [](const AuthKeys& a) { return !a.domain_id.empty(); }},
    LoginRule{"auth-credential-id", "---o", [](const AuthKeys& a) { return !a.credential_id.empty(); }},
    LoginRule{"auth-credential-id-file", "---o", [](const AuthKeys& a) { return !a.credential_id_file.empty(); }},
    LoginRule{"auth-credential-secret-file", "---n",
              [](const AuthKeys& a) { return !a.credential_secret_file.empty(); }},
};

LoginWay way_of(const AuthKeys& auth) {
  if (auth.type == AuthType::none) return LoginWay::none;
  if (auth.type == AuthType::basic) return LoginWay::basic;
  const bool has_credential =
      !auth.credential_id.empty() || !auth.credential_id_file.empty() || !auth.credential_secret_file.empty();
  return has_credential ? LoginWay::credential : LoginWay::password;
}

// At the key, if it is in the file, else at the beginning.
void blame_key(std::string_view key, std::string why, Reading& reading) {
  const auto written = reading.written.find(std::string(key));
  reading.problems.add(written != reading.written.end() ? written->second : Place{}, std::string(key), std::move(why));
}

// Keys of which exactly one belongs to a login.
struct Choice {
  std::string_view key;
  const std::string& value;
};

// The key in `choices` that has a value; nullptr: none. Blames the others that have one, too, and `auth-type` if no key
// is written.
const Choice* check_choice(const std::vector<Choice>& choices, const std::string& missing, const std::string& second,
                           Reading& reading) {
  const Choice* chosen = nullptr;
  bool is_written = false;
  for (const auto& choice : choices) {
    is_written |= reading.written.contains(std::string(choice.key));
    if (choice.value.empty()) continue;
    if (chosen)
      blame_key(choice.key, second + "; remove " + std::string(chosen->key) + " or " + std::string(choice.key),
                reading);
    else
      chosen = &choice;
  }
  if (!chosen && !is_written) blame_key("auth-type", missing, reading);
  return chosen;
}

// An id needs no domain.
void check_domain(const Choice* chosen, std::string_view id, std::string_view domain_key, bool is_set,
                  Reading& reading) {
  if (chosen && chosen->key == id && is_set)
    blame_key(domain_key, "has no effect with " + std::string(id) + "; remove the key", reading);
}

void check_user_and_scope(const AuthKeys& auth, Reading& reading) {
  const std::vector<Choice> users{{"auth-user", auth.user}, {"auth-user-id", auth.user_id}};
  const std::vector<Choice> scopes{{"auth-project", auth.project},
                                   {"auth-project-id", auth.project_id},
                                   {"auth-domain", auth.domain},
                                   {"auth-domain-id", auth.domain_id}};
  const auto* user = check_choice(users, "needs auth-user for a user of Keystone; write it, or auth-user-id",
                                  "is a second user", reading);
  check_domain(user, "auth-user-id", "auth-user-domain", auth.user_domain != AuthKeys{}.user_domain, reading);
  const auto* scope = check_choice(scopes, "needs the scope of the token; write auth-project, or auth-domain",
                                   "is a second scope, and a token has one", reading);
  check_domain(scope, "auth-project-id", "auth-project-domain", auth.project_domain != AuthKeys{}.project_domain,
               reading);
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
  if (way == LoginWay::password) check_user_and_scope(auth, reading);
  if (way == LoginWay::credential)
    check_choice({{"auth-credential-id", auth.credential_id}, {"auth-credential-id-file", auth.credential_id_file}},
                 "needs auth-credential-id for an application credential; write it, or auth-credential-id-file",
                 "is a second id", reading);
  if (way == LoginWay::basic && auth.user.find(':') != std::string::npos)
    blame_key("auth-user", "has a ':', which ends the user's name in a login of type basic", reading);
  if (auth.tls.enabled && !auth.url.empty() && auth.url.starts_with("http://"))
    blame_key("auth-tls", "has no effect, since auth-url is http://; write https://, or remove the key", reading);
}

}  // namespace knm
