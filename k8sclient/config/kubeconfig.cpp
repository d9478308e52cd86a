#include "k8sclient/config/kubeconfig.hpp"

#include <filesystem>
#include <set>
#include <sstream>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/kubeconfig_file.hpp"
#include "k8sclient/config/kubeconfig_parts.hpp"

namespace k8s {
namespace {

std::string in_quotes(const std::string& text) { return "'" + text + "'"; }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + in_quotes(name);
  return out.empty() ? "none" : out;
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
    std::set<std::string> names;  // of this file
    for (const auto& one : *all) {
      const auto its_name = one.text("name");
      if (!its_name) return its_name.error();
      if (!names.insert(*its_name).second)
        return config_error(one.place("name"),
                            "the name " + in_quotes(*its_name) + " is there twice; remove one of the entries");
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

base::Result<ClientConfig> load(const std::vector<std::string>& paths, const std::string& wanted,
                                const net::ProxyVariables& variables) {
  const auto files = parse_all(paths);
  if (!files) return files.error();
  std::string name;
  const auto context = chosen_context(*files, wanted, name);
  if (!context) return context.error();
  const auto cluster = referred(*files, *context, "cluster");
  if (!cluster) return cluster.error();

  ClientConfig config;
  config.source = "context " + in_quotes(name) + " of " + context->file();
  if (auto ok = read_cluster(*cluster, variables, config); !ok) return ok.error();
  // A context without a user is anonymous.
  if (context->says_something("user")) {
    const auto user = referred(*files, *context, "user");
    if (!user) return user.error();
    if (auto ok = read_user(*user, *cluster, config); !ok) return ok.error();
  }
  const auto ns = context->text("namespace");
  if (!ns) return ns.error();
  config.default_namespace = ns->empty() ? "default" : *ns;
  if (!config.server.tls && !(config.token.empty() && config.token_file.empty() && !config.plugin))
    config.warnings.push_back(
        "kubeconfig " + cluster->place("server").text() +
        ": the token is sent over http:// without encryption, so an attacker on the network path can read it");
  return config;
}

}  // namespace

base::Result<ClientConfig> load_kubeconfig(const std::vector<std::string>& paths, const std::string& context,
                                           const net::ProxyVariables& variables) {
  try {
    return load(paths, context, variables);
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
