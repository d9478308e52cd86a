#pragma once

#include <span>
#include <string>
#include <string_view>

namespace knm {

// The reason of an Event. Users search for it and alerts depend on it: it is a format, and is never renamed.
struct Reason {
  std::string_view name;     // CamelCase
  bool warning;              // of type Warning, a Problem; else Normal
  std::string_view on;       // the kinds of objects with such Events
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // one sentence; for a Normal one: what to do about it, or empty
};

// All reasons, sorted by name. The reason of a new Problem needs a row in reasons.cpp, and a new page:
// `KNM_UPDATE_GOLDEN=1 build/dev/tests/unit_events --gtest_filter='Reasons.*'`. Tests find a reason in the sources
// without a row, and a row that the page lacks.
std::span<const Reason> reasons();

// Null: there is no such reason.
const Reason* find_reason(std::string_view name);

// The content of docs/events.md.
std::string reasons_page();

}  // namespace knm
