#pragma once

#include <string>

namespace knm {

// The page of all keys in Markdown: docs/configuration.md. `kube-network-manager config reference` prints it.
std::string config_reference();

}  // namespace knm
