#pragma once

#include <string>

namespace test {

// A file of data/, recorded from a real API server.
std::string recording(const std::string& name);

}  // namespace test
