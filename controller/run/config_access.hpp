#pragma once

#include <string>
#include <vector>

#include "contrail-client/rest/access.hpp"
#include "controller/config/settings.hpp"
#include "net/endpoint.hpp"

// How the config API is reached, from the configuration.
namespace knm {

std::vector<net::Endpoint> config_servers(const Settings& settings);
contrail::AccessSettings config_access(const Settings& settings);

// The servers whose certificates are not verified: "config-api", "keystone".
std::vector<std::string> unverified_servers(const Settings& settings);

// Settings that are accepted and unsafe: any server may play these servers, or a secret is sent without TLS. For the
// log, at the start and again and again.
std::vector<std::string> access_warnings(const Settings& settings);

}  // namespace knm
