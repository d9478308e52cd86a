#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// Parses a configuration in YAML. Absent keys have their defaults, also in an empty text. Error: ConfigErrc::invalid,
// with all errors in its message, one in a line: `file:line:column: key: what is wrong; what would be right`. A YAML
// syntax error is reported alone.
base::Result<Settings> parse_settings(std::string_view yaml, std::string_view file_name);

// The same from a file of at most a megabyte. Further errors: ConfigErrc::unreadable.
base::Result<Settings> load_settings(const std::string& path);

}  // namespace knm
