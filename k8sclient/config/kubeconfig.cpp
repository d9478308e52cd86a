#include "k8sclient/config/kubeconfig.hpp"

#include <filesystem>
#include <optional>
#include <sstream>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/base64.hpp"
#include "k8sclient/config/kubeconfig_file.hpp"

namespace k8s {
namespace {

std::string in_quotes(const std::string& text) { return "'" + text + "'"; }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + in_quotes(name);
  return out.empty() ? "none" : out;
}

std::string resolve(const ConfigNode& node, const std::string& path) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(node.file()).parent_path() / path).string();
}

// The parsed files, in the order of their precedence.
base::Result<std::vector<ConfigNode>> parse_all(const std::vector<std::string>& paths) {
  std::vector<ConfigNode> files;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (paths.size() > 1 && !std::filesystem::exists(path, ignored)) continue;
    auto file = parse_config_file(path);
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  if (files.empty())
    return base::Error{errc::bad_config,
                       "no kubeconfig: none of " + joined(paths) + " exists; use --kubeconfig or set KUBECONFIG"};
  return files;
}

// The entry of that name in a list such as `contexts`, and its mapping such as `context`.
struct Entry {
  ConfigNode node;
  bool found = false;
  std::vector<std::string> names;  // all names in the list
};

base::Result<Entry> find_entry(const std::vector<ConfigNode>& files, const std::string& list, const std::string& member,
                               const std::string& name) {
  Entry entry;
  for (const auto& file : files) {
    const auto all = file.list(list);
    if (!all) return all.error();
    for (const auto& one : *all) {
      const auto its_name = one.text("name");
      if (!its_name) return its_name.error();
      entry.names.push_back(*its_name);
      if (entry.found || *its_name != name) continue;
      auto content = one.mapping(member);
      if (!content) return content.error();
      entry.node = std::move(*content);
      entry.found = true;
    }
  }
  return entry;
}

base::Result<std::string> current_context(const std::vector<ConfigNode>& files) {
  for (const auto& file : files) {
    auto name = file.text("current-context");
    if (!name || !name->empty()) return name;
  }
  return std::string();
}

// Refuses settings that would be silently ignored otherwise. Empty ones (which `kubectl config set` leaves) do not
// count.
base::Result<void> refuse(const ConfigNode& node, const std::string& key, const std::string& remedy) {
  if (!node.says_something(key)) return {};
  return base::Error{errc::unsupported,
                     "kubeconfig " + node.place(key).text() + ": the key is not supported; " + remedy};
}

// A file path under `key`, or its content in base64 under `key`-data.
base::Result<void> read_pem(const ConfigNode& node, const std::string& key, std::string& file, std::string& data) {
  const auto path = node.text(key);
  if (!path) return path.error();
  file = resolve(node, *path);
  const auto encoded = node.text(key + "-data");
  if (!encoded) return encoded.error();
  if (encoded->empty()) return {};
  const auto decoded = decode_base64(*encoded);
  if (!decoded || decoded->empty())
    return config_error(node.place(key + "-data"), "the value is not base64; encode the PEM file with `base64 -w0`");
  data = *decoded;
  return {};
}

