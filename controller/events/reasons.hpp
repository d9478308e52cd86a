#pragma once

#include <span>
#include <string>
#include <string_view>

namespace knm {

// A word that an Event of ours gives as its reason. People search for it and alerts are built on it: it is a format,
// and is never renamed.
struct Reason {
  std::string_view name;     // CamelCase
  bool warning;              // of type Warning, a Problem; else Normal
  std::string_view on;       // the kinds of objects that it is said of
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // one sentence; of Normal ones: what to do with the news, or empty
};

// All that there are, sorted by name. Whoever sets a Problem with a new reason adds its row in reasons.cpp and writes
// the page anew: `KNM_UPDATE_GOLDEN=1 build/dev/tests/unit_events --gtest_filter='Reasons.*'`. Tests find a reason in
// the sources that has no row, and a row that the page has not.
std::span<const Reason> reasons();

// Null where there is no such reason.
const Reason* find_reason(std::string_view name);

// docs/events.md, from the table.
std::string reasons_page();

}  // namespace knm
