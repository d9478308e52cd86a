#include "k8sclient/config/kubeconfig_file.hpp"

#include <utility>

#include "k8sclient/base/errc.hpp"
#include "k8sclient/base/file.hpp"

namespace k8s {

std::string ConfigPlace::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line);
  if (!key.empty()) out += ", key " + key;
  return out;
}

Error config_error(const ConfigPlace& place, const std::string& why) {
  return {errc::bad_config, "kubeconfig " + place.text() + ": " + why};
}

ConfigNode::ConfigNode(YAML::Node node, std::string file, std::string key)
    : node_(std::move(node)), file_(std::move(file)), key_(std::move(key)) {}

bool ConfigNode::empty() const { return !node_.IsMap() || node_.size() == 0; }

// A const lookup: the other one would add the key.
YAML::Node ConfigNode::member(const std::string& key) const {
  const YAML::Node& node = node_;
  if (!node.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  return node[key];
}

bool ConfigNode::has(const std::string& key) const {
  const YAML::Node node = member(key);
  return node.IsDefined() && !node.IsNull();
}

ConfigPlace ConfigNode::place(const std::string& key) const {
  const YAML::Node node = key.empty() ? node_ : member(key);
  const int line = node.IsDefined() ? node.Mark().line : node_.Mark().line;
  return {file_, line + 1, key_.empty() ? key : key.empty() ? key_ : key_ + "." + key};
}

Result<std::string> ConfigNode::text(const std::string& key) const {
  if (!has(key)) return std::string();
  const YAML::Node node = member(key);
  if (!node.IsScalar()) return config_error(place(key), "this must be a text");
  return node.Scalar();
}

Result<bool> ConfigNode::flag(const std::string& key) const {
  if (!has(key)) return false;
  const YAML::Node node = member(key);
  const std::string value = node.IsScalar() ? node.Scalar() : "";
  if (value != "true" && value != "false") return config_error(place(key), "this must be true or false");
  return value == "true";
}

Result<ConfigNode> ConfigNode::mapping(const std::string& key) const {
  if (!has(key)) return ConfigNode(YAML::Node(YAML::NodeType::Map), file_, place(key).key);
  const YAML::Node node = member(key);
  if (!node.IsMap()) return config_error(place(key), "this must be a mapping of keys to values");
  return ConfigNode(node, file_, place(key).key);
}

Result<std::vector<ConfigNode>> ConfigNode::list(const std::string& key) const {
  std::vector<ConfigNode> entries;
  if (!has(key)) return entries;
  const YAML::Node node = member(key);
  if (!node.IsSequence()) return config_error(place(key), "this must be a list");
  for (std::size_t i = 0; i < node.size(); ++i) {
    ConfigNode entry(node[i], file_, place(key).key + "[" + std::to_string(i) + "]");
    if (!node[i].IsMap()) return config_error(entry.place(), "this must be a mapping of keys to values");
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<ConfigNode> parse_config_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return config_error({path, 0, ""}, text.error().message + "; check the path, or set KUBECONFIG");
  try {
    const YAML::Node top = YAML::Load(*text);
    if (!top.IsMap())
      return config_error({path, 1, ""}, "this is no kubeconfig: it must be a mapping with apiVersion and kind");
    return ConfigNode(top, path, "");
  } catch (const YAML::Exception& e) {
    return config_error({path, e.mark.line + 1, ""}, "this is not YAML: " + e.msg);
  }
}

}  // namespace k8s
