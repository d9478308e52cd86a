#include "tests/config-api-conformance/comparison.hpp"

#include <algorithm>
#include <regex>

namespace conformance {
namespace {

using nlohmann::json;
using Difference = std::optional<std::string>;

const std::regex& variable_pattern() {
  static const std::regex pattern(R"(\$U[0-9]+)");
  return pattern;
}

const std::string kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

std::string quoted_for_regex(const std::string& text) {
  static const std::regex special(R"([.^$|()\[\]{}*+?\\])");
  return std::regex_replace(text, special, R"(\$&)");
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Compares a text with variables: the text around them must be equal, and each must match a uuid.
Difference compare_text(std::string recorded, const std::string& answer, const Rules& rules, Bindings& bindings,
                        const std::string& path) {
  recorded = replace_all(std::move(recorded), "http://HOST", "http://" + rules.host);
  if (recorded == answer) return std::nullopt;
  const Difference difference = path + ": expected " + bindings.fill_in(recorded) + ", got " + answer;
  std::vector<std::string> variables;
  std::string pattern;
  std::string rest = recorded;
  for (std::smatch match; std::regex_search(rest, match, variable_pattern()); rest = match.suffix()) {
    pattern += quoted_for_regex(match.prefix()) + "(" + kUuid + ")";
    variables.push_back(match.str());
  }
  if (variables.empty()) return difference;
  pattern += quoted_for_regex(rest);
  std::smatch match;
  if (!std::regex_match(answer, match, std::regex(pattern))) return difference;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!bindings.unify(variables[i], match[i + 1].str())) return difference;
  }
  return std::nullopt;
}

bool has_name(const json& list) {
  return !list.empty() && std::ranges::all_of(list, [](const json& element) {
    return element.is_object() &&
           (element.contains("fq_name") || element.contains("to") ||
            // rows of a detailed list: {"virtual-network": {"fq_name": ...}}
            (element.size() == 1 && element.front().is_object() && element.front().contains("fq_name")));
  });
}

Difference compare(const json& recorded, const json& answer, const Rules& rules, Bindings& bindings,
                   const std::string& path);

/// Each recorded element must match an element of the answer, and each of those is used once.
Difference compare_as_set(const json& recorded, const json& answer, const Rules& rules, Bindings& bindings,
                          const std::string& path) {
  std::vector<bool> used(answer.size(), false);
  for (const json& expected : recorded) {
    Difference nearest;
    bool found = false;
    for (std::size_t i = 0; i < answer.size() && !found; ++i) {
      if (used[i]) continue;
      Bindings attempt = bindings;
      Difference difference = compare(expected, answer[i], rules, attempt, path + "[" + std::to_string(i) + "]");
      if (difference) {
        if (!nearest) nearest = difference;
        continue;
      }
      bindings = std::move(attempt);
      used[i] = found = true;
    }
    if (!found)
      return path + ": no element like " + bindings.fill_in(expected.dump()) + (nearest ? "; " + *nearest : "");
  }
  return std::nullopt;
}

Difference compare_lists(const json& recorded, const json& answer, const Rules& rules, Bindings& bindings,
                         const std::string& path) {
  const bool named = has_name(recorded);
  const bool any_of_more = !rules.exact && !named && !recorded.empty() && recorded.front().is_object();
  if (recorded.size() != answer.size() && !any_of_more) {
    return path + ": expected " + std::to_string(recorded.size()) + " elements, got " + std::to_string(answer.size()) +
           ": " + answer.dump();
  }
  if ((named && !rules.ordered) || any_of_more) return compare_as_set(recorded, answer, rules, bindings, path);
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (auto difference = compare(recorded[i], answer[i], rules, bindings, path + "[" + std::to_string(i) + "]")) {
      return difference;
    }
  }
  return std::nullopt;
}

Difference compare_objects(const json& recorded, const json& answer, const Rules& rules, Bindings& bindings,
                           const std::string& path) {
  for (const auto& [name, value] : recorded.items()) {
    if (!answer.contains(name)) return path + "." + name + ": missing";
    if (auto difference = compare(value, answer[name], rules, bindings, path + "." + name)) return difference;
  }
  if (!rules.exact) return std::nullopt;
  for (const auto& [name, value] : answer.items()) {
    if (!recorded.contains(name)) return path + "." + name + ": was not recorded, got " + value.dump();
  }
  return std::nullopt;
}

Difference compare(const json& recorded, const json& answer, const Rules& rules, Bindings& bindings,
                   const std::string& path) {
  if (recorded == "$ANY" || (recorded == "$T" && answer.is_string())) return std::nullopt;
  if (recorded.is_string() && answer.is_string()) {
    return compare_text(recorded.get<std::string>(), answer.get<std::string>(), rules, bindings, path);
  }
  if (recorded.is_array() && answer.is_array()) return compare_lists(recorded, answer, rules, bindings, path);
  if (recorded.is_object() && answer.is_object()) return compare_objects(recorded, answer, rules, bindings, path);
  if (recorded == answer) return std::nullopt;
  return path + ": expected " + bindings.fill_in(recorded.dump()) + ", got " + answer.dump();
}

}  // namespace

std::string Bindings::fill_in(std::string text) const {
  // The longest names first, since $U12 contains $U1.
  std::vector<const std::pair<const std::string, std::string>*> entries;
  for (const auto& entry : values_) entries.push_back(&entry);
  std::ranges::sort(entries, std::ranges::greater(), [](const auto* entry) { return entry->first.size(); });
  for (const auto* entry : entries) text = replace_all(std::move(text), entry->first, entry->second);
  return text;
}

void Bindings::bind(const std::string& variable, const std::string& value) {
  values_[variable] = value;
  taken_.insert(value);
}

const std::string* Bindings::find(const std::string& variable) const {
  const auto found = values_.find(variable);
  return found == values_.end() ? nullptr : &found->second;
}

bool Bindings::unify(const std::string& variable, const std::string& value) {
  if (const std::string* bound = find(variable)) return *bound == value;
  if (taken_.contains(value)) return false;
  bind(variable, value);
  return true;
}

std::optional<std::string> find_difference(const json& recorded, const json& answer, const Rules& rules,
                                           Bindings& bindings) {
  return compare(recorded, answer, rules, bindings, "answer");
}

}  // namespace conformance
