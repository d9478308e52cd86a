#pragma once

#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace knm {

// base::Log of the two client libraries: their messages, as lines of this program's loggers.
void log_kubernetes(base::LogLevel level, std::string_view message, const std::vector<base::LogField>& fields);
void log_config_api(base::LogLevel level, std::string_view message, const std::vector<base::LogField>& fields);

}  // namespace knm
