#pragma once

#include "base/result.hpp"
#include "k8sclient/config/client_config.hpp"
#include "k8sclient/config/kubeconfig_file.hpp"

namespace k8s {

// The parts of a kubeconfig's context. Errors as load_kubeconfig().

// The `cluster` of an entry in `clusters`: server, authorities and proxy; `variables` apply if it names no proxy.
base::Result<void> read_cluster(const ConfigNode& cluster, const net::ProxyVariables& variables, ClientConfig& config);

// The `user` of an entry in `users`: credentials. The cluster may configure the user's plugin.
base::Result<void> read_user(const ConfigNode& user, const ConfigNode& cluster, ClientConfig& config);

// A file path under `key`, or its content in base64 under `key`-data.
base::Result<void> read_pem(const ConfigNode& node, const std::string& key, std::string& file, std::string& data);

}  // namespace k8s
