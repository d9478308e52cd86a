#include "k8sclient/api/event.hpp"

#include <array>
#include <ctime>

#include "base/cut.hpp"
#include "k8sclient/api/dump.hpp"

namespace k8s {
namespace {

using nlohmann::json;

}  // namespace

std::string fit_note(std::string text) {
  if (text.size() <= max_note) return text;
  constexpr std::string_view end = "…";
  text.resize(base::cut(text, max_note - end.size()).size());
  return text.append(end);
}

std::string micro_time(WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(micros);
  const std::time_t whole = seconds.count();
  std::tm utc{};
  gmtime_r(&whole, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  auto fraction = std::to_string((micros - seconds).count());
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::string(date.data()) + "." + fraction + "Z";
}

std::string event_body(const Event& event) {
  const auto& object = event.regarding;
  json regarding{{"apiVersion", object.api_version}, {"kind", object.kind}, {"name", object.name}};
  if (!object.ns.empty()) regarding["namespace"] = object.ns;
  if (!object.uid.empty()) regarding["uid"] = object.uid;
  return dump({{"apiVersion", "events.k8s.io/v1"},
               {"kind", "Event"},
               {"metadata", {{"namespace", event_namespace(object)}, {"name", event.name}}},
               {"eventTime", micro_time(event.time)},
               {"reportingController", event.reporting_controller},
               {"reportingInstance", event.reporting_instance},
               {"action", event.action},
               {"reason", event.reason},
               {"note", event.note},
               {"type", event.warning ? "Warning" : "Normal"},
               {"regarding", std::move(regarding)}});
}

std::string series_patch(const EventSeries& series) {
  return dump({{"series", {{"count", series.count}, {"lastObservedTime", micro_time(series.last_observed)}}}});
}

std::uint32_t event_count(std::string_view event) {
  const auto value = json::parse(event, nullptr, false);
  if (!value.is_object() || value.value("kind", json()) != "Event") return 0;
  const auto series = value.find("series");
  if (series == value.end() || !series->is_object()) return 1;
  const auto count = series->value("count", json());
  return count.is_number_unsigned() ? count.get<std::uint32_t>() : 1;
}

}  // namespace k8s
