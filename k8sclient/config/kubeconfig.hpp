#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "k8sclient/config/client_config.hpp"

namespace k8s {

// Loads a context of kubeconfig files
// (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
//
// `paths` are merged as kubectl does: of several entries with one name the first file's counts; a missing file is
// skipped if there are others. `context` empty: the first current-context. Relative paths in a file are relative to its
// folder. Errors (errc::bad_config, errc::unsupported) contain file, line, key and the way out; no value that may be a
// secret. auth-provider plugins, interactive exec plugins, basic authentication and proxies other than http:// are
// refused. `variables` name the proxy of a cluster without a proxy-url.
base::Result<ClientConfig> load_kubeconfig(
    const std::vector<std::string>& paths, const std::string& context = "",
    const net::ProxyVariables& variables = net::ProxyVariables::from_environment());

// The paths that kubectl would use: the list in $KUBECONFIG (`kubeconfig`), else .kube/config in `home`.
std::vector<std::string> kubeconfig_paths(const std::string& kubeconfig, const std::string& home);

}  // namespace k8s
