#include "k8sclient/config/in_cluster.hpp"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/file.hpp"
#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

base::Error bad(const std::string& why) { return {errc::bad_config, "in-cluster configuration: " + why}; }

}  // namespace

InClusterSource InClusterSource::from_environment() {
  InClusterSource source;
  source.host = variable("KUBERNETES_SERVICE_HOST");
  source.port = variable("KUBERNETES_SERVICE_PORT");
  source.proxies = net::ProxyVariables::from_environment();
  return source;
}

base::Result<ClientConfig> load_in_cluster(const InClusterSource& source) {
  if (source.host.empty() || source.port.empty())
    return bad("KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set; outside of a pod use --kubeconfig");
  const bool v6 = source.host.find(':') != std::string::npos;
  const auto endpoint =
      net::parse_endpoint("https://" + (v6 ? "[" + source.host + "]" : source.host) + ":" + source.port);
  if (!endpoint) return bad(endpoint.error().message);

  ClientConfig config;
  config.server = *endpoint;
  auto proxy = net::proxy_for(config.server, source.proxies);
  if (!proxy) return bad(proxy.error().message);
  config.proxy = std::move(*proxy);
  const std::filesystem::path folder(source.folder);
  config.token_file = folder / "token";
  config.tls.ca_file = folder / "ca.crt";
  for (const auto& file : {config.token_file, config.tls.ca_file}) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
      return bad(file + " is missing; mount the ServiceAccount's token (automountServiceAccountToken) into the pod");
  }
  if (auto name = base::read_file(folder / "namespace"); name && name->find_first_of(" \t\r\n") == std::string::npos)
    config.default_namespace = std::move(*name);
  if (config.default_namespace.empty()) config.default_namespace = "default";
  config.source = "the pod's ServiceAccount";
  return config;
}

}  // namespace k8s
