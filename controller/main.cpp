#include <iostream>
#include <string_view>

#include "controller/cli/program.hpp"
#include "controller/cli/report_command.hpp"
#include "controller/cli/terminal.hpp"
#include "controller/run/connect_command.hpp"
#include "controller/run/run.hpp"
#include "controller/status/report.hpp"

namespace {

int report(const knm::ReportOptions& options) {
  const knm::RenderOptions look{.width = knm::width_of_stdout(),
                                .colour = options.colours && knm::colours_on_stdout(),
                                .utf8 = knm::utf8_on_stdout(),
                                .full = options.full};
  const auto render = [&look](std::string_view state) { return knm::render_report(state, look); };
  return knm::report_command(options, render, std::cout, std::cerr);
}

int connect(const knm::RunOptions& options) { return knm::connect_command(options, std::cout, std::cerr); }

}  // namespace

int main(int argc, char** argv) {
  knm::open_closed_streams();
  return knm::program({argv + 1, argv + argc}, {.run = knm::run_command, .report = report, .connect = connect},
                      std::cout, std::cerr);
}
