#pragma once

#include <string>

namespace knm {

// The reference page of all keys in Markdown, docs/configuration.md; printed by `kube-network-manager config
// reference`.
std::string config_reference();

}  // namespace knm
