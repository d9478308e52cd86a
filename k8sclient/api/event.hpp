#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

// Events to be written (events.k8s.io/v1). The API refuses an Event with an empty field, except the namespace of a
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

  friend auto operator<=>(const Regarding&, const Regarding&) = default;
};

struct Event {
  std::string name;  // a DNS subdomain
  Regarding regarding;
  bool warning = false;              // of type Warning, else Normal
  std::string reason;                // CamelCase, at most 128 bytes
  std::string action;                // CamelCase, at most 128 bytes: the action that was done, or failed
  std::string note;                  // at most max_note bytes
  std::string reporting_controller;  // a qualified name, as in "example.org/controller"
  std::string reporting_instance;    // at most 128 bytes
  WallTime time;                     // when it was first observed

  friend bool operator==(const Event&, const Event&) = default;
};

// A repeated Event is not written again: its series is counted up.
struct EventSeries {
  std::uint32_t count = 2;  // all observations, including the first one: at least 2
  WallTime last_observed;
};

inline constexpr std::size_t max_note = 1024;

// Shortens a text that is too long, with "…" at its end; never cuts a UTF-8 character.
std::string fit_note(std::string text);

// The namespace that an Event is written to: that of its object, or `default`.
inline std::string_view event_namespace(const Regarding& regarding) {
  return regarding.ns.empty() ? std::string_view("default") : std::string_view(regarding.ns);
}

// A time in the format of a MicroTime: "2026-01-02T03:04:05.000006Z".
std::string micro_time(WallTime time);

// The bodies of a create and of a merge patch (RFC 7386), as JSON.
std::string event_body(const Event& event);
std::string series_patch(const EventSeries& series);

// The number of observations in an Event from the server; 0: the text is not an Event.
std::uint32_t event_count(std::string_view event);

}  // namespace k8s
