#include "controller/cli/report_command.hpp"

#include <chrono>
#include <ostream>

#include "controller/cli/fetch.hpp"

namespace knm {
namespace {

constexpr std::chrono::seconds patience{30};

}  // namespace

int report_command(const ReportOptions& options, const ReportRenderer& render, bool colours, std::ostream& out,
                   std::ostream& err) {
  const auto state = fetch(options.server, "/state", patience);
  const auto report = state ? render(*state, colours) : k8s::Result<std::string>(state.error());
  if (!report) {
    err << "kube-network-manager report: " << report.error().message << '\n';
    return exit_failure;
  }
  out << *report;
  return exit_ok;
}

}  // namespace knm