base::Result<void> read_cluster(const ConfigNode& cluster, ClientConfig& config) {
  const auto server = cluster.text("server");
  if (!server) return server.error();
  if (server->empty()) return config_error(cluster.place("server"), "the URL of the server is missing");
  const auto endpoint = net::parse_endpoint(*server);
  if (!endpoint) return config_error(cluster.place("server"), endpoint.error().message);
  config.server = *endpoint;

  if (auto ok = refuse(cluster, "proxy-url", "connect without a proxy"); !ok) return ok;
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

base::Result<void> read_user(const ConfigNode& user, ClientConfig& config) {
  for (const char* key : {"exec", "auth-provider"})
    if (auto ok = refuse(user, key,
                         "credential plugins are not run; use a token, a tokenFile or a client certificate (a "
                         "ServiceAccount has a token)");
        !ok)
      return ok;
  for (const char* key : {"username", "password"})
    if (auto ok = refuse(user, key, "Kubernetes no longer has basic authentication; use a token or a certificate"); !ok)
      return ok;
  for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"})
    if (auto ok = refuse(user, key, "choose a user that needs no impersonation"); !ok) return ok;

  const auto token = user.text("token");
  if (!token) return token.error();
  if (token->find_first_of(" \t\r\n") != std::string::npos)
    return config_error(user.place("token"), "a token must not have white space");
  config.token = *token;
  const auto token_file = user.text("tokenFile");
  if (!token_file) return token_file.error();
  config.token_file = resolve(user, *token_file);
  if (auto ok = read_pem(user, "client-certificate", config.tls.cert_file, config.tls.cert_data); !ok) return ok;
  return read_pem(user, "client-key", config.tls.key_file, config.tls.key_data);
}

base::Result<ConfigNode> chosen_context(const std::vector<ConfigNode>& files, const std::string& wanted,
                                        std::string& name) {
  name = wanted;
  if (name.empty()) {
    const auto current = current_context(files);
    if (!current) return current.error();
    name = *current;
  }
  const auto entry = find_entry(files, "contexts", "context", name);
  if (!entry) return entry.error();
  if (entry->found) return entry->node;
  const std::string there = "the contexts are: " + joined(entry->names);
  if (name.empty()) return config_error(files.front().place("current-context"), "no context is selected; " + there);
  return config_error(files.front().place(wanted.empty() ? "current-context" : "contexts"),
                      "unknown context " + in_quotes(name) + "; " + there);
}

// The cluster or user of a context.
base::Result<ConfigNode> referred(const std::vector<ConfigNode>& files, const ConfigNode& context,
                                  const std::string& member) {
  const auto name = context.text(member);
  if (!name) return name.error();
  const auto entry = find_entry(files, member + "s", member, *name);
  if (!entry) return entry.error();
  if (entry->found) return entry->node;
  return config_error(context.place(member), "unknown " + member + " " + in_quotes(*name) + "; the known " + member +
                                                 "s are: " + joined(entry->names));
}

base::Result<ClientConfig> load(const std::vector<std::string>& paths, const std::string& wanted) {
  const auto files = parse_all(paths);
  if (!files) return files.error();
  std::string name;
  const auto context = chosen_context(*files, wanted, name);
  if (!context) return context.error();
  const auto cluster = referred(*files, *context, "cluster");
  if (!cluster) return cluster.error();

  ClientConfig config;
  config.source = "context " + in_quotes(name) + " of " + context->file();
  if (auto ok = read_cluster(*cluster, config); !ok) return ok.error();
  // A context without a user is anonymous.
  if (context->says_something("user")) {
    const auto user = referred(*files, *context, "user");
    if (!user) return user.error();
    if (auto ok = read_user(*user, config); !ok) return ok.error();
  }
  const auto ns = context->text("namespace");
  if (!ns) return ns.error();
  config.default_namespace = ns->empty() ? "default" : *ns;
  if (!config.server.tls && !(config.token.empty() && config.token_file.empty()))
    config.warnings.push_back(
        "kubeconfig " + cluster->place("server").text() +
        ": the token is sent over http:// without encryption, so an attacker on the network path can read it");
  return config;
}

}  // namespace

base::Result<ClientConfig> load_kubeconfig(const std::vector<std::string>& paths, const std::string& context) {
  try {
    return load(paths, context);
  } catch (const YAML::Exception& e) {
    return base::Error{errc::bad_config,
                       "kubeconfig " + joined(paths) + ": line " + std::to_string(e.mark.line + 1) + ": " + e.msg};
  }
}

std::vector<std::string> kubeconfig_paths(const std::string& kubeconfig, const std::string& home) {
  std::vector<std::string> paths;
  std::istringstream list(kubeconfig);
  for (std::string path; std::getline(list, path, ':');)
    if (!path.empty()) paths.push_back(path);
  if (paths.empty()) paths.push_back((std::filesystem::path(home) / ".kube" / "config").string());
  return paths;
}

}  // namespace k8s
