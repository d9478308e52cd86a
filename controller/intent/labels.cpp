#include "controller/intent/labels.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/cut.hpp"

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
  }
  return nullptr;
}

std::string shown(std::string_view text) {
  constexpr std::size_t limit = 80;
  return std::string(base::cut(text, limit)) + (text.size() <= limit ? "" : "…");
}

// Takes the names one by one, in the order in which they are written.
class NameReader {
 public:
  explicit NameReader(Uses& out) : out_(out) {}

  // Returns whether a further name would count.
  bool add(std::string_view raw, std::string_view where) {
    const auto name = trimmed(raw);
    if (name.empty() || out_.too_many) return !out_.too_many;
    if (!is_label_value(name)) {
      say([&] {
        return "the " + std::string(where) + " lists '" + shown(name) +
               "', which is not a valid label value and not the name of a service tier; write the label value of the "
               "tier";
      });
      return true;
    }
    const auto place = std::lower_bound(out_.tiers.begin(), out_.tiers.end(), name);
    if (place != out_.tiers.end() && *place == name) return true;
    out_.too_many = out_.tiers.size() == most_uses;
    if (!out_.too_many) out_.tiers.emplace(place, name);
    return !out_.too_many;
  }

  // `problem()` returns one sentence; it is called only for problems that are listed.
  void say(const auto& problem) {
    constexpr std::size_t most_problems = 5;
    if (out_.problems.size() < most_problems)
      out_.problems.push_back(problem());
    else
      ++out_.more_problems;
  }

 private:
  Uses& out_;
};

// Passes on the elements of a JSON list one by one. Stores nothing: the author of the Pod determines its length and
// depth.
class JsonList : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonList(NameReader& names, std::string_view where) : names_(names), where_(where) {}

  bool null() override { return odd("null"); }
  bool boolean(bool) override { return odd("boolean"); }
  bool number_integer(number_integer_t) override { return odd("number"); }
  bool number_unsigned(number_unsigned_t) override { return odd("number"); }
  bool number_float(number_float_t, const string_t&) override { return odd("number"); }
  bool binary(binary_t&) override { return odd("binary"); }
  bool string(string_t& text) override { return depth_ != 1 || names_.add(text, where_); }
  bool start_object(std::size_t) override { return odd("object"), ++depth_, true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return odd("array"), ++depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    broken_ = true;
    return false;
  }

  bool is_broken() const { return broken_; }

 private:
  bool odd(std::string_view type) {
    if (depth_ == 1)
      names_.say([&] {
        return "the " + std::string(where_) + " lists a value of type " + std::string(type) +
               " instead of the name of a tier; write the name in quotes";
      });
    return true;
  }

  NameReader& names_;
  std::string_view where_;
  std::size_t depth_ = 0;
  bool broken_ = false;
};

void add_json_list(std::string_view text, std::string_view where, Uses& out) {
  auto read = out;  // a list with an error counts for nothing
  NameReader names(read);
  JsonList list(names, where);
  nlohmann::json::sax_parse(text, &list);
  if (!list.is_broken()) {
    out = std::move(read);
    return;
  }
  NameReader(out).say([&] {
    return "the " + std::string(where) + " begins like a JSON list but is not a JSON list: '" + shown(text) +
           "'; write [\"tier-a\", \"tier-b\"], or tier-a,tier-b";
  });
}

void add_list(std::string_view text, std::string_view where, Uses& out) {
  NameReader names(out);
  text = trimmed(text);
  if (text.starts_with('[')) return add_json_list(text, where, out);
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (!names.add(text.substr(0, comma), where) || comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool is_label_value(std::string_view text) {
  if (text.empty() || text.size() > 63 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string pod_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  const auto* value = first_value(meta.labels, keys);
  return value ? *value : std::string(unlabelled_pod_tier);
}

std::string service_tier(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  const auto* value = first_value(meta.labels, keys);
  return value ? *value : std::string(unlabelled_service_tier);
}

Uses uses(const k8s::ObjectMeta& meta, const std::vector<std::string>& keys) {
  Uses out;
  if (const auto* value = first_value(meta.labels, keys)) NameReader(out).add(*value, "label");
  if (const auto* value = first_value(meta.annotations, keys)) add_list(*value, "annotation", out);
  return out;
}

}  // namespace knm
