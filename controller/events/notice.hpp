#pragma once

#include <string>
#include <string_view>

#include "controller/engine/problem_book.hpp"
#include "k8sclient/api/event.hpp"

namespace knm {

// The content of an Event, and its object.
struct Notice {
  Subject subject;
  std::string uid;
  bool warning = true;
  std::string reason;
  std::string note;  // not too long for an Event
  friend bool operator==(const Notice&, const Notice&) = default;
};

Notice notice_of(const Subject& subject, std::string_view uid, const Problem& problem);

// The name of the Event object: derived from the content, so that a repetition, even after a restart, finds the former
// Event instead of adding one. A DNS subdomain that begins with the object's name.
std::string event_name(const Notice& notice);

// The complete Event. `instance`: the name of this controller among several.
k8s::Event event_of(const Notice& notice, std::string_view instance, k8s::WallTime time);

}  // namespace knm
