#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "controller/config/overrides.hpp"

namespace knm {

// The subcommands that need code outside this folder; each returns an exit code.
struct Commands {
  std::function<int(const RunOptions&)> run;
  std::function<int(const ReportOptions&)> report;
  std::function<int(const RunOptions&)> connect;  // of a configuration that is valid
};

// The program without its main(): parses the command line (without the program's name) and executes it. Results are
// written to `out`, errors to `err`. Returns the exit code; exit_usage: the command line is wrong.
int program(const std::vector<std::string>& arguments, const Commands& commands, std::ostream& out, std::ostream& err);

}  // namespace knm
