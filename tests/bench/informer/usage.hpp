#pragma once

#include <nlohmann/json_fwd.hpp>

// What this process has cost so far, for the lines that the programs of the informer benchmark print.
namespace knm::bench {

// CPU time of this process, user and system, in seconds.
double cpu_seconds();

// Prints `line` with `peak_kb` and `resident_kb` added: the memory of the whole process, from /proc/self/status.
void tell(nlohmann::json line);

}  // namespace knm::bench
