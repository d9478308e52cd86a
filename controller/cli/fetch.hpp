#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"

namespace knm {

// The body of `server` + `path` by HTTP GET; blocks for at most `time`. `server`: http://host:port, an IPv6 address in
// brackets. Error: the URL, the reason and the way out; any status other than 200 is an error too.
base::Result<std::string> fetch(const std::string& server, const std::string& path, std::chrono::milliseconds time);

}  // namespace knm
