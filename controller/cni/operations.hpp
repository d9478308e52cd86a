#pragma once

#include <string>

#include "controller/cni/core/arguments.hpp"

namespace knm::cni {

// What the container runtime gets (https://www.cni.dev/docs/spec/#section-2-execution-protocol).
struct Answer {
  int exit_code = 0;
  std::string text;  // for the standard output: a result, an error, or nothing
};

// Carries out one call of the plugin: the variables CNI_* and the standard input as they were given.
Answer carry_out(const Environment& environment, const std::string& input);

}  // namespace knm::cni
