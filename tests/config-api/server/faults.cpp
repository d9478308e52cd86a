#include "tests/config-api/server/faults.hpp"

#include <algorithm>
#include <cmath>

namespace standin {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, kFaultCount> kNames = {
    "refuse",      "error-before", "reset-before", "stall-before", "error-after", "reset-after",
    "stall-after", "half-answer",  "event-loss",   "event-double", "event-late"};

constexpr double kEndlessly = 1e12;

std::optional<std::string> read_number(const json& value, double low, double high, double& out) {
  if (!value.is_number() || value.get<double>() < low || value.get<double>() > high) {
    return "expected a number from " + json(low).dump() + (high < kEndlessly ? " to " + json(high).dump() : " up");
  }
  out = value.get<double>();
  return std::nullopt;
}

std::optional<std::string> read_count(const json& value, std::uint64_t& out) {
  if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<std::int64_t>() < 0)) {
    return "expected a count";
  }
  out = value.get<std::uint64_t>();
  return std::nullopt;
}

std::optional<std::string> read_status(const json& value, int low, int high, int& out) {
  double number = 0;
  if (auto error = read_number(value, low, high, number)) return error;
  out = static_cast<int>(number);
  return std::nullopt;
}

std::optional<std::string> read_rule_member(const std::string& name, const json& value, FaultRule& rule) {
  if (name == "probability") return read_number(value, 0, 1, rule.probability);
  if (name == "next") return read_count(value, rule.next);
  if (name == "status") return read_status(value, 300, 599, rule.status);
  if (name == "retry-after") return read_status(value, 0, 3600, rule.retry_after);
  if (!value.is_string()) return "expected text, or there is no such member";
  if (name == "type") {
    rule.type = value.get<std::string>();
    return std::nullopt;
  }
  if (name != "only") return "is not one of probability, next, only, type, status, retry-after";
  rule.only = value.get<std::string>();
  if (rule.only != "all" && rule.only != "writes" && rule.only != "reads") return "expected all, writes or reads";
  return std::nullopt;
}

/// A number is short for {"probability": number}.
std::optional<std::string> read_rule(const json& value, FaultRule& rule) {
  if (value.is_number()) return read_number(value, 0, 1, rule.probability);
  if (!value.is_object()) return "expected a probability or an object";
  for (const auto& [name, member] : value.items()) {
    if (auto error = read_rule_member(name, member, rule)) return name + ": " + *error;
  }
  return std::nullopt;
}

json as_json(const FaultRule& rule) {
  return {{"probability", rule.probability},
          {"next", rule.next},
          {"only", rule.only},
          {"type", rule.type},
          {"status", rule.status},
          {"retry-after", rule.retry_after}};
}

bool may_hit(const FaultRule& rule, const Kind& kind) {
  if (!rule.type.empty() && rule.type != kind.what) return false;
  return rule.only == "all" || (rule.only == "writes") == kind.write;
}

}  // namespace

