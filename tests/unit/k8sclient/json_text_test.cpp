#include "base/json_text.hpp"

#include <gtest/gtest.h>

#include <random>

#include "k8sclient/api/dump.hpp"

namespace base {
namespace {

std::string string_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonText, EscapesWhatJsonRequires) {
  EXPECT_EQ(string_of(""), R"("")");
  EXPECT_EQ(string_of("a \"b\" \\ /"), R"("a \"b\" \\ /")");
  EXPECT_EQ(string_of("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(string_of(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(string_of("ä€😀"), "\"ä€😀\"");
}

TEST(JsonText, EachBrokenPartBecomesOneReplacement) {
  EXPECT_EQ(string_of("\xff"), "\"�\"");
  EXPECT_EQ(string_of("a\xe2\x82"), "\"a�\"");           // cut short by the end
  EXPECT_EQ(string_of("\xe2\x82z"), "\"�z\"");           // and by another character
  EXPECT_EQ(string_of("\xc0\xaf"), "\"��\"");            // overlong
  EXPECT_EQ(string_of("\xed\xa0\x80"), "\"���\"");       // a surrogate
  EXPECT_EQ(string_of("\xf4\x90\x80\x80"), "\"����\"");  // beyond U+10FFFF
  EXPECT_EQ(string_of("\xf0\x9f\x98\xf0\x9f\x98\x80"), "\"�😀\"");
}

// The JSON library writes the same text.
TEST(JsonText, AnyBytesAreWrittenAsByTheLibrary) {
  constexpr std::string_view likely(
      "az\"\\\n\0\x1f\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc2\xdf\xe0\xe1\xed\xef\xf0\xf1\xf4\xf5", 25);
  std::minstd_rand random;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) text += likely[random() % likely.size()];
    ASSERT_EQ(string_of(text), k8s::dump(text));
  }
}

}  // namespace
}  // namespace base
