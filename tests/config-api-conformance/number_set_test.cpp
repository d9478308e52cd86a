#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/config-api/core/address.hpp"

namespace standin {
namespace {

std::optional<Number128> naive_highest(const std::set<unsigned>& present, unsigned low, unsigned high) {
  for (unsigned number = high + 1; number-- > low;) {
    if (!present.contains(number)) return number;
  }
  return std::nullopt;
}

std::optional<Number128> naive_lowest(const std::set<unsigned>& present, unsigned low, unsigned high) {
  for (unsigned number = low; number <= high; ++number) {
    if (!present.contains(number)) return number;
  }
  return std::nullopt;
}

bool intervals_are_apart(const NumberSet& set) {
  std::optional<Number128> end;
  for (const auto& [first, last] : set.intervals()) {
    if (first > last || (end && first <= *end + 1)) return false;
    end = last;
  }
  return true;
}

TEST(NumberSet, BehavesLikeASetOfNumbers) {
  const bool holds = rc::check("inserts and erases in any order", [] {
    NumberSet intervals;
    std::set<unsigned> numbers;
    const auto steps = *rc::gen::container<std::vector<std::pair<bool, unsigned>>>(
        rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange(0U, 40U)));
    for (const auto& [insert, number] : steps) {
      if (insert) {
        RC_ASSERT(intervals.insert(number) == numbers.insert(number).second);
      } else {
        intervals.erase(number);
        numbers.erase(number);
      }
      RC_ASSERT(intervals_are_apart(intervals));
      RC_ASSERT(intervals.contains(number) == numbers.contains(number));
    }
    const auto low = *rc::gen::inRange(0U, 40U);
    const auto high = *rc::gen::inRange(low, 41U);
    RC_ASSERT(intervals.highest_absent(low, high) == naive_highest(numbers, low, high));
    RC_ASSERT(intervals.lowest_absent(low, high) == naive_lowest(numbers, low, high));
  });
  EXPECT_TRUE(holds);
}

TEST(NumberSet, SupportsTheSmallestAndTheLargestNumber) {
  NumberSet set;
  const Number128 greatest = ~Number128{0};
  EXPECT_TRUE(set.insert(0));
  EXPECT_TRUE(set.insert(greatest));
  EXPECT_FALSE(set.insert(greatest));
  EXPECT_EQ(set.highest_absent(0, greatest), greatest - 1);
  EXPECT_EQ(set.lowest_absent(0, greatest), Number128{1});
}

}  // namespace
}  // namespace standin
