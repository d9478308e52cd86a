#pragma once

#include <string>
#include <utility>
#include <vector>

namespace k8s {

// A program that provides credentials, as the `exec` of a kubeconfig's user
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
struct ExecPlugin {
  std::string api_version;  // "client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"
  std::string command;      // an absolute path, or a name that is looked up in $PATH
  std::vector<std::string> args{};
  std::vector<std::pair<std::string, std::string>> env{};  // added to the environment of this process (may be secrets)
  std::string install_hint{};                              // for people, if the program is missing
  bool provide_cluster_info = false;                       // pass server, authority and `cluster_config` to it
  std::string cluster_config{};                            // the cluster's extension for plugins, as JSON; empty: none
};

}  // namespace k8s
