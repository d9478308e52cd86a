#pragma once

#include "controller/log/log.hpp"

// The components of the program that write log lines.
namespace knm::log {

inline constexpr Logger config_api("config-api");
inline constexpr Logger controller("controller");
inline constexpr Logger events("events");
inline constexpr Logger http("http");
inline constexpr Logger inventory("inventory");
inline constexpr Logger kubernetes("kubernetes");
inline constexpr Logger reconcile("reconcile");

}  // namespace knm::log
