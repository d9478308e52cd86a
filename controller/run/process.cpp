#include "controller/run/process.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

namespace knm {
namespace {

// More are useless, and some systems have no limit.
constexpr rlim_t most_descriptors = 65'536;

// Standard streams, the event loop, the two ports, and files that are open briefly.
constexpr std::size_t own_descriptors = 20;

constexpr std::size_t least_http = 2, most_http = 128, least_state = 1, most_state = 32;

}  // namespace

void ignore_harmless_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void forbid_core_files() {
  constexpr rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // The limit alone does not hold for a core_pattern that begins with '|'.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void give_memory_back() {
  // A fixed threshold: the C library would raise it with the first large block that is freed, and keep later ones.
  ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
  // The second thread allocates next to nothing.
  ::mallopt(M_ARENA_MAX, 1);
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const auto wanted = std::min(limit.rlim_max, most_descriptors);
  if (limit.rlim_cur < wanted) {
    auto raised = limit;
    raised.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return std::min(limit.rlim_cur, most_descriptors);
}

DescriptorShares share_descriptors(std::size_t limit, std::size_t apis) {
  const auto kept = own_descriptors + apis;
  const auto left = limit > kept ? limit - kept : 0;
  return {.http = std::clamp(left * 3 / 4, least_http, most_http),
          .state = std::clamp(left / 4, least_state, most_state),
          .enough = left >= least_http + least_state};
}

}  // namespace knm
