#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/kubeconfig_parts.hpp"

namespace k8s {
namespace {

base::Result<std::string> required(const ConfigNode& node, const std::string& key) {
  auto value = node.text(key);
  if (value && value->empty()) return config_error(node.place(key), "the value is missing");
  return value;
}

base::Result<void> read_api_version(const ConfigNode& exec, ExecPlugin& plugin) {
  const auto version = required(exec, "apiVersion");
  if (!version) return version.error();
  if (*version != "client.authentication.k8s.io/v1" && *version != "client.authentication.k8s.io/v1beta1")
    return base::Error{errc::unsupported, "kubeconfig " + exec.place("apiVersion").text() + ": '" + *version +
                                              "' is not supported; update the plugin, and use "
                                              "client.authentication.k8s.io/v1"};
  plugin.api_version = *version;
  return {};
}

// The plugin never gets a terminal: this is a library for programs that run alone.
base::Result<void> check_interactive_mode(const ConfigNode& exec, const ExecPlugin& plugin) {
  const auto mode = exec.text("interactiveMode");
  if (!mode) return mode.error();
  if (*mode == "Never" || *mode == "IfAvailable") return {};
  if (*mode == "Always")
    return base::Error{errc::unsupported,
                       "kubeconfig " + exec.place("interactiveMode").text() +
                           ": the plugin needs a terminal, and there is none; use a plugin that asks nothing, or the "
                           "token of a ServiceAccount"};
  if (mode->empty() && plugin.api_version == "client.authentication.k8s.io/v1beta1") return {};
  return config_error(exec.place("interactiveMode"), "the value must be Never, IfAvailable or Always");
}

base::Result<void> read_environment(const ConfigNode& exec, ExecPlugin& plugin) {
  const auto variables = exec.list("env");
  if (!variables) return variables.error();
  for (const auto& variable : *variables) {
    const auto name = required(variable, "name");
    if (!name) return name.error();
    if (name->find('=') != std::string::npos)
      return config_error(variable.place("name"), "the name of a variable must not have '='");
    auto value = variable.text("value");
    if (!value) return value.error();
    plugin.env.emplace_back(*name, std::move(*value));
  }
  return {};
}

// The extension of the cluster that is meant for plugins, as JSON.
base::Result<std::string> cluster_config(const ConfigNode& cluster) {
  const auto extensions = cluster.list("extensions");
  if (!extensions) return extensions.error();
  for (const auto& extension : *extensions) {
    const auto name = extension.text("name");
    if (!name) return name.error();
    if (*name == "client.authentication.k8s.io/exec") return extension.json("extension");
  }
  return std::string();
}

base::Result<ExecPlugin> read_exec(const ConfigNode& exec, const ConfigNode& cluster) {
  ExecPlugin plugin;
  if (auto ok = read_api_version(exec, plugin); !ok) return ok.error();
  const auto command = required(exec, "command");
  if (!command) return command.error();
  // A name without a folder is looked up in $PATH.
  plugin.command = command->find('/') == std::string::npos ? *command : beside(exec.file(), *command);
  auto args = exec.texts("args");
  if (!args) return args.error();
  plugin.args = std::move(*args);
  if (auto ok = read_environment(exec, plugin); !ok) return ok.error();
  if (auto ok = check_interactive_mode(exec, plugin); !ok) return ok.error();
  const auto hint = exec.text("installHint");
  if (!hint) return hint.error();
  plugin.install_hint = *hint;
  const auto provide = exec.flag("provideClusterInfo");
  if (!provide) return provide.error();
  plugin.provide_cluster_info = *provide;
  if (!*provide) return plugin;
  auto config = cluster_config(cluster);
  if (!config) return config.error();
  plugin.cluster_config = std::move(*config);
  return plugin;
}

// As client-go: a token or certificate of the user makes the plugin unnecessary.
bool has_credentials(const ClientConfig& config) {
  return !(config.token.empty() && config.token_file.empty() && config.tls.cert_file.empty() &&
           config.tls.cert_data.empty());
}

base::Result<void> refuse_old_methods(const ConfigNode& user) {
  if (user.says_something("auth-provider"))
    return not_supported(user.place("auth-provider"), "use a plugin under `exec`, a token or a client certificate");
  for (const char* key : {"username", "password"})
    if (user.says_something(key))
      return not_supported(user.place(key),
                           "Kubernetes no longer has basic authentication; use a token or a certificate");
  return {};
}

// A line break would end the field of the request.
base::Result<std::string> one_line(const ConfigPlace& place, std::string value) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return config_error(place, "the value must not have line breaks");
  return value;
}

base::Result<void> read_extra(const ConfigNode& user, Impersonation& other) {
  const auto extra = user.mapping("as-user-extra");
  if (!extra) return extra.error();
  for (const auto& key : extra->keys()) {
    auto values = extra->texts(key);
    if (!values) return values.error();
    for (const auto& value : *values)
      if (const auto line = one_line(extra->place(key), value); !line) return line.error();
    other.extra.emplace_back(key, std::move(*values));
  }
  return {};
}

base::Result<void> read_impersonation(const ConfigNode& user, Impersonation& other) {
  for (const auto& [key, into] : {std::pair("as", &other.user), std::pair("as-uid", &other.uid)}) {
    auto value = user.text(key);
    if (value) value = one_line(user.place(key), std::move(*value));
    if (!value) return value.error();
    *into = std::move(*value);
  }
  auto groups = user.texts("as-groups");
  if (!groups) return groups.error();
  for (const auto& group : *groups)
    if (const auto line = one_line(user.place("as-groups"), group); !line) return line.error();
  other.groups = std::move(*groups);
  if (auto ok = read_extra(user, other); !ok) return ok;
  if (!other.user.empty()) return {};
  for (const char* key : {"as-uid", "as-groups", "as-user-extra"})
    if (user.says_something(key))
      return config_error(user.place(key), "the key needs the name of the user to impersonate; set `as`");
  return {};
}

}  // namespace

base::Result<void> read_user(const ConfigNode& user, const ConfigNode& cluster, ClientConfig& config) {
  if (auto ok = refuse_old_methods(user); !ok) return ok;
  if (auto ok = read_impersonation(user, config.impersonation); !ok) return ok;
  const auto token = user.text("token");
  if (!token) return token.error();
  if (token->find_first_of(" \t\r\n") != std::string::npos)
    return config_error(user.place("token"), "a token must not have white space");
  config.token = *token;
  auto token_file = user.path("tokenFile");
  if (!token_file) return token_file.error();
  config.token_file = std::move(*token_file);
  if (auto ok = read_pem(user, "client-certificate", config.tls.cert_file, config.tls.cert_data); !ok) return ok;
  if (auto ok = read_pem(user, "client-key", config.tls.key_file, config.tls.key_data); !ok) return ok;
  if (!user.says_something("exec") || has_credentials(config)) return {};
  const auto exec = user.mapping("exec");
  if (!exec) return exec.error();
  auto plugin = read_exec(*exec, cluster);
  if (!plugin) return plugin.error();
  config.plugin = std::move(*plugin);
  return {};
}

}  // namespace k8s
