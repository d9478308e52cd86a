#include "controller/config/reference.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "controller/config/keys.hpp"
#include "controller/config/parse.hpp"

namespace knm {
namespace {

TEST(ConfigReference, ThePageInDocsIsUpToDate) {
  std::ifstream file(KNM_SOURCE_DIR "/docs/configuration.md");
  ASSERT_TRUE(file) << "docs/configuration.md is missing";
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(page == config_reference()) << "docs/configuration.md is out of date: run `bin/kube-network-manager "
                                             "config reference > docs/configuration.md`";
}

TEST(ConfigReference, ItsFirstExampleIsAccepted) {
  const auto page = config_reference();
  const std::string fence = "```yaml\n";
  const auto begin = page.find(fence) + fence.size();
  const auto settings = parse_settings(page.substr(begin, page.find("```", begin) - begin), "docs");
  EXPECT_TRUE(settings.has_value()) << settings.error().message;
}

}  // namespace
}  // namespace knm
