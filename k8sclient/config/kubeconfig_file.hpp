#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace k8s {

// The place of a node: "/path/config:12, key clusters[0].cluster.server".
struct ConfigPlace {
  std::string file;
  int line = 0;     // the first is 1; 0: unknown
  std::string key;  // the whole path of the node
  std::string text() const;
};

// A mapping of a kubeconfig file, with its place. Parsed as kubectl does: with merge keys (`<<`), the booleans of YAML
// 1.1, and `!!binary`. Lookups return the value, or an Error with the place.
class ConfigNode {
 public:
  ConfigNode() = default;
  ConfigNode(YAML::Node node, std::string file, std::string key);

  bool empty() const;  // absent, null or without members
  bool has(const std::string& key) const;
  bool says_something(const std::string& key) const;  // it exists, and is not an empty text, list or mapping

  base::Result<std::string> text(const std::string& key) const;  // empty: absent
  base::Result<bool> flag(const std::string& key) const;         // false: absent
  // A path, relative ones to the folder of the file; empty: absent.
  base::Result<std::string> path(const std::string& key) const;
  base::Result<std::vector<std::string>> texts(const std::string& key) const;  // a list of them; empty: absent
  base::Result<std::string> json(const std::string& key) const;                // any value, as JSON; empty: absent
  std::vector<std::string> keys() const;                                       // of this mapping, merged ones included
  base::Result<ConfigNode> mapping(const std::string& key) const;
  base::Result<std::vector<ConfigNode>> list(const std::string& key) const;

  ConfigPlace place(const std::string& key = "") const;  // of a member, or of the node itself
  const std::string& file() const { return file_; }

 private:
  YAML::Node member(const std::string& key) const;

  YAML::Node node_;
  std::string file_;
  std::string key_;
};

// An errc::bad_config error for that place.
base::Error config_error(const ConfigPlace& place, const std::string& why);

// An errc::unsupported error for a key that would be ignored otherwise.
base::Error not_supported(const ConfigPlace& place, const std::string& remedy);

// `path` if it is absolute or empty, otherwise relative to the folder of `file`.
std::string beside(const std::string& file, const std::string& path);

// Reads and parses a file; the top level must be a mapping, or empty.
base::Result<ConfigNode> parse_config_file(const std::string& path);

}  // namespace k8s
