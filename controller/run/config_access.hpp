#pragma once

#include <string>
#include <vector>

#include "contrail-client/rest/access.hpp"
#include "contrail-client/rest/client.hpp"
#include "controller/config/settings.hpp"
#include "net/endpoint.hpp"
#include "net/proxy.hpp"

// How the config API is reached, from the configuration.
namespace knm {

std::vector<net::Endpoint> config_servers(const Settings& settings);
contrail::AccessSettings config_access(const Settings& settings);

// What a client of these servers needs, with the proxies of these variables. Errors: a file with a secret or a
// certificate, or the URL of a proxy, cannot be used.
struct ConfigClientParts {
  std::vector<net::Endpoint> servers;
  contrail::ClientOptions options;  // with access and proxies
};
base::Result<ConfigClientParts> config_client_parts(boost::asio::any_io_executor executor, const Settings& settings,
                                                    const net::ProxyVariables& variables, const base::Log& log);

// The servers whose certificates are not verified: "config-api", "keystone".
std::vector<std::string> unverified_servers(const Settings& settings);

// Settings that are accepted and unsafe: any server may play these servers, or a secret is sent without TLS. For the
// log, at the start and again and again.
std::vector<std::string> access_warnings(const Settings& settings);

}  // namespace knm
