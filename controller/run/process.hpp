#pragma once

#include <cstddef>

namespace knm {

// Ignores signals that would end the program without a good reason: SIGPIPE (the reader has disconnected) and SIGXFSZ
// (a file is full).
void ignore_harmless_signals();

// Keeps secrets in memory out of core files, also when the kernel passes them to a program: it makes none of this
// process, nor of programs that it starts unless they raise the limit. As a consequence only root, with CAP_SYS_PTRACE,
// may attach a debugger or read /proc/PID/{environ,fd,mem} of it.
void forbid_core_files();

// Returns free memory to the system, after a large rendering or list.
void give_memory_back();

// Raises the limit of open descriptors as far as the system allows. Returns the limit.
std::size_t raise_descriptor_limit();

// The distribution of the descriptors.
struct DescriptorShares {
  std::size_t http = 0;   // connections to the port for probes and metrics
  std::size_t state = 0;  // connections to the port for the state
  bool enough = true;     // whether the APIs have all that they may need
};
// `apis`: connections that both APIs may need. These have priority, together with some descriptors for files.
DescriptorShares share_descriptors(std::size_t limit, std::size_t apis);

}  // namespace knm
