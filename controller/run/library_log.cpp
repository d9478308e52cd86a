#include "controller/run/library_log.hpp"

#include "controller/log/loggers.hpp"

namespace knm {
namespace {

void log_to(const log::Logger& logger, base::LogLevel level, std::string_view message,
            const std::vector<base::LogField>& fields) {
  std::vector<log::Field> values;
  values.reserve(fields.size());
  for (const auto& field : fields) values.push_back({field.key, log::Value(field.value)});
  const auto to = level == base::LogLevel::debug     ? log::Level::debug
                  : level == base::LogLevel::info    ? log::Level::info
                  : level == base::LogLevel::warning ? log::Level::warning
                                                     : log::Level::error;
  logger.write_fields(to, message, values);
}

}  // namespace

void log_kubernetes(base::LogLevel level, std::string_view message, const std::vector<base::LogField>& fields) {
  log_to(log::kubernetes, level, message, fields);
}

void log_config_api(base::LogLevel level, std::string_view message, const std::vector<base::LogField>& fields) {
  log_to(log::config_api, level, message, fields);
}

}  // namespace knm
