#include "controller/config/readers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "controller/config/duration.hpp"
#include "controller/config/listen.hpp"
#include "controller/config/names.hpp"
#include "controller/config/ranges.hpp"
#include "controller/log/names.hpp"

namespace knm {
namespace {

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A decimal number without sign, exponent or hexadecimal form.
std::optional<double> decimal(const std::string& text) {
  if (text.empty() || text.size() > 20 || text.find_first_not_of("0123456789.") != std::string::npos) return {};
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return {};
  return number;
}

std::optional<double> fraction(const std::string& text) {
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    const auto over = whole<unsigned>(text.substr(0, slash));
    const auto under = whole<unsigned>(text.substr(slash + 1));
    if (!over || !under || *under == 0) return {};
    return static_cast<double>(*over) / *under;
  }
  if (text.ends_with('%')) {
    const auto percent = decimal(text.substr(0, text.size() - 1));
    return percent ? std::optional(*percent / 100) : std::nullopt;
  }
  return decimal(text);
}

// Reads the elements of a list by `parse`, which reports errors and then returns nothing.
template <class Entry, class Parse>
void read_list(const Value& value, std::vector<Entry>& field, Empty empty, Parse parse) {
  std::vector<Entry> entries;
  std::set<Entry> seen;
  bool sound = !value.is_mapping();
  for (const auto& item : value.items()) {
    std::optional<Entry> entry = parse(item);
    if (!entry) {
      sound = false;
    } else if (!seen.insert(*entry).second) {
      item.refuse(in_backticks(item.scalar().value_or("")) + " is listed twice; remove one of the two");
      sound = false;
    } else {
      entries.push_back(std::move(*entry));
    }
  }
  if (sound && entries.empty() && empty == Empty::refused) {
    value.refuse("is an empty list; write at least one entry, or remove the key to use its default");
    sound = false;
  }
  if (sound) field = std::move(entries);
}

template <class Number>
void read_bounded(const Value& value, Number& field, Number least, Number most) {
  const auto text = value.scalar();
  if (!text) return;
  const auto number = whole<Number>(*text);
  if (!number || *number < least || *number > most) {
    value.refuse(in_backticks(*text) + " is not a whole number from " + std::to_string(least) + " to " +
                 std::to_string(most) + "; write one");
    return;
  }
  field = *number;
}

std::optional<std::string> checked(const Value& value, Check check) {
  auto text = value.scalar();
  if (!text) return std::nullopt;
  if (auto fault = check(*text)) {
    value.refuse(*fault);
    return std::nullopt;
  }
  return text;
}

// The value that `parse` returns for a text; reports its error.
template <class Parse>
auto parsed(const Value& value, Parse parse) -> std::optional<std::decay_t<decltype(*parse(std::string{}))>> {
  const auto text = value.scalar();
  if (!text) return std::nullopt;
  auto result = parse(*text);
  if (!result) {
    value.refuse(result.error().message);
    return std::nullopt;
  }
  return std::move(*result);
}

}  // namespace

void read_text(const Value& value, std::string& field, Check check, Empty empty) {
  const auto text = value.scalar();
  if (!text) return;
  if (text->empty() && empty == Empty::means_none) {
    field.clear();
    return;
  }
  if (auto fault = check(*text)) return value.refuse(*fault);
  field = *text;
}

void read_bool(const Value& value, bool& field) {
  const auto text = value.scalar();
  if (!text) return;
  if (*text != "true" && *text != "false")
    return value.refuse(in_backticks(*text) + " is not a boolean; write true or false");
  field = *text == "true";
}

void read_number(const Value& value, int& field, int least, int most) { read_bounded(value, field, least, most); }

void read_port(const Value& value, std::uint16_t& field) { read_bounded<std::uint16_t>(value, field, 1, 65535); }

void read_fraction(const Value& value, double& field) {
  const auto text = value.scalar();
  if (!text) return;
  const auto part = fraction(*text);
  if (!part || *part > 1)
    return value.refuse(in_backticks(*text) + " is not a fraction from 0 to 1; write 1/3, 0.33 or 33%");
  field = *part;
}

void read_duration(const Value& value, std::chrono::milliseconds& field, std::chrono::milliseconds least,
                   std::chrono::milliseconds most) {
  const auto text = value.scalar();
  if (!text) return;
  const auto duration = parse_duration(*text);
  if (!duration) {
    const bool number = whole<std::uint32_t>(*text).has_value();
    return value.refuse(
        in_backticks(*text) +
        (number ? " has no unit; write " + *text + "s for seconds, or " : " is not a duration; write ") +
        (number ? *text + "ms for milliseconds" : "a number and a unit such as 500ms, 10s, 1m or 1h"));
  }
  if (*duration < least || *duration > most) {
    return value.refuse(in_backticks(*text) + " is out of range; write a duration from " + duration_text(least) +
                        " to " + duration_text(most));
  }
  field = *duration;
}

