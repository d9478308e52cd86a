#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "controller/config/overrides.hpp"

namespace knm {

// From the JSON that /state serves to what a person reads.
using ReportRenderer = std::function<base::Result<std::string>(std::string_view state)>;

// `report`: asks a running controller for its state and writes it to `out` as `render` has it, or as it is if JSON is
// wanted. exit_failure where the controller cannot be reached or its answer not be read, with the reason on `err`.
int report_command(const ReportOptions& options, const ReportRenderer& render, std::ostream& out, std::ostream& err);

}  // namespace knm
