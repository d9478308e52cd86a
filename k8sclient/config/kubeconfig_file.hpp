#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace k8s {

// Where a node stands: "/path/config:12, key clusters[0].cluster.server".
struct ConfigPlace {
  std::string file;
  int line = 0;     // 1 is the first; 0: unknown
  std::string key;  // the whole path of it
  std::string text() const;
};

// A mapping of a kubeconfig file that knows where it stands. Read as kubectl reads it: with merge keys (`<<`), the
// booleans of YAML 1.1, and `!!binary`. Lookups return what is there, or an Error with the place.
class ConfigNode {
 public:
  ConfigNode() = default;
  ConfigNode(YAML::Node node, std::string file, std::string key);

  bool empty() const;  // absent, null or without members
  bool has(const std::string& key) const;
  bool says_something(const std::string& key) const;  // it is there, and no empty text, list or mapping

  base::Result<std::string> text(const std::string& key) const;  // empty where absent
  base::Result<bool> flag(const std::string& key) const;         // false where absent
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

// An errc::bad_config at that place.
base::Error config_error(const ConfigPlace& place, const std::string& why);

// Reads and parses a file; the top must be a mapping, or nothing at all.
base::Result<ConfigNode> parse_config_file(const std::string& path);

}  // namespace k8s
