#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace base {

// What a file of ours may have: a kubeconfig, a token, a bundle of certificates.
inline constexpr std::size_t max_file_bytes = 4 * 1024 * 1024;

// The whole content of a small regular file: no device, pipe or directory, which may have no end, or never begin. The
// error's message is the bare reason ("No such file or directory"): the caller knows what the file is for, and says so.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = max_file_bytes);

}  // namespace base
