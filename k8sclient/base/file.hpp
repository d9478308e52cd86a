#pragma once

#include <string>

#include "k8sclient/base/result.hpp"

namespace k8s {

// The whole content of a small file. The error's message is the bare reason ("No such file or directory"): the caller
// knows what the file is for, and says so.
Result<std::string> read_file(const std::string& path);

}  // namespace k8s
