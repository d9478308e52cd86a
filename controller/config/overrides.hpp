#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "controller/config/settings.hpp"
#include "controller/log/level.hpp"

namespace knm {

// Exit codes of the program.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;            // a valid command failed
inline constexpr int exit_usage = 2;              // the command line or the configuration is wrong
inline constexpr int exit_duplicate_cluster = 3;  // another cluster of the same name uses the config API
inline constexpr int exit_lost_leadership = 4;    // another instance is, or may be, the leader

// The options of `run`.
struct RunOptions {
  std::string config;      // path
  std::string kubeconfig;  // path; empty: $KUBECONFIG, in-cluster, ~/.kube/config, in the order of the client library
  std::string context;     // in the kubeconfig; empty: its current context
  std::optional<ListenAddress> listen_http, listen_state;
  std::optional<log::Level> log_level;
  std::optional<log::Format> log_format;
  bool read_only = false;  // if false, the configuration decides
  bool allow_mass_delete = false;
  bool take_over = false;
  bool core_files = false;  // core files and debuggers are permitted
};

// The configuration file with the overrides of the command line. Errors: those of load_settings().
base::Result<Settings> effective_settings(const RunOptions& options);

// The options of `report`.
struct ReportOptions {
  std::string server = "http://127.0.0.1:9403";  // the listen-state address of a running controller
  bool full = false;                             // no limits for big clusters
  bool json = false;                             // the state as served
  bool colours = true;                           // if the terminal supports them
};

}  // namespace knm
