#include "k8sclient/api/event.hpp"

#include <array>
#include <ctime>

#include <nlohmann/json.hpp>

#include "base/cut.hpp"
#include "k8sclient/api/object_text.hpp"

namespace k8s {
namespace {

using nlohmann::json;

// Texts of these sizes rarely grow.
constexpr std::size_t usual_event = 1024, usual_patch = 128;

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

// Written without a document in memory: every Pod has an Event, and the form of its body is fixed.
std::string event_body(const Event& event) {
  const auto& object = event.regarding;
  ObjectText body(usual_event);
  body.member("action", event.action).member("apiVersion", "events.k8s.io/v1");
  body.member("eventTime", micro_time(event.time)).member("kind", "Event");
  body.open("metadata").member("name", event.name).member("namespace", event_namespace(object)).close();
  body.member("note", event.note).member("reason", event.reason);
  body.open("regarding").member("apiVersion", object.api_version).member("kind", object.kind);
  body.member("name", object.name);
  if (!object.ns.empty()) body.member("namespace", object.ns);
  if (!object.uid.empty()) body.member("uid", object.uid);
  body.close();
  body.member("reportingController", event.reporting_controller);
  body.member("reportingInstance", event.reporting_instance);
  body.member("type", event.warning ? "Warning" : "Normal");
  return body.take();
}

std::string series_patch(const EventSeries& series) {
  ObjectText body(usual_patch);
  body.open("series").member("count", series.count).member("lastObservedTime", micro_time(series.last_observed));
  return body.close().take();
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
