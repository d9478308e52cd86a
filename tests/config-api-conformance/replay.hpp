#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "tests/config-api/config_api.hpp"

namespace conformance {

/// Answers one request.
using Server = std::function<standin::Response(const standin::Request&)>;

struct ReplayResult {
  int lines = 0;      ///< all replayed lines
  int differing = 0;  ///< the lines with a difference
  std::string first;  ///< the first difference, for people; empty: none
};

/// Sends all requests of a recordings file in order and compares the answers. @throws std::runtime_error if a line
/// is not a recording.
ReplayResult replay(std::istream& recordings, const std::string& host, const Server& server);

}  // namespace conformance
