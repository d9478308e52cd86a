#pragma once

#include <optional>

#include "controller/engine/engine.hpp"
#include "controller/events/notice.hpp"

namespace knm {

// The Normal notice that a report of the engine is worth; nullopt for most. These are the moments that people look for:
// a Pod has its network for the first time, a public address of a Service is set up.
std::optional<Notice> moment_of(const Report& report, const Engine& engine);

}  // namespace knm
