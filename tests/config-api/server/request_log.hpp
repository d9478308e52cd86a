#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/server/faults.hpp"

namespace standin {

/// One JSON line a request: {"sequence", "ms", "method", "target", "body", "status", "fault"}, in the order in which
/// they ended. A line is in the file before its answer is sent.
class RequestLog {
 public:
  /// Appends to the file. @throws std::runtime_error when it cannot be opened
  explicit RequestLog(const std::string& path);

  /// @param status 0: there was no answer
  void write(const Request& request, int status, std::optional<Fault> fault);

 private:
  std::ofstream file_;
  std::uint64_t sequence_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace standin
