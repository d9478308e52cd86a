#pragma once

#include <string>
#include <string_view>

#include "controller/engine/problem_book.hpp"
#include "k8sclient/api/event.hpp"

namespace knm {

// What an Event of ours says, and of which object.
struct Notice {
  Subject subject;
  std::string uid;
  bool warning = true;
  std::string reason;
  std::string note;  // fits an Event
  friend bool operator==(const Notice&, const Notice&) = default;
};

Notice notice_of(const Subject& subject, std::string_view uid, const Problem& problem);

// The name of the Event object: it follows from what is said, so that whoever says it again, be it after a restart,
// finds the former Event instead of adding to it. A DNS subdomain that starts with the object's name.
std::string event_name(const Notice& notice);

// The Event in full. `instance` says which of several controllers speaks.
k8s::Event event_of(const Notice& notice, std::string_view instance, k8s::WallTime time);

}  // namespace knm
