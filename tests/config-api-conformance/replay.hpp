#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "tests/config-api/config_api.hpp"

namespace conformance {

/// Answers one request, whatever is behind it.
using Server = std::function<standin::Response(const standin::Request&)>;

struct ReplayResult {
  int lines = 0;      ///< replayed, those that differ included
  int differing = 0;  ///< of them
  std::string first;  ///< the first difference, for people; empty: none
};

/// Sends all requests of a recordings file in order and compares the answers. @throws std::runtime_error where a line
/// is no recording.
ReplayResult replay(std::istream& recordings, const std::string& host, const Server& server);

}  // namespace conformance
