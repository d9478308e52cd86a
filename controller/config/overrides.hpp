#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "controller/config/settings.hpp"
#include "controller/log/level.hpp"

namespace knm {

// How the program ends.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;   // it was told rightly and could not do it
inline constexpr int exit_usage = 2;     // the command line or the configuration is wrong
inline constexpr int exit_namesake = 3;  // another cluster of the same name uses the config API

// The command line of `run`.
struct RunOptions {
  std::string config;      // path
  std::string kubeconfig;  // path; empty: $KUBECONFIG, in-cluster, ~/.kube/config, as the client library decides
  std::string context;     // of the kubeconfig; empty: its current one
  std::optional<ListenAddress> listen_http, listen_state;
  std::optional<log::Level> log_level;
  std::optional<log::Format> log_format;
  bool read_only = false;  // where not set, the configuration says it
  bool allow_mass_delete = false;
  bool take_over = false;
};

// The configuration file with what the command line overrides. Errors: those of load_settings().
base::Result<Settings> effective_settings(const RunOptions& options);

// The command line of `report`.
struct ReportOptions {
  std::string server = "http://127.0.0.1:9403";  // of a running `run`: its listen-state
  bool full = false;                             // all of a big cluster
  bool json = false;                             // the state as it is served
  bool colours = true;                           // where the terminal shows them
};

}  // namespace knm
