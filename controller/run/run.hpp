#pragma once

#include "controller/config/overrides.hpp"

namespace knm {

// `kube-network-manager run`: watches the cluster and keeps the config API as it asks for, until SIGINT or SIGTERM.
// Exit codes as documented with the options: 0 after a clean stop, 1 where it cannot run, 2 for a bad configuration,
// 3 where another cluster of the same name uses the config API.
int run_command(const RunOptions& options);

}  // namespace knm
