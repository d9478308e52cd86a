#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace k8s {

// Values of a YAML node with the types that sigs.k8s.io/yaml, and so kubectl, gives them.

// A boolean of YAML 1.1: true, yes, on, y and so on, without quotes; nullopt: another value.
std::optional<bool> yaml_flag(const YAML::Node& node);

// The node as JSON; nullopt: not UTF-8, nested too deeply, or too large (anchors can make a short file a large value).
std::optional<std::string> yaml_as_json(const YAML::Node& node);

}  // namespace k8s
