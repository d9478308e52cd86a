#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view key;
  std::string value;
};

// Receives the library's messages; empty: they are dropped. Called on the thread of the io_context. Messages contain no
// secrets.
using Log = std::function<void(LogLevel level, std::string_view message, const std::vector<LogField>& fields)>;

inline void write_log(const Log& log, LogLevel level, std::string_view message,
                      const std::vector<LogField>& fields = {}) {
  if (log) log(level, message, fields);
}

}  // namespace base
