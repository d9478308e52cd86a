#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "controller/serve/metrics.hpp"
#include "tests/unit/serve/every_metric.hpp"

namespace knm {
namespace {

// The output of a shell command and its exit status.
std::string output(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1; echo \"exit $?\"").c_str(), "r");
  if (!pipe) return "popen failed";
  std::string text;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), size);
  ::pclose(pipe);
  return text;
}

std::string checked_by_promtool(const std::string& exposition) {
  std::string path = testing::TempDir() + "knm-metrics-XXXXXX";
  ::close(::mkstemp(path.data()));
  std::ofstream(path) << exposition;
  auto result = output("promtool check metrics < " + path);
  std::filesystem::remove(path);
  return result;
}

TEST(Promtool, AcceptsEveryMetric) {
  Metrics metrics({"0.1.0", "clang 19"});
  record_everything(metrics);
  const auto text = metrics.scrape().body;
  EXPECT_EQ(checked_by_promtool(text), "exit 0\n") << text;
}

// Shows that the check above can fail.
TEST(Promtool, RejectsACounterWithoutItsSuffix) {
  const auto found = checked_by_promtool("# HELP bad_counter Bad.\n# TYPE bad_counter counter\nbad_counter 1\n");
  EXPECT_NE(found.find("_total"), std::string::npos) << found;
}

}  // namespace
}  // namespace knm
