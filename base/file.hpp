#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace base {

// Enough for a kubeconfig, a token or a bundle of certificates.
inline constexpr std::size_t max_file_bytes = 4 * 1024 * 1024;

// The whole content of a small regular file: not of a device, pipe or directory, which may be endless or block. The
// error's message is only the reason ("No such file or directory"): the caller adds the file and its purpose.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = max_file_bytes);

}  // namespace base
