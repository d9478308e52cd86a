#pragma once

#include <string>

namespace knm::test {

// The text of golden/<name>; with KNM_UPDATE_GOLDEN set in the environment `actual` is written there first, so that a
// wanted change of the report is one command, and its diff is read before it is committed.
std::string golden(const std::string& name, const std::string& actual);

}  // namespace knm::test
