#pragma once

#include <string>

namespace knm::test {

// The text of golden/<name>. With KNM_UPDATE_GOLDEN set in the environment, `actual` is written there first, so that
// one command applies a desired change of the report, and a review sees its diff.
std::string golden(const std::string& name, const std::string& actual);

}  // namespace knm::test
