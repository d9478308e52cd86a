#include "k8sclient/client/exec_credential.hpp"

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/rfc3339.hpp"
#include "k8sclient/api/dump.hpp"
#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

using nlohmann::json;

base::Error bad_output(const std::string& why) { return {errc::bad_credentials, "its output cannot be used: " + why}; }

json cluster_info(const ClientConfig& config, const std::string& authority) {
  json cluster{{"server", config.server.url()}};
  if (!config.tls.server_name.empty()) cluster["tls-server-name"] = config.tls.server_name;
  if (config.tls.insecure) cluster["insecure-skip-tls-verify"] = true;
  if (config.proxy) cluster["proxy-url"] = config.proxy->url;
  if (!authority.empty()) cluster["certificate-authority-data"] = base::encode_base64(authority);
  if (!config.plugin->cluster_config.empty())
    cluster["config"] = json::parse(config.plugin->cluster_config, nullptr, false);
  return cluster;
}

// A member that is a text; empty: absent or null.
base::Result<std::string> text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || at->is_null()) return std::string();
  if (!at->is_string()) return bad_output("'" + std::string(key) + "' is not a text");
  return at->get<std::string>();
}

bool has_space(const std::string& text) { return text.find_first_of(" \t\r\n") != std::string::npos; }

}  // namespace

std::string exec_info(const ClientConfig& config, const std::string& authority) {
  json spec{{"interactive", false}};
  if (config.plugin->provide_cluster_info) spec["cluster"] = cluster_info(config, authority);
  return dump({{"apiVersion", config.plugin->api_version}, {"kind", "ExecCredential"}, {"spec", std::move(spec)}});
}

base::Result<ExecCredential> parse_exec_credential(const std::string& output, const std::string& api_version) {
  const json object = json::parse(output, nullptr, false);
  if (!object.is_object()) return bad_output("it is not JSON; the plugin must print an ExecCredential");
  const auto kind = text_of(object, "kind"), version = text_of(object, "apiVersion");
  if (!kind || *kind != "ExecCredential") return bad_output("its 'kind' is not ExecCredential");
  if (!version || *version != api_version)
    return bad_output("its 'apiVersion' is not " + api_version +
                      " as in the kubeconfig; use the version of the plugin");
  const auto status = object.find("status");
  if (status == object.end() || !status->is_object()) return bad_output("'status' is missing");

  ExecCredential credential;
  const std::pair<const char*, std::string*> fields[] = {
      {"token", &credential.token}, {"clientCertificateData", &credential.cert}, {"clientKeyData", &credential.key}};
  for (const auto& [key, into] : fields) {
    auto value = text_of(*status, key);
    if (!value) return value.error();
    *into = std::move(*value);
  }
  if (credential.token.empty() && credential.cert.empty() && credential.key.empty())
    return bad_output("'status' has neither a token nor a certificate");
  if (credential.cert.empty() != credential.key.empty())
    return bad_output("'status' has only one of clientCertificateData and clientKeyData");
  if (has_space(credential.token)) return bad_output("the token has white space");
  const auto expiry = text_of(*status, "expirationTimestamp");
  if (!expiry) return expiry.error();
  if (expiry->empty()) return credential;
  credential.expiry = base::parse_rfc3339(*expiry);
  if (!credential.expiry) return bad_output("'expirationTimestamp' is not in the form 2026-01-31T12:34:56Z");
  return credential;
}

}  // namespace k8s
