#pragma once

#include <string>
#include <string_view>

#include "controller/config/settings.hpp"
#include "k8sclient/base/result.hpp"

namespace knm {

// Reads a configuration in YAML. What is not written has its default; an empty text is all defaults.
// Error: ConfigErrc::invalid, its message everything that is wrong, a line each: `file:line:column: key: what is wrong;
// what would be right`. Only what is not YAML at all is reported alone.
k8s::Result<Settings> parse_settings(std::string_view yaml, std::string_view file_name);

// The same from a file of at most a megabyte. Further errors: ConfigErrc::unreadable.
k8s::Result<Settings> load_settings(const std::string& path);

}  // namespace knm
