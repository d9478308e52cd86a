#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "controller/config/overrides.hpp"

namespace knm {

// What the subcommands do that need more than this folder; each returns an exit code.
struct Commands {
  std::function<int(const RunOptions&)> run;
  std::function<int(const ReportOptions&)> report;
};

// The program behind its main(): reads the command line (without the program's name), does what it says. Results go to
// `out`, complaints to `err`. Returns the exit code; a wrong command line is exit_usage.
int program(const std::vector<std::string>& arguments, const Commands& commands, std::ostream& out, std::ostream& err);

}  // namespace knm
