#include "controller/cli/report_command.hpp"

#include <chrono>
#include <ostream>

#include "controller/cli/fetch.hpp"

namespace knm {
namespace {

constexpr std::chrono::seconds patience{30};

}  // namespace

int report_command(const ReportOptions& options, const ReportRenderer& render, std::ostream& out, std::ostream& err) {
  auto report = fetch(options.server, options.full ? "/state?full" : "/state", patience);
  if (report && !options.json) report = render(*report);
  if (!report) {
    err << "kube-network-manager report: " << report.error().message << '\n';
    return exit_failure;
  }
  out << *report;
  if (!report->ends_with('\n')) out << '\n';
  return exit_ok;
}

}  // namespace knm
