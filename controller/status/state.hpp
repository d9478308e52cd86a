#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "controller/engine/engine.hpp"

// What the controller makes of the cluster and how far it is, as JSON for programs: what GET /state serves and what the
// report is rendered from. docs/state.md describes it member by member.
namespace knm {

// The number of the form: raised when a member changes its meaning or goes, not when one is added.
inline constexpr int state_format = 1;

// How much of a big cluster is listed; whatever is cut has its full count beside it.
struct StateLimits {
  std::size_t namespaces = 200;   // of those with pods or Services; in order of their names
  std::size_t tiers = 200;        // of each kind, in a namespace
  std::size_t pods = 50;          // of a tier, and Pods behind a Service; those without their network first
  std::size_t all_pods = 4000;    // in all; a tier's share of it is at least three
  std::size_t services = 200;     // of a tier
  std::size_t users = 200;        // of a service tier
  std::size_t access = 2000;      // connections in all
  std::size_t networks = 200;     // in the config API
  std::size_t out_of_step = 100;  // entries; conflicts and failures first
  std::size_t problems = 100;     // in users' objects
  static StateLimits none();      // everything
};

// What the engine does not know about where it runs.
struct Surroundings {
  std::string version;           // of this program
  std::string config_api;        // "http://127.0.0.1:8082"
  std::string config_api_error;  // why its inventory could not be read; empty where it was
  // The first lists of Kubernetes are complete.
  bool kubernetes_synced = true;
  // The time that the engine is told; without it no "in how long" is said.
  std::optional<Time> now;
  StateLimits limits;
};

// Before the engine runs, `namespaces`, `access` and `everybody` are empty and only the counts of what Kubernetes has
// shown are told. Made when asked for: costs one pass over the table and the facts (a second for a million entries, and
// some), and changes nothing.
nlohmann::ordered_json state_of(const Engine& engine, const Surroundings& surroundings = {});

}  // namespace knm
