#pragma once

#include "controller/config/overrides.hpp"

namespace knm {

// `kube-network-manager run`: watches the cluster and keeps the config API in sync, until SIGINT or SIGTERM. Exit codes
// as in the help text: 0 after a clean stop, 1 if it cannot run, 2 for a wrong configuration, 3 if another cluster of
// the same name uses the config API, 4 if the leadership was lost.
int run_command(const RunOptions& options);

}  // namespace knm
