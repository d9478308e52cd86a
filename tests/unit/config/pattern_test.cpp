#include "controller/config/pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace knm {
namespace {

TEST(Pattern, MatchesAnywhereInTheText) {
  const auto pattern = Pattern::compile("prod").value();
  EXPECT_TRUE(pattern.matches("my-prod/web"));
  EXPECT_FALSE(pattern.matches("test/web"));
  const auto anchored = Pattern::compile("^prod/web$").value();
  EXPECT_TRUE(anchored.matches("prod/web"));
  EXPECT_FALSE(anchored.matches("prod/web-2"));
}

TEST(Pattern, MayMatchEverythingOrNothing) {
  EXPECT_TRUE(Pattern::everything().matches("a/b"));
  EXPECT_TRUE(Pattern::everything().matches(""));
  EXPECT_FALSE(Pattern().matches("a/b"));
  EXPECT_FALSE(Pattern().matches(""));
}

TEST(Pattern, IsAValue) {
  auto pattern = Pattern::compile("a+").value();
  const auto copy = pattern;
  EXPECT_EQ(copy, pattern);
  pattern = Pattern::compile("b").value();
  EXPECT_NE(copy, pattern);
  EXPECT_TRUE(copy.matches("caat"));
  EXPECT_EQ(copy.text(), "a+");
}

// Backtracking engines would not terminate on these texts, and recursive ones would overflow the stack.
TEST(Pattern, LongTextsAndNestedRepetitionsAreHarmless) {
  const std::string text(100'000, 'a');
  EXPECT_FALSE(Pattern::compile("^(a*)*$b").value().matches(text));
  EXPECT_TRUE(Pattern::compile("(a|aa)+$").value().matches(text));
}

}  // namespace
}  // namespace knm
