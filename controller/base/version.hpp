#pragma once

#include <string>
#include <string_view>

namespace knm {

std::string_view version();   // "0.1.0-dev+gabc1234"
std::string_view compiler();  // "clang 19.1.7"

// `kube-network-manager 0.1.0-dev+gabc1234, clang 19.1.7, Boost 1.81.0`
std::string version_line();

}  // namespace knm
