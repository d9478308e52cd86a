#include "controller/run/config_access.hpp"

#include <utility>
#include <variant>

#include "controller/base/version.hpp"

namespace knm {
namespace {

net::TlsSettings tls_settings(const TlsKeys& keys) {
  net::TlsSettings tls;
  tls.ca_file = keys.ca_file;
  tls.cert_file = keys.cert_file;
  tls.key_file = keys.key_file;
  tls.server_name = keys.server_name;
  tls.insecure = keys.insecure;
  if (keys.require_tls_1_3) tls.min_version = net::TlsVersion::v1_3;
  return tls;
}

contrail::Login login(const AuthKeys& auth) {
  if (auth.type == AuthType::none) return contrail::NoLogin{};
  if (auth.type == AuthType::basic) return contrail::BasicLogin{auth.user, auth.password_file};
  return contrail::KeystoneLogin{.server = net::parse_endpoint(auth.url).value(),
                                 .tls = tls_settings(auth.tls),
                                 .user = auth.user,
                                 .user_domain = auth.user_domain,
                                 .password_file = auth.password_file,
                                 .credential_id = auth.credential_id,
                                 .credential_id_file = auth.credential_id_file,
                                 .credential_secret_file = auth.credential_secret_file,
                                 .project = auth.project,
                                 .project_domain = auth.project_domain,
                                 .domain = auth.domain,
                                 .user_id = auth.user_id,
                                 .project_id = auth.project_id,
                                 .domain_id = auth.domain_id};
}

}  // namespace

std::vector<net::Endpoint> config_servers(const Settings& settings) {
  std::vector<net::Endpoint> servers;
  servers.reserve(settings.api_server.size());
  for (const auto& host : settings.api_server)
    servers.push_back({settings.api_tls.enabled, host, settings.api_port, ""});
  return servers;
}

contrail::AccessSettings config_access(const Settings& settings) {
  contrail::AccessSettings access;
  if (settings.api_tls.enabled) access.tls = tls_settings(settings.api_tls);
  access.login = login(settings.auth);
  return access;
}

base::Result<ConfigClientParts> config_client_parts(boost::asio::any_io_executor executor, const Settings& settings,
                                                    const net::ProxyVariables& variables, const base::Log& log) {
  ConfigClientParts parts;
  parts.servers = config_servers(settings);
  for (const auto& server : parts.servers) {
    auto proxy = net::proxy_for(server, variables);
    if (!proxy) return proxy.error();
    parts.options.proxies.push_back(std::move(*proxy));
  }
  auto settings_of_access = config_access(settings);
  if (auto* keystone = std::get_if<contrail::KeystoneLogin>(&settings_of_access.login)) {
    auto proxy = net::proxy_for(keystone->server, variables);
    if (!proxy) return proxy.error();
    keystone->proxy = std::move(*proxy);
  }
  parts.options.user_agent = "kube-network-manager/" + std::string(version());
  parts.options.max_connections = static_cast<std::size_t>(settings.connections);
  parts.options.check_database = true;
  parts.options.log = log;
  auto access = contrail::Access::create(
      std::move(executor), settings_of_access,
      {.timeout = settings.request_timeout, .user_agent = parts.options.user_agent, .log = log});
  if (!access) return annotate(access.error(), "configuration");
  parts.options.access = std::move(*access);
  return parts;
}

std::vector<std::string> unverified_servers(const Settings& settings) {
  std::vector<std::string> servers;
  if (settings.api_tls.insecure) servers.emplace_back("config-api");
  if (settings.auth.tls.insecure) servers.emplace_back("keystone");
  return servers;
}

std::vector<std::string> access_warnings(const Settings& settings) {
  std::vector<std::string> warnings;
  const auto& auth = settings.auth;
  if (settings.api_tls.insecure)
    warnings.emplace_back(
        "api-tls is insecure: the certificate of the config API is not verified, so any server may take its place; "
        "write ca-file instead");
  if (auth.tls.insecure)
    warnings.emplace_back(
        "auth-tls is insecure: the certificate of Keystone is not verified, so any server may take its place and read "
        "the password; write ca-file instead");
  if (auth.type == AuthType::keystone && auth.url.starts_with("http://"))
    warnings.emplace_back("auth-url is http://: the secret is sent to Keystone without TLS; use https://");
  if (auth.type != AuthType::none && !settings.api_tls.enabled)
    warnings.emplace_back(std::string("api-tls is false: the ") +
                          (auth.type == AuthType::basic ? "password" : "token") +
                          " is sent to the config API without TLS; use api-tls");
  return warnings;
}

}  // namespace knm
