#include "controller/intent/labels.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "controller/rule.hpp"

namespace knm {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string_view trimmed(std::string_view text) {
  const auto blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

const std::string* first_value(const std::vector<k8s::KeyValue>& map, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    if (const auto* value = k8s::find_value(map, key); value && !trimmed(*value).empty()) return value;
    if (!holds(Rule::label_keys)) break;
  }
  return nullptr;
}

std::string shown(std::string_view text) {
  constexpr std::size_t limit = 80;
  return text.size() <= limit ? std::string(text) : std::string(text.substr(0, limit)) + "…";
}

void add_name(std::string_view raw, std::string_view where, Uses& out) {
  const auto name = trimmed(raw);
  if (name.empty()) return;
  if (is_label_value(name)) {
    out.tiers.emplace_back(name);
  } else {
    if (!holds(Rule::uses_problems)) out.tiers.clear();
    out.problems.push_back("the " + std::string(where) + " names '" + shown(name) +
                           "', which is not a valid label value, so no Service tier can have that name; write the "
                           "value of the tier's label");
  }
}

void add_json_list(std::string_view text, std::string_view where, Uses& out) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) {
    out.problems.push_back("the " + std::string(where) + " starts like a JSON list but is none: '" + shown(text) +
                           "'; write [\"tier-a\", \"tier-b\"], or tier-a,tier-b");
    return;
  }
  for (const auto& item : list) {
    if (item.is_string())
      add_name(item.get_ref<const std::string&>(), where, out);
    else
      // Never written out: how deep it goes is up to whoever may write Pods.
      out.problems.push_back("the " + std::string(where) + " lists something of type " + item.type_name() +
                             " where the name of a tier is wanted; write it in quotes");
  }
}

void add_list(std::string_view text, std::string_view where, Uses& out) {
  text = trimmed(text);
  if (!holds(Rule::uses_lists)) return add_name(text, where, out);
  if (text.starts_with('[')) return add_json_list(text, where, out);
  while (!text.empty()) {
    const auto comma = text.find(',');
    add_name(text.substr(0, comma), where, out);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

TierKey tier_key(std::string_view ns, std::string_view tier) {
  std::string key;
  key.reserve(ns.size() + 1 + tier.size());
  key.append(ns).append("/").append(tier);
  return key;
}

std::string_view ns_of(std::string_view key) { return key.substr(0, key.find('/')); }

std::string_view name_of(std::string_view key) { return key.substr(key.find('/') + 1); }

std::string pod_network_name(std::string_view tier) {
  const bool reserved = tier.starts_with("service-") || tier == "default-virtual-network";
  return (reserved && holds(Rule::reserved_tiers) ? "__pod_" : "") + std::string(tier);
}

bool is_label_value(std::string_view text) {
  if (text.empty() || text.size() > 63 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string pod_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  const auto* value = first_value(meta.labels, keys);
  if (!holds(Rule::pod_tiers)) value = nullptr;
  return value ? *value : std::string(holds(Rule::unlabelled) ? unlabelled_pod_tier : "unlabelled");
}

std::string service_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  const auto* value = first_value(meta.labels, keys);
  if (!holds(Rule::service_tiers)) value = nullptr;
  return value ? *value : std::string(holds(Rule::unlabelled) ? unlabelled_service_tier : "unlabelled");
}

Uses uses(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  Uses out;
  if (const auto* value = first_value(meta.labels, keys)) add_name(*value, "label", out);
  const bool also_annotation = out.tiers.empty() || holds(Rule::uses_add_up);
  if (const auto* value = first_value(meta.annotations, keys); value && also_annotation)
    add_list(*value, "annotation", out);
  std::sort(out.tiers.begin(), out.tiers.end());
  out.tiers.erase(std::unique(out.tiers.begin(), out.tiers.end()), out.tiers.end());
  return out;
}

}  // namespace knm
