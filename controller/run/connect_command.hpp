#pragma once

#include <iosfwd>

#include "controller/config/overrides.hpp"

namespace knm {

// `config validate --connect FILE`: tries what `run` would reach, and writes a line about each. The configuration is
// valid. exit_ok, exit_failure (a check failed), or exit_usage: a file that the configuration names cannot be used.
int connect_command(const RunOptions& options, std::ostream& out, std::ostream& err);

}  // namespace knm
