#include "controller/cli/config_command.hpp"

#include <ostream>

#include "controller/config/overrides.hpp"
#include "controller/config/parse.hpp"
#include "controller/config/reference.hpp"

namespace knm {

int config_validate(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(path);
  if (!settings) {
    err << settings.error().message << '\n';
    return exit_usage;
  }
  out << path << ": valid\n";
  return exit_ok;
}

int print_config_reference(std::ostream& out) {
  out << config_reference();
  return exit_ok;
}

}  // namespace knm
