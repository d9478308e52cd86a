#pragma once

#include <iosfwd>
#include <string>

namespace knm {

// `config validate FILE`: exit_ok, or exit_usage with all errors on `err`.
int config_validate(const std::string& path, std::ostream& out, std::ostream& err);

// `config reference`
int print_config_reference(std::ostream& out);

}  // namespace knm
