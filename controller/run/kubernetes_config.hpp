#pragma once

#include "base/result.hpp"
#include "controller/config/overrides.hpp"
#include "k8sclient/config/client_config.hpp"

namespace knm {

// How the API server is reached: --kubeconfig, else the default: in a Pod its ServiceAccount, outside kubectl's files.
// Errors: the file cannot be read or used.
base::Result<k8s::ClientConfig> kubernetes_config(const RunOptions& options);

}  // namespace knm
