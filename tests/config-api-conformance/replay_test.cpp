#include "tests/config-api-conformance/replay.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "tests/config-api-conformance/comparison.hpp"

namespace conformance {
namespace {

using nlohmann::json;

constexpr int kRecordings = 509;

TEST(Replay, TheCoreAnswersAsTheRealServerDid) {
  std::ifstream recordings(RECORDINGS_FILE);
  ASSERT_TRUE(recordings) << "cannot read " << RECORDINGS_FILE;
  standin::ConfigApi api;
  const ReplayResult result =
      replay(recordings, "127.0.0.1:8082", [&](const auto& request) { return api.handle(request); });
  std::cout << "replayed " << result.lines << " recorded requests, " << result.differing << " answered otherwise\n";
  EXPECT_EQ(result.lines, kRecordings);
  EXPECT_EQ(result.differing, 0) << result.first;
}

}  // namespace
}  // namespace conformance