void read_texts(const Value& value, std::vector<std::string>& field, Check check, Empty empty) {
  read_list(value, field, empty, [check](const Value& item) { return checked(item, check); });
}

void read_ranges(const Value& value, std::vector<contrail::Cidr>& field, int spare, Empty empty) {
  read_list(value, field, empty, [spare](const Value& item) -> std::optional<contrail::Cidr> {
    const auto range = parsed(item, [](const std::string& text) { return parse_range(text); });
    if (!range) return std::nullopt;
    if (range->size() <= static_cast<std::uint64_t>(spare)) {
      item.refuse(range->text() + " has " + std::to_string(range->size()) + " addresses, but " + std::to_string(spare) +
                  " addresses of a range are never assigned; write a larger range");
      return std::nullopt;
    }
    item.reading().ranges.push_back({*range, item.key(), item.place()});
    return range;
  });
}

void read_cluster_services(const Value& value, std::vector<ClusterService>& field) {
  read_list(value, field, Empty::means_none, [](const Value& item) -> std::optional<ClusterService> {
    const auto text = item.scalar();
    if (!text) return std::nullopt;
    const auto slash = text->find('/');
    if (slash == std::string::npos) {
      item.refuse(in_backticks(*text) + " has no namespace; write namespace/tier, such as kube-system/default");
      return std::nullopt;
    }
    ClusterService service{text->substr(0, slash), text->substr(slash + 1)};
    auto fault = fault_of_dns_label(service.namespace_name);
    const std::string part = fault ? "the namespace " : "the tier ";
    if (!fault) fault = fault_of_label_value(service.tier);
    if (!fault) return service;
    item.refuse(part + *fault);
    return std::nullopt;
  });
}

void read_external_services(const Value& value, std::map<std::string, ExternalService>& field) {
  std::map<std::string, ExternalService> services;
  for (const auto& [tier, member] : value.members()) {
    if (auto fault = fault_of_label_value(tier)) {
      member.refuse("the tier " + *fault);
      continue;
    }
    ExternalService service;
    if (!member.is_mapping()) {  // the short form: only the network
      read_text(member, service.network, fault_of_network_name);
      services.emplace(tier, std::move(service));
      continue;
    }
    bool has_network = false;
    for (const auto& [name, part] : member.members()) {
      if (name == "network") {
        has_network = true;
        read_text(part, service.network, fault_of_network_name);
      } else if (name == "namespaces") {
        read_texts(part, service.namespaces, fault_of_dns_label, Empty::refused);
      } else {
        part.refuse("is not a known key; write network, and namespaces to limit the access");
      }
    }
    if (!has_network) member.refuse("has no network; write network: domain:project:network");
    services.emplace(tier, std::move(service));
  }
  field = std::move(services);
}

void read_pattern(const Value& value, Pattern& field, Empty empty) {
  const auto text = value.scalar();
  if (!text) return;
  if (text->empty()) {
    if (empty == Empty::refused) return value.refuse("is empty; write .* to match every network, or remove the key");
    field = Pattern();
    return;
  }
  auto pattern = Pattern::compile(*text);
  if (pattern) {
    field = *pattern;
    return;
  }
  const bool glob = text->front() == '*' || text->front() == '?';
  value.refuse(in_backticks(*text) + " is not a regular expression: " + pattern.error().message +
               (glob ? "; write .* to match any text, not *" : "; the syntax is that of RE2 and Go"));
}

void read_listen_address(const Value& value, ListenAddress& field) {
  if (const auto address = parsed(value, [](const std::string& text) { return parse_listen_address(text); })) {
    field = *address;
  }
}

void read_level(const Value& value, log::Level& field) {
  const auto text = value.scalar();
  if (!text) return;
  const auto level = log::level_named(*text);
  if (!level) return value.refuse(in_backticks(*text) + " is not a level; write " + std::string(log::level_names));
  field = *level;
}

void read_format(const Value& value, log::Format& field) {
  const auto text = value.scalar();
  if (!text) return;
  const auto format = log::format_named(*text);
  if (!format) return value.refuse(in_backticks(*text) + " is not a format; write text or json");
  field = *format;
}

}  // namespace knm
