#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include <nlohmann/json.hpp>

namespace base {
namespace {

TEST(Utf8, OneBrokenByteIsFoundAtAnyPlace) {
  for (std::size_t length = 1; length < 40; ++length)
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\xff';
      EXPECT_FALSE(is_utf8(text)) << length << " " << at;
    }
}

// The JSON library refuses the same texts.
TEST(Utf8, AnyBytesAreJudgedAsByTheLibrary) {
  constexpr std::string_view likely("aaaaaaaaz\x80\x9f\xa0\xbf\xc2\xe0\xed\xf0\xf4", 18);
  std::minstd_rand random;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 24; left > 0; --left)
      text += random() % 4 == 0 ? likely[random() % likely.size()] : 'b';
    if (random() % 2 == 0) text += "\xe2\x82\xac";
    bool accepted = true;
    try {
      static_cast<void>(nlohmann::json(text).dump());
    } catch (const nlohmann::json::type_error&) {
      accepted = false;
    }
    ASSERT_EQ(is_utf8(text), accepted);
  }
}

}  // namespace
}  // namespace base
