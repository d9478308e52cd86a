#pragma once

#include <array>

#include "controller/config/access_readers.hpp"
#include "controller/config/keys.hpp"
#include "controller/config/readers.hpp"

namespace knm {

// The keys of the login to the config API.
inline constexpr std::array auth_keys = {
    Key{"auth-type", "none, basic or keystone", "none", "How the controller identifies itself to the config API.",
        "[config-api-access.md](config-api-access.md) has complete configurations.", "keystone",
        [](const Value& v, Settings& s) { read_auth_type(v, s.auth.type); }},
    Key{"auth-url", "URL", "\"\"", "The URL of Keystone's Identity API v3.",
        "`https://` or `http://`, with `/v3` at its end.", "https://keystone.example.org:5000/v3",
        [](const Value& v, Settings& s) { read_text(v, s.auth.url, fault_of_keystone_url, Empty::means_none); }},
    Key{"auth-tls", "true, false or mapping", "false", "How Keystone is reached by TLS, as `api-tls`.",
        "TLS itself follows from `https://` in `auth-url`.", "{ca-file: /etc/kube-network-manager/tls/keystone-ca.crt}",
        [](const Value& v, Settings& s) { read_tls(v, s.auth.tls); }},
    Key{"auth-user", "name", "\"\"", "The name of the user.", "", "network-manager",
        [](const Value& v, Settings& s) { read_text(v, s.auth.user, fault_of_keystone_name, Empty::means_none); }},
    Key{"auth-user-domain", "name", "Default", "The name of the user's domain in Keystone.", "", "services",
        [](const Value& v, Settings& s) { read_text(v, s.auth.user_domain, fault_of_keystone_name); }},
    Key{"auth-password-file", "path", "\"\"", "The file with the password of the user, which is its only line.",
        "The file is read again each minute and after a refusal.", "/etc/kube-network-manager/secret/password",
        [](const Value& v, Settings& s) { read_text(v, s.auth.password_file, fault_of_file, Empty::means_none); }},
    Key{"auth-project", "name", "\"\"", "The project of the token in Keystone. The user needs a role in it.",
        "The config API wants the role `admin`, or another role that its RBAC rules name.", "admin",
        [](const Value& v, Settings& s) { read_text(v, s.auth.project, fault_of_keystone_name, Empty::means_none); }},
    Key{"auth-project-domain", "name", "Default", "The name of that project's domain in Keystone.", "", "services",
        [](const Value& v, Settings& s) { read_text(v, s.auth.project_domain, fault_of_keystone_name); }},
    Key{"auth-domain", "name", "\"\"", "The domain of the token in Keystone, instead of a project.", "", "Default",
        [](const Value& v, Settings& s) { read_text(v, s.auth.domain, fault_of_keystone_name, Empty::means_none); }},
    Key{"auth-user-id", "id", "\"\"", "The id of the user in Keystone, instead of `auth-user` and `auth-user-domain`.",
        "", "4f1b2c3d4e5f40718293a4b5c6d7e8f9",
        [](const Value& v, Settings& s) { read_text(v, s.auth.user_id, fault_of_keystone_name, Empty::means_none); }},
    Key{"auth-project-id", "id", "\"\"",
        "The id of the project in Keystone, instead of `auth-project` and `auth-project-domain`.", "",
        "0a1b2c3d4e5f40718293a4b5c6d7e8f9",
        [](const Value& v, Settings& s) {
          read_text(v, s.auth.project_id, fault_of_keystone_name, Empty::means_none);
        }},
    Key{"auth-domain-id", "id", "\"\"", "The id of the domain in Keystone, instead of `auth-domain`.", "", "default",
        [](const Value& v, Settings& s) { read_text(v, s.auth.domain_id, fault_of_keystone_name, Empty::means_none); }},
    Key{"auth-credential-id", "id", "\"\"",
        "The id of an application credential in Keystone, instead of user, password and project.", "",
        "9f3c1fbe5a5e4f0c9a1d6f3a5b1c2d3e",
        [](const Value& v, Settings& s) {
          read_text(v, s.auth.credential_id, fault_of_keystone_name, Empty::means_none);
        }},
    Key{"auth-credential-id-file", "path", "\"\"",
        "The file with that id, which is its only line, instead of `auth-credential-id`.",
        "The file is read again with that of the secret, so that the application credential can be replaced without a "
        "restart: another one has another id.",
        "/etc/kube-network-manager/secret/credential-id",
        [](const Value& v, Settings& s) { read_text(v, s.auth.credential_id_file, fault_of_file, Empty::means_none); }},
    Key{"auth-credential-secret-file", "path", "\"\"",
        "The file with the secret of the application credential, as `auth-password-file`.", "",
        "/etc/kube-network-manager/secret/credential",
        [](const Value& v, Settings& s) {
          read_text(v, s.auth.credential_secret_file, fault_of_file, Empty::means_none);
        }},
};

}  // namespace knm
