#include "k8sclient/config/yaml_values.hpp"

#include <cctype>

#include <nlohmann/json.hpp>

namespace k8s {
namespace {

bool is_one_of(const std::string& word, const char* lower) {
  std::string all(lower);  // "yes": also "Yes" and "YES"
  if (word == all) return true;
  std::string capital = all;
  capital[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(capital[0])));
  for (auto& c : all) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word == capital || word == all;
}

// Quoted, or tagged as a text: yaml-cpp tags these with "!".
bool is_text_only(const YAML::Node& node) { return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str"; }

nlohmann::json scalar_as_json(const YAML::Node& node) {
  if (is_text_only(node)) return node.Scalar();
  if (const auto flag = yaml_flag(node)) return *flag;
  if (long long whole = 0; YAML::convert<long long>::decode(node, whole)) return whole;
  if (double number = 0; YAML::convert<double>::decode(node, number)) return number;
  return node.Scalar();
}

// `left`: how many more nodes there may be.
bool convert(const YAML::Node& node, nlohmann::json& out, int depth, int& left) {
  constexpr int deepest = 32;
  if (depth > deepest || --left < 0) return false;
  if (node.IsSequence()) {
    out = nlohmann::json::array();
    for (const auto& one : node) {
      out.emplace_back();
      if (!convert(one, out.back(), depth + 1, left)) return false;
    }
  } else if (node.IsMap()) {
    out = nlohmann::json::object();
    for (const auto& entry : node)
      if (entry.first.IsScalar() && !convert(entry.second, out[entry.first.Scalar()], depth + 1, left)) return false;
  } else if (node.IsScalar()) {
    out = scalar_as_json(node);
  }
  return true;
}

}  // namespace

std::optional<bool> yaml_flag(const YAML::Node& node) {
  const std::string word = node.IsScalar() && !is_text_only(node) ? node.Scalar() : "";
  for (const char* yes : {"true", "yes", "on", "y"})
    if (is_one_of(word, yes)) return true;
  for (const char* no : {"false", "no", "off", "n"})
    if (is_one_of(word, no)) return false;
  return std::nullopt;
}

std::optional<std::string> yaml_as_json(const YAML::Node& node) {
  nlohmann::json out;
  int left = 10'000;
  if (!convert(node, out, 0, left)) return std::nullopt;
  try {
    return out.dump();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace k8s
