#pragma once

#include <string>

#include "base/result.hpp"
#include "k8sclient/config/client_config.hpp"

namespace k8s {

// What Kubernetes gives a Pod to find its API server.
struct InClusterSource {
  std::string host;                                                      // $KUBERNETES_SERVICE_HOST
  std::string port;                                                      // $KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";  // token, ca.crt, namespace
  net::ProxyVariables proxies{};  // NO_PROXY must have the API server, unless it is behind the proxy

  static InClusterSource from_environment();
  bool available() const { return !host.empty(); }
};

// The configuration of a program that runs in a Pod. The token is in a file, so that its rotation is followed. Errors
// (errc::bad_config) name the missing variable or file.
base::Result<ClientConfig> load_in_cluster(const InClusterSource& source);

}  // namespace k8s
