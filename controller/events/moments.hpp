#pragma once

#include <optional>

#include "controller/engine/engine.hpp"
#include "controller/events/notice.hpp"

namespace knm {

// The Normal notice for a report of the engine; nullopt for most. Notices are for events that users look for: a Pod has
// its network for the first time, a public address of a Service is set up.
std::optional<Notice> moment_of(const Report& report, const Engine& engine);

}  // namespace knm
