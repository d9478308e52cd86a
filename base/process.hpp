#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"

namespace base {

// A program with its arguments, run without a shell and without input.
struct Command {
  std::string program;                     // a path if it has a '/', otherwise looked up in $PATH
  std::vector<std::string> arguments{};    // without the program's own name
  std::vector<std::string> environment{};  // all of it, each as "NAME=value"
  std::size_t max_output = 1024 * 1024;    // bytes of standard output; a program that writes more is killed
  std::size_t max_errors = 4096;           // the last bytes of standard error, which are kept
};

// How a program ended.
struct Finished {
  enum class End : std::uint8_t { exited, signalled, timed_out, too_much_output };
  End end = End::exited;
  int code = 0;        // exited: the exit status; signalled: the signal
  std::string output;  // standard output
  std::string errors;  // the end of standard error
};

// Runs a program until it has ended and closed its output. At the deadline, or when the caller is cancelled, it is
// killed together with the processes that it started (its process group), and reaped. The io_context is not blocked.
// The program gets /dev/null as input, no other descriptors, and default signal handlers. Needs Linux 5.3 (pidfd_open).
// SIGCHLD must not be ignored: the exit status would be lost.
//
// Errors: the program could not be started, with errno's code and text; or the caller was cancelled.
boost::asio::awaitable<Result<Finished>> run_program(boost::asio::any_io_executor executor, Command command,
                                                     std::chrono::steady_clock::time_point deadline);

}  // namespace base
