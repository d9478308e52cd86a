#pragma once

#include <cstddef>

namespace knm {

// Signals that would end the program for no good reason do nothing: SIGPIPE (the reader has left) and SIGXFSZ (a
// file is full).
void ignore_harmless_signals();

// Memory that a big rendering or list has taken goes back to the system when it is done with.
void give_memory_back();

// Raises how many descriptors may be open as far as the system allows, and says how many those are.
std::size_t raise_descriptor_limit();

// How the descriptors are shared out.
struct DescriptorShares {
  std::size_t http = 0;   // connections to the port of probes and metrics
  std::size_t state = 0;  // to that of the state
  bool enough = true;     // whether the APIs have all that they may need besides
};
// `apis`: connections that both APIs may need. These come first, and some descriptors for files.
DescriptorShares share_descriptors(std::size_t limit, std::size_t apis);

}  // namespace knm
