// kubeconfig files: a configuration, or an error with a message.
#include "k8sclient/config/kubeconfig.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "tests/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("kubeconfig", 0);
  fuzz::check(file >= 0 && ::ftruncate(file, 0) == 0);
  fuzz::check(::pwrite(file, data, size, 0) == static_cast<ssize_t>(size));
  const auto config = k8s::load_kubeconfig({"/proc/self/fd/" + std::to_string(file)});
  if (!config) fuzz::check(!config.error().message.empty());
  return 0;
}
