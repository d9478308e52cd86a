#include "controller/config/overrides.hpp"

#include "controller/config/parse.hpp"

namespace knm {

base::Result<Settings> effective_settings(const RunOptions& options) {
  auto settings = load_settings(options.config);
  if (!settings) return settings;
  if (options.listen_http) settings->listen_http = *options.listen_http;
  if (options.listen_state) settings->listen_state = *options.listen_state;
  if (options.log_level) settings->log_level = *options.log_level;
  if (options.log_format) settings->log_format = *options.log_format;
  settings->read_only |= options.read_only;
  settings->allow_mass_delete = options.allow_mass_delete;
  settings->take_over = options.take_over;
  return settings;
}

}  // namespace knm
