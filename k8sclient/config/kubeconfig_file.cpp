#include "k8sclient/config/kubeconfig_file.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/base64.hpp"
#include "base/file.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/yaml_values.hpp"

namespace k8s {

std::string ConfigPlace::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line);
  if (!key.empty()) out += ", key " + key;
  return out;
}

base::Error config_error(const ConfigPlace& place, const std::string& why) {
  return {errc::bad_config, "kubeconfig " + place.text() + ": " + why};
}

base::Error not_supported(const ConfigPlace& place, const std::string& remedy) {
  return {errc::unsupported, "kubeconfig " + place.text() + ": the key is not supported; " + remedy};
}

std::string beside(const std::string& file, const std::string& path) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(file).parent_path() / path).string();
}

ConfigNode::ConfigNode(YAML::Node node, std::string file, std::string key)
    : node_(std::move(node)), file_(std::move(file)), key_(std::move(key)) {}

bool ConfigNode::empty() const { return !node_.IsMap() || node_.size() == 0; }

namespace {

// Enough for nested merges; a node that merges itself would never end.
constexpr int deepest_merge = 8;

// A member, or one merged in by `<<`. With the precedence of kubectl: the last of duplicate keys, a member of the
// mapping itself before merged ones, the first of several merged ones.
YAML::Node lookup(const YAML::Node& node, const std::string& key, int depth) {
  YAML::Node found(YAML::NodeType::Undefined), merged(YAML::NodeType::Undefined);
  if (!node.IsMap() || depth > deepest_merge) return found;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) continue;
    if (entry.first.Scalar() == key) found.reset(entry.second);
    if (entry.first.Scalar() == "<<") merged.reset(entry.second);
  }
  if (found.IsDefined() || !merged.IsDefined()) return found;
  if (!merged.IsSequence()) return lookup(merged, key, depth + 1);
  for (const auto& one : merged)
    if (YAML::Node member = lookup(one, key, depth + 1); member.IsDefined()) return member;
  return found;
}

// The keys that lookup() finds.
void collect_keys(const YAML::Node& node, std::vector<std::string>& names, int depth) {
  if (depth > deepest_merge) return;
  if (node.IsSequence())
    for (const auto& one : node) collect_keys(one, names, depth + 1);
  if (!node.IsMap()) return;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) continue;
    const auto& name = entry.first.Scalar();
    if (name == "<<")
      collect_keys(entry.second, names, depth + 1);
    else if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
}

bool is_binary(const YAML::Node& node) { return node.Tag() == "tag:yaml.org,2002:binary"; }

}  // namespace

// Absent members are undefined: a lookup by yaml-cpp would add the key.
YAML::Node ConfigNode::member(const std::string& key) const { return lookup(node_, key, 0); }

bool ConfigNode::has(const std::string& key) const {
  const YAML::Node node = member(key);
  return node.IsDefined() && !node.IsNull();
}

bool ConfigNode::says_something(const std::string& key) const {
  const YAML::Node node = member(key);
  if (!node.IsDefined() || node.IsNull()) return false;
  return node.IsScalar() ? !node.Scalar().empty() : node.size() > 0;
}

ConfigPlace ConfigNode::place(const std::string& key) const {
  const YAML::Node node = key.empty() ? node_ : member(key);
  const int line = node.IsDefined() ? node.Mark().line : node_.Mark().line;
  return {file_, line + 1, key_.empty() ? key : key.empty() ? key_ : key_ + "." + key};
}

base::Result<std::string> ConfigNode::text(const std::string& key) const {
  if (!has(key)) return std::string();
  const YAML::Node node = member(key);
  if (!node.IsScalar()) return config_error(place(key), "the value must be a text");
  if (!is_binary(node)) return node.Scalar();
  auto decoded = base::decode_base64(node.Scalar());
  if (!decoded) return config_error(place(key), "the value has the tag !!binary but is not base64");
  return std::move(*decoded);
}

base::Result<bool> ConfigNode::flag(const std::string& key) const {
  if (!has(key)) return false;
  if (const auto value = yaml_flag(member(key))) return *value;
  return config_error(place(key), "the value must be true or false, without quotes");
}

base::Result<std::string> ConfigNode::path(const std::string& key) const {
  auto value = text(key);
  if (!value) return value;
  return beside(file_, *value);
}

base::Result<std::vector<std::string>> ConfigNode::texts(const std::string& key) const {
  std::vector<std::string> values;
  if (!has(key)) return values;
  const YAML::Node node = member(key);
  if (!node.IsSequence()) return config_error(place(key), "the value must be a list of texts");
  for (const auto& one : node) {
    if (!one.IsScalar()) return config_error(place(key), "the value must be a list of texts");
    values.push_back(one.Scalar());
  }
  return values;
}

base::Result<std::string> ConfigNode::json(const std::string& key) const {
  if (!has(key)) return std::string();
  auto text = yaml_as_json(member(key));
  if (!text) return config_error(place(key), "the value is too large, or not UTF-8");
  return std::move(*text);
}

std::vector<std::string> ConfigNode::keys() const {
  std::vector<std::string> names;
  collect_keys(node_, names, 0);
  return names;
}

base::Result<ConfigNode> ConfigNode::mapping(const std::string& key) const {
  if (!has(key)) return ConfigNode(YAML::Node(YAML::NodeType::Map), file_, place(key).key);
  const YAML::Node node = member(key);
  if (!node.IsMap()) return config_error(place(key), "the value must be a mapping of keys to values");
  return ConfigNode(node, file_, place(key).key);
}

base::Result<std::vector<ConfigNode>> ConfigNode::list(const std::string& key) const {
  std::vector<ConfigNode> entries;
  if (!has(key)) return entries;
  const YAML::Node node = member(key);
  if (!node.IsSequence()) return config_error(place(key), "the value must be a list");
  for (std::size_t i = 0; i < node.size(); ++i) {
    ConfigNode entry(node[i], file_, place(key).key + "[" + std::to_string(i) + "]");
    if (node[i].IsNull()) continue;  // kubectl: one without a name
    if (!node[i].IsMap()) return config_error(entry.place(), "the value must be a mapping of keys to values");
    entries.push_back(std::move(entry));
  }
  return entries;
}

base::Result<ConfigNode> parse_config_file(const std::string& path) {
  const auto text = base::read_file(path);
  if (!text) return config_error({path, 0, ""}, text.error().message + "; check the path, or set KUBECONFIG");
  try {
    const YAML::Node top = YAML::Load(*text);
    if (top.IsNull()) return ConfigNode(YAML::Node(YAML::NodeType::Map), path, "");  // empty, or only comments
    if (!top.IsMap())
      return config_error({path, 1, ""}, "the file is not a kubeconfig; it must be a mapping with apiVersion and kind");
    return ConfigNode(top, path, "");
  } catch (const YAML::Exception& e) {
    return config_error({path, e.mark.line + 1, ""}, "the file is not YAML: " + e.msg);
  }
}

}  // namespace k8s
