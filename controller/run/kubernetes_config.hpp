#pragma once

#include <string>

#include "base/result.hpp"
#include "controller/config/overrides.hpp"
#include "controller/config/settings.hpp"
#include "k8sclient/config/client_config.hpp"

namespace knm {

// How the API server is reached: --kubeconfig, else the default: in a Pod its ServiceAccount, outside kubectl's files.
// Errors: the file cannot be read or used.
base::Result<k8s::ClientConfig> kubernetes_config(const RunOptions& options);

// The namespace of the Lease: that of the settings, else that of the Pod, else kube-system.
std::string lease_namespace(const RunOptions& options, const Settings& settings, const k8s::ClientConfig& config);

}  // namespace knm
