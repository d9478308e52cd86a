#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "controller/config/settings.hpp"

namespace knm {

// Reads a configuration in YAML. What is not written has its default; an empty text is all defaults.
// Error: ConfigErrc::invalid, its message everything that is wrong, a line each: `file:line:column: key: what is wrong;
// what would be right`. Only what is not YAML at all is reported alone.
base::Result<Settings> parse_settings(std::string_view yaml, std::string_view file_name);

// The same from a file of at most a megabyte. Further errors: ConfigErrc::unreadable.
base::Result<Settings> load_settings(const std::string& path);

}  // namespace knm
