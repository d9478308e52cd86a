#include "base/rfc3339.hpp"

#include <ctime>

namespace base {

std::optional<std::chrono::sys_seconds> parse_rfc3339(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (!rest) return std::nullopt;
  if (*rest == '.')
    for (++rest; *rest >= '0' && *rest <= '9';) ++rest;
  std::tm zone{};
  rest = ::strptime(rest, "%z", &zone);
  if (!rest || *rest) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts) - zone.tm_gmtoff));
}

}  // namespace base
