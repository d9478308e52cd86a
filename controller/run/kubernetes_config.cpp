#include "controller/run/kubernetes_config.hpp"

#include <cstdlib>
#include <string>

#include "k8sclient/config/in_cluster.hpp"
#include "k8sclient/config/kubeconfig.hpp"

namespace knm {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

base::Result<k8s::ClientConfig> kubernetes_config(const RunOptions& options) {
  if (!options.kubeconfig.empty()) return k8s::load_kubeconfig({options.kubeconfig}, options.context);
  const auto source = k8s::InClusterSource::from_environment();
  if (source.available()) return k8s::load_in_cluster(source);
  return k8s::load_kubeconfig(k8s::kubeconfig_paths(environment("KUBECONFIG"), environment("HOME")), options.context);
}

std::string lease_namespace(const RunOptions& options, const Settings& settings, const k8s::ClientConfig& config) {
  if (!settings.lease_namespace.empty()) return settings.lease_namespace;
  const bool is_in_pod = options.kubeconfig.empty() && k8s::InClusterSource::from_environment().available();
  return is_in_pod ? config.default_namespace : "kube-system";
}

}  // namespace knm
