// The end of a JSON value that arrives in pieces: the same place for any pieces, and that of a byte-by-byte count.
#include "k8sclient/decode/json_nesting.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/k8sclient/support/json_texts.hpp"

namespace k8s::js {
namespace {

constexpr auto npos = std::string_view::npos;

// Where the value ends, if it arrives in pieces of a size.
std::size_t end_of(std::string_view text, std::size_t piece) {
  Nesting nesting;
  for (std::size_t at = 0; at < text.size(); at += piece)
    if (const auto end = nesting.find_end(text.substr(at, piece)); end != npos) return at + end;
  return npos;
}

// Byte by byte.
std::size_t expected_end(std::string_view text) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\')
      ++at;
    else if (c == '"')
      in_text = !in_text;
    else if (!in_text && (c == '{' || c == '['))
      ++depth;
    else if (!in_text && (c == '}' || c == ']'))
      --depth;
    if (at < text.size() && depth == 0 && !in_text && c != '\\') return at + 1;
  }
  return npos;
}

TEST(JsonNesting, FindsTheEndInAnyPieces) {
  std::mt19937 random(12);
  std::size_t damaged = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text = "[" + test::random_json(random, 5) + "]";
    const auto whole = text.size();
    text += random() % 2 == 0 ? ",{}]}" : std::string(random() % 200, ' ');
    if (round % 2 == 0) {
      test::damage(text, random);
      text[0] = '[';
      ++damaged;
    } else {
      ASSERT_EQ(expected_end(text), whole) << text;
    }
    for (const std::size_t piece : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{130},
                                    1 + random() % 90, text.size()})
      ASSERT_EQ(end_of(text, piece), expected_end(text)) << piece << ": " << text;
  }
  EXPECT_GT(damaged, 500u);
}

// Backslashes and quotes at the border of a block of 64 bytes.
TEST(JsonNesting, EscapesMayLieOnAnyBorder) {
  for (std::size_t before = 0; before < 140; ++before)
    for (std::size_t backslashes = 0; backslashes < 70; ++backslashes) {
      const auto text =
          "[\"" + std::string(before, 'x') + std::string(backslashes, '\\') + "\"]\"]" + std::string(70, ' ') + "\"]";
      for (const std::size_t piece : {text.size(), std::size_t{64}, std::size_t{7}})
        ASSERT_EQ(end_of(text, piece), expected_end(text)) << before << ' ' << backslashes;
    }
}

TEST(JsonNesting, TheNextValueMayFollow) {
  Nesting nesting;
  EXPECT_EQ(nesting.find_end("[1]"), 3u);
  EXPECT_EQ(nesting.find_end("\"]\""), 3u);
  EXPECT_EQ(nesting.find_end("{\"a"), npos);
  EXPECT_EQ(nesting.find_end("}\"}"), 3u);
}

}  // namespace
}  // namespace k8s::js
