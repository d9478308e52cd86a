#pragma once

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

namespace knm {

// Which keys of the login belong together: a type needs some, and others have no effect with it.
void check_login(const Settings& settings, Reading& reading);

}  // namespace knm
