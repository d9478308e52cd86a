#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

// Events to be written (events.k8s.io/v1). The API refuses one in which a field is empty, but for the namespace of a
// cluster-scoped object and its uid.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
namespace k8s {

using WallTime = std::chrono::system_clock::time_point;

// The object that an Event is about.
struct Regarding {
  std::string api_version;
  std::string kind;
  std::string ns;  // empty for cluster-scoped objects
  std::string name;
  std::string uid;

  friend bool operator==(const Regarding&, const Regarding&) = default;
};

struct Event {
  std::string name;  // a DNS subdomain
  Regarding regarding;
  bool warning = false;              // of type Warning, else Normal
  std::string reason;                // CamelCase, at most 128 bytes
  std::string action;                // likewise: what was done, or could not be
  std::string note;                  // at most max_note bytes
  std::string reporting_controller;  // a qualified name, as in "example.org/controller"
  std::string reporting_instance;    // at most 128 bytes
  WallTime time;                     // when it was first observed

  friend bool operator==(const Event&, const Event&) = default;
};

// An Event that is observed again is not written again: its series counts on.
struct EventSeries {
  std::uint32_t count = 2;  // observations in all, the first one included: at least 2
  WallTime last_observed;
};

inline constexpr std::size_t max_note = 1024;

// The text, if it is too long with "…" for its end; never cuts through a character of UTF-8.
std::string fit_note(std::string text);

// The namespace that an Event is written to: that of its object, or `default`.
inline std::string_view event_namespace(const Regarding& regarding) {
  return regarding.ns.empty() ? std::string_view("default") : std::string_view(regarding.ns);
}

// As the API writes a MicroTime: "2026-01-02T03:04:05.000006Z".
std::string micro_time(WallTime time);

// The bodies of a create and of a merge patch (RFC 7386), as JSON.
std::string event_body(const Event& event);
std::string series_patch(const EventSeries& series);

// How often the Event, as the server has it, was observed; 0 where the text is none.
std::uint32_t event_count(std::string_view event);

}  // namespace k8s
