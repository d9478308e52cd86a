#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "controller/config/overrides.hpp"

namespace knm {

// Renders the JSON of /state as text.
using ReportRenderer = std::function<base::Result<std::string>(std::string_view state)>;

// `report`: fetches the state of a running controller and writes it to `out`, rendered by `render` or as JSON.
// exit_failure, with the reason on `err`: the controller is unreachable, or its answer is invalid.
int report_command(const ReportOptions& options, const ReportRenderer& render, std::ostream& out, std::ostream& err);

}  // namespace knm