std::string_view name_of(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

std::array<FaultRule, kFaultCount> Faults::default_rules() {
  std::array<FaultRule, kFaultCount> rules;
  rules[static_cast<std::size_t>(Fault::refuse)].status = 503;
  return rules;
}

std::optional<std::string> Faults::change(const json& settings) {
  if (!settings.is_object()) return "the settings are no JSON object";
  Faults changed = *this;
  for (const auto& [name, value] : settings.items()) {
    if (auto error = changed.change_one(name, value)) return name + ": " + *error;
  }
  *this = changed;
  return std::nullopt;
}

std::optional<std::string> Faults::change_one(const std::string& name, const json& value) {
  if (const auto* found = std::ranges::find(kNames, name); found != kNames.end()) {
    const auto index = static_cast<std::size_t>(found - kNames.begin());
    rules_[index] = default_rules()[index];  // a rule is replaced whole: nothing of an earlier one lingers
    return read_rule(value, rules_[index]);
  }
  if (name == "seed") return read_count(value, random_state_);
  if (name == "latency-ms") return read_number(value, 0, kEndlessly, latency_ms_);
  if (name == "stall-ms") return read_number(value, 0, kEndlessly, stall_ms_);
  if (name.starts_with("slowdown-")) slowed_ = 0;
  if (name == "slowdown-factor") return read_number(value, 1, kEndlessly, slowdown_factor_);
  if (name == "slowdown-max") return read_number(value, 1, kEndlessly, slowdown_max_);
  if (name == "slowdown-every") {
    if (auto error = read_count(value, slowdown_every_)) return error;
    return slowdown_every_ > 0 ? std::nullopt : std::optional<std::string>("expected a count of at least 1");
  }
  if (name == "event-delay-ms") return read_number(value, 0, kEndlessly, event_delay_ms_);
  if (name == "event-late-ms") return read_number(value, 0, kEndlessly, event_late_ms_);
  if (name == "watch-keepalive-ms") return read_number(value, 1, kEndlessly, watch_keepalive_ms_);
  for (const auto& [own_name, setting] : {std::pair("serial", &serial_), std::pair("watch-silent", &watch_silent_),
                                          std::pair("watch-without-lists", &watch_without_lists_)}) {
    if (name != own_name) continue;
    if (!value.is_boolean()) return "expected true or false";
    *setting = value.get<bool>();
    return std::nullopt;
  }
  if (name == "freeze-after-writes") {
    freeze_after_writes_.reset();
    return value.is_null() ? std::nullopt : read_count(value, freeze_after_writes_.emplace());
  }
  return "there is no such setting; see GET /_control/faults";
}

json Faults::settings() const {
  json settings = {{"seed", random_state_},
                   {"latency-ms", latency_ms_},
                   {"stall-ms", stall_ms_},
                   {"slowdown-factor", slowdown_factor_},
                   {"slowdown-every", slowdown_every_},
                   {"slowdown-max", slowdown_max_},
                   {"serial", serial_},
                   {"event-delay-ms", event_delay_ms_},
                   {"event-late-ms", event_late_ms_},
                   {"watch-keepalive-ms", watch_keepalive_ms_},
                   {"watch-silent", watch_silent_},
                   {"watch-without-lists", watch_without_lists_},
                   {"freeze-after-writes", freeze_after_writes_ ? json(*freeze_after_writes_) : json()}};
  for (std::size_t i = 0; i < kFaultCount; ++i) settings[std::string(kNames[i])] = as_json(rules_[i]);
  return settings;
}

void Faults::clear() {
  const auto counters = counters_;
  *this = Faults();
  counters_ = counters;
}

// splitmix64, as for the uuids: one word of state, which settings() shows and "seed" sets.
double Faults::next_random() {
  random_state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = random_state_;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-53;
}

std::optional<Fault> Faults::decide(const Kind& kind) {
  for (std::size_t i = 0; i < kRequestFaultCount; ++i) {
    if (hits(static_cast<Fault>(i), kind)) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

bool Faults::hits(Fault fault, const Kind& kind) {
  const auto index = static_cast<std::size_t>(fault);
  FaultRule& rule = rules_[index];
  if (!may_hit(rule, kind)) return false;
  const bool certain = rule.next > 0;
  if (!certain && (rule.probability == 0 || next_random() >= rule.probability)) return false;
  if (certain) --rule.next;
  ++counters_[index];
  return true;
}

std::vector<std::chrono::microseconds> Faults::decide_event(const std::string& type) {
  const Kind kind{true, type};
  if (hits(Fault::event_loss, kind)) return {};
  const auto usual = std::chrono::microseconds(static_cast<std::int64_t>(event_delay_ms_ * 1000));
  std::vector<std::chrono::microseconds> delays{usual};
  if (hits(Fault::event_double, kind)) delays.push_back(usual);
  if (hits(Fault::event_late, kind))
    delays.back() += std::chrono::microseconds(static_cast<std::int64_t>(event_late_ms_ * 1000));
  return delays;
}

std::chrono::microseconds Faults::watch_keepalive() const {
  return std::chrono::microseconds(static_cast<std::int64_t>(watch_keepalive_ms_ * 1000));
}

double Faults::take_latency() {
  const double latency = latency_now_ms();
  ++slowed_;
  return latency;
}

double Faults::latency_now_ms() const {
  const double times = std::pow(slowdown_factor_, static_cast<double>(slowed_ / slowdown_every_));
  return latency_ms_ * std::min(times, slowdown_max_);
}

void Faults::count_write() {
  if (freeze_after_writes_ && *freeze_after_writes_ > 0) --*freeze_after_writes_;
}

json Faults::counters() const {
  json counters = json::object();
  for (std::size_t i = 0; i < kFaultCount; ++i) counters[std::string(kNames[i])] = counters_[i];
  return counters;
}

}  // namespace standin
