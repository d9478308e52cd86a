#include "controller/events/reasons.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

namespace knm {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The reasons in the sources, with the file: a Problem begins with its reason, `{"InvalidUses", …`.
std::map<std::string, std::string> reasons_in_the_code() {
  static const std::regex first_of_braces(R"re(\{\s*"([A-Z][a-z]+(?:[A-Z][A-Za-z]*)+)"\s*,)re");
  std::map<std::string, std::string> out;
  for (const auto* folder : {"intent", "bind", "plan", "engine"})
    for (const auto& file : std::filesystem::directory_iterator(KNM_SOURCE_DIR "/controller/" + std::string(folder))) {
      const auto text = text_of(file.path());
      for (std::sregex_iterator at(text.begin(), text.end(), first_of_braces), end; at != end; ++at)
        out.emplace((*at)[1], file.path().filename().string());
    }
  return out;
}

TEST(Reasons, EveryReasonInTheCodeHasARow) {
  const auto used = reasons_in_the_code();
  ASSERT_TRUE(used.contains("AddressInUse"))
      << "the search finds nothing; has the form of a Problem in the sources changed?";
  for (const auto& [reason, file] : used)
    EXPECT_TRUE(find_reason(reason)) << file << " gives the reason " << reason << ", which has no row in reasons.cpp";
}

TEST(Reasons, ThePageInDocsIsUpToDate) {
  const auto* path = KNM_SOURCE_DIR "/docs/events.md";
  if (std::getenv("KNM_UPDATE_GOLDEN")) std::ofstream(path) << reasons_page();
  EXPECT_TRUE(text_of(path) == reasons_page())
      << "docs/events.md is out of date: run "
         "`KNM_UPDATE_GOLDEN=1 build/dev/tests/unit_events --gtest_filter='Reasons.*'`";
}

TEST(Reasons, TheRowsAreInOrderAndComplete) {
  std::string_view before;
  for (const auto& reason : reasons()) {
    EXPECT_LT(before, reason.name) << "not sorted, or a duplicate";
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(reason.name.front()))) << reason.name;
    EXPECT_EQ(reason.name.find_first_of(" -_."), std::string_view::npos) << reason.name;
    EXPECT_FALSE(reason.on.empty()) << reason.name;
    EXPECT_TRUE(reason.meaning.ends_with('.')) << reason.name;
    EXPECT_TRUE(reason.warning ? reason.remedy.ends_with('.') : true) << reason.name << ": the remedy is missing";
    before = reason.name;
  }
}

}  // namespace
}  // namespace knm
