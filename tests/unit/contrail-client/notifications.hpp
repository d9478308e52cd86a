#pragma once

#include <string>
#include <vector>

#include "contrail-client/watch/event.hpp"

// The notifications of a real config API server, recorded (tests/config-api-conformance/notifications.jsonl).
namespace contrail::test {

// The types of the recording, in its order, all fields.
std::vector<watch::Subscription> recorded_subscriptions();

// The lines of its stream, without line ends. Empty ones end an event.
const std::vector<std::string>& recorded_lines();
std::string recorded_stream(const std::string& line_end = "\n");

// An event in one line, for comparisons.
std::string text_of(const watch::Event& event);

}  // namespace contrail::test
