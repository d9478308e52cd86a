#include "tests/config-api/core/policy.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/body.hpp"

namespace standin {
namespace {

using nlohmann::json;

/// "any", a name, or an IP protocol number as text.
bool is_protocol(const std::string& text) {
  if (text == "any" || text == "tcp" || text == "udp" || text == "icmp" || text == "icmp6") return true;
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  return std::stoi(text) <= 255;
}

std::optional<Refusal> check_rule(const json& rule) {
  const std::string* protocol = text_of(rule, "protocol");
  if (protocol == nullptr) return Refusal{500, "policy_rule: without protocol"};
  if (!is_protocol(*protocol)) return Refusal{400, "policy_rule: unknown protocol " + *protocol};
  const auto actions = rule.find("action_list");
  if (actions == rule.end() || actions->is_null() || actions->empty()) {
    return Refusal{400, "policy_rule: action_list is required"};
  }
  return std::nullopt;
}

std::string without_identity(json rule) {
  rule.erase("rule_uuid");
  return rule.dump();
}

}  // namespace

std::optional<Refusal> complete_rules(json& entries, UuidGenerator& uuids) {
  if (!entries.is_object()) return std::nullopt;
  const auto rules = entries.find("policy_rule");
  if (rules == entries.end() || !rules->is_array()) return std::nullopt;
  std::set<std::string> seen;
  for (json& rule : *rules) {
    if (!rule.is_object()) return Refusal{400, "policy_rule: an entry that is no object"};
    if (auto refusal = check_rule(rule)) return refusal;
    if (!seen.insert(without_identity(rule)).second) return Refusal{409, "Rule already exists: " + rule.dump()};
    if (text_of(rule, "rule_uuid") == nullptr) rule["rule_uuid"] = to_text(uuids.next());
  }
  return std::nullopt;
}

}  // namespace standin
