#pragma once

#include "controller/config/settings.hpp"
#include "controller/config/value.hpp"

namespace knm {

// The rules that concern more than one key: ranges do not overlap, a label key has one meaning, pauses grow. Reported
// at the place that comes last in the file.
void check_together(const Settings& settings, Reading& reading);

}  // namespace knm
