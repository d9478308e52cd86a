#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "controller/cli/options.hpp"

namespace knm {

// From the JSON that /state serves to what a person reads. `colours`: whether to use them.
using ReportRenderer = std::function<k8s::Result<std::string>(std::string_view state, bool colours)>;

// `report`: asks a running controller for its state and writes it to `out` as `render` has it. exit_failure where the
// controller cannot be reached or its answer not be read, with the reason on `err`.
int report_command(const ReportOptions& options, const ReportRenderer& render, bool colours, std::ostream& out,
                   std::ostream& err);

}  // namespace knm
