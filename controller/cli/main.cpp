#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controller/cli/program.hpp"
#include "controller/cli/report_command.hpp"
#include "controller/run/run.hpp"

namespace {

bool colours_on_stdout() {
  const char* no_colour = std::getenv("NO_COLOR");
  return (!no_colour || *no_colour == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

// The state as it is, indented.
k8s::Result<std::string> indented(std::string_view state, bool) {
  const auto json = nlohmann::json::parse(state, nullptr, false);
  if (json.is_discarded()) {
    return k8s::Error{make_error_code(boost::system::errc::bad_message), "the state that was answered is not JSON"};
  }
  return json.dump(2) + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  const knm::Commands commands{
      .run = knm::run_command,
      .report =
          [](const knm::ReportOptions& options) {
            return knm::report_command(options, indented, colours_on_stdout(), std::cout, std::cerr);
          },
  };
  return knm::program(std::vector<std::string>(argv + 1, argv + argc), commands, std::cout, std::cerr);
}
