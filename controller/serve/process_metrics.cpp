#include "controller/serve/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace knm {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  MetricFamily result;
  result.name = name;
  result.help = help;
  result.type = type;
  result.metric.push_back(std::move(metric));
  return result;
}

// /proc/self/stat, proc(5): fields counted from 1, in clock ticks and pages.
struct Stat {
  double cpu_ticks = 0;       // 14 + 15
  double threads = 0;         // 20
  double start_ticks = 0;     // 22, since boot
  double virtual_bytes = 0;   // 23
  double resident_pages = 0;  // 24
};

std::optional<Stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto name_end = line.rfind(')');  // the program's name is field 2 and may contain blanks
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 1));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  constexpr std::size_t first = 3;  // the number of fields[0]
  if (fields.size() < 24 - first + 1) return std::nullopt;
  const auto number = [&](std::size_t field) { return std::stod(fields[field - first]); };
  return Stat{number(14) + number(15), number(20), number(22), number(23), number(24)};
}

// The start time of the machine, in seconds since 1970.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = -1;  // without the descriptor of this listing
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  return error ? std::nullopt : std::optional(count);
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> result;
  const auto add = [&](const char* name, const char* help, MetricType type, double value) {
    result.push_back(family(name, help, type, value));
  };
  if (const auto stat = read_stat()) {
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    add("process_cpu_seconds_total", "Total user and system CPU time, in seconds.", MetricType::Counter,
        stat->cpu_ticks / ticks);
    add("process_resident_memory_bytes", "Resident memory size, in bytes.", MetricType::Gauge,
        stat->resident_pages * page);
    add("process_virtual_memory_bytes", "Virtual memory size, in bytes.", MetricType::Gauge, stat->virtual_bytes);
    add("process_threads", "Number of threads of the process.", MetricType::Gauge, stat->threads);
    if (const auto boot = boot_time()) {
      add("process_start_time_seconds", "Start time of the process, in seconds since 1970.", MetricType::Gauge,
          *boot + stat->start_ticks / ticks);
    }
  }
  if (const auto count = open_descriptors()) {
    add("process_open_fds", "Number of open file descriptors.", MetricType::Gauge, *count);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
        static_cast<double>(limit.rlim_cur));
  }
  return result;
}

}  // namespace knm
