#include "tests/bench/informer/usage.hpp"

#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

namespace knm::bench {

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void tell(nlohmann::json line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) line["peak_kb"] = kilobytes;
    if (word == "VmRSS:" && status >> kilobytes) line["resident_kb"] = kilobytes;
  }
  std::cout << line.dump() << '\n' << std::flush;
}

}  // namespace knm::bench
