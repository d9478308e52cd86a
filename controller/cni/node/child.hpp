#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace knm::cni {

// Runs a program to its end, with `input` as its standard input, and returns its standard output. `words` are its name,
// which is looked up in $PATH, and its arguments. The program is killed after `limit`, and by the kernel if this
// process ends. errc::io_failure has the command and what the program wrote to its standard error.
base::Result<std::string> run_program(std::vector<std::string> words, const std::string& input,
                                      std::chrono::milliseconds limit);

}  // namespace knm::cni
