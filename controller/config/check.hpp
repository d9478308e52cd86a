#pragma once

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

namespace knm {

// Rules that concern more than one key: ranges do not overlap, a label key has one meaning, delays grow. Reported at
// the later place in the file.
void check_together(const Settings& settings, Reading& reading);

}  // namespace knm
