#include "base/base64.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/kubeconfig_parts.hpp"

namespace k8s {

base::Result<void> read_pem(const ConfigNode& node, const std::string& key, std::string& file, std::string& data) {
  auto path = node.path(key);
  if (!path) return path.error();
  file = std::move(*path);
  const auto encoded = node.text(key + "-data");
  if (!encoded) return encoded.error();
  if (encoded->empty()) return {};
  const auto decoded = base::decode_base64(*encoded);
  if (!decoded || decoded->empty())
    return config_error(node.place(key + "-data"), "the value is not base64; encode the PEM file with `base64 -w0`");
  data = *decoded;
  return {};
}

namespace {

base::Result<void> read_proxy(const ConfigNode& cluster, const net::ProxyVariables& variables, ClientConfig& config) {
  const auto url = cluster.text("proxy-url");
  if (!url) return url.error();
  if (url->empty()) {
    auto proxy = net::proxy_for(config.server, variables);
    if (!proxy) return base::Error{errc::bad_config, proxy.error().message};
    config.proxy = std::move(*proxy);
    return {};
  }
  auto proxy = net::parse_proxy(*url);
  if (!proxy) return config_error(cluster.place("proxy-url"), proxy.error().message);
  config.proxy = std::move(*proxy);
  return {};
}

}  // namespace

base::Result<void> read_cluster(const ConfigNode& cluster, const net::ProxyVariables& variables, ClientConfig& config) {
  const auto server = cluster.text("server");
  if (!server) return server.error();
  if (server->empty()) return config_error(cluster.place("server"), "the URL of the server is missing");
  const auto endpoint = net::parse_endpoint(*server);
  if (!endpoint) return config_error(cluster.place("server"), endpoint.error().message);
  config.server = *endpoint;

  if (auto ok = read_proxy(cluster, variables, config); !ok) return ok;
  if (auto ok = read_pem(cluster, "certificate-authority", config.tls.ca_file, config.tls.ca_data); !ok) return ok;
  const auto name = cluster.text("tls-server-name");
  if (!name) return name.error();
  config.tls.server_name = *name;
  const auto insecure = cluster.flag("insecure-skip-tls-verify");
  if (!insecure) return insecure.error();
  config.tls.insecure = *insecure;
  if (!config.tls.insecure) return {};
  if (!config.tls.ca_file.empty() || !config.tls.ca_data.empty())
    return config_error(cluster.place("insecure-skip-tls-verify"),
                        "the key contradicts certificate-authority; remove one of the two keys");
  config.warnings.push_back("kubeconfig " + cluster.place("insecure-skip-tls-verify").text() +
                            ": the certificate of the server is not verified, so an attacker on the network path can "
                            "read and change all traffic");
  return {};
}

}  // namespace k8s
